// Mails that wait to be sent. Once one is sent its text is wiped, and once it is given up a while later; the
// row stays, for whoever is asked about it.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'
import { queueOver, type QueuedRow } from '../queue.js'

export type StoredMail = QueuedRow & {
  kind: string
  /** Who does not wait behind thousands: the lower, the sooner. */
  rank: number
  accountId: string | null
  sealedMessage: string | null
  sentAt: number | null
  abandonedAt: number | null
  /** What the mail server said to the last try; null where it said nothing, or took the mail. */
  refusal: string | null
}

export type OutboxRepository = ReturnType<typeof createOutboxRepository>

const WAITING = { sentAt: null, abandonedAt: null }

export function createOutboxRepository(db: Knex) {
  const outbox = () => db<StoredMail>('outbox')
  return {
    async insert(mail: StoredMail): Promise<void> {
      await outbox().insert(mail)
    },

    ...queueOver<StoredMail>(db, 'outbox', {
      waiting: WAITING,
      first: ['rank'],
      ends: {
        finished: (sentAt) => ({ sentAt, sealedMessage: null, refusal: null }),
        abandoned: (abandonedAt, refusal) => ({ abandonedAt, refusal }),
      },
    }),

    find: (id: string): Promise<StoredMail | undefined> => outbox().where({ id }).first(),

    /** The newest first; of one account, or of all that went wrong or wait. */
    list: (accountId: string | undefined, limit: number): Promise<StoredMail[]> =>
      outbox()
        .where(
          (some) => void (accountId === undefined ? some.whereNull('sentAt') : some.where({ accountId })),
        )
        .orderBy('createdAt', 'desc')
        .limit(limit),

    /** The newest first. */
    listLatest: (kind: string, limit: number): Promise<StoredMail[]> =>
      outbox().where({ kind }).orderBy('createdAt', 'desc').limit(limit),

    /** To be tried at once, as if it were new. False when it is sent, or its text is gone. */
    async revive(id: string, sealedMessage: string, now: number): Promise<boolean> {
      const revived = {
        sealedMessage,
        tries: 0,
        nextTryAt: now,
        createdAt: now,
        abandonedAt: null,
        refusal: null,
      }
      return (await outbox().where({ id, sentAt: null }).whereNotNull('sealedMessage').update(revived)) === 1
    },

    /** Of mails given up: the row tells enough. */
    async wipeAbandoned(before: number, limit: number): Promise<number> {
      const due = outbox()
        .where('abandonedAt', '<', before)
        .whereNotNull('sealedMessage')
        .select('id')
        .limit(limit)
      return outbox().whereIn('id', due).update({ sealedMessage: null })
    },

    countWaiting: async (): Promise<number> => {
      const [row] = await outbox().where(WAITING).count<{ count: number }[]>({ count: '*' })
      return Number(row?.count ?? 0)
    },

    /** When the mail that has waited longest was written; undefined when none waits. */
    oldestWaitingAt: async (): Promise<number | undefined> =>
      (await outbox().where(WAITING).orderBy('createdAt').first('createdAt'))?.createdAt,

    /** Sent or not. */
    deleteOfAccount: (accountId: string): Promise<number> => outbox().where({ accountId }).delete(),

    deleteFinished: (before: number, limit: number): Promise<number> =>
      deleteSome(
        db,
        () =>
          outbox().where(
            (ended) => void ended.where('sentAt', '<', before).orWhere('abandonedAt', '<', before),
          ),
        ['id'],
        limit,
      ),
  }
}
