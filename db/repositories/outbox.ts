// Mails that wait to be sent. Once sent or given up, the text is wiped and the row stays for a while.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'
import { queueOver, type QueuedRow } from '../queue.js'

export type StoredMail = QueuedRow & {
  kind: string
  accountId: string | null
  sealedMessage: string | null
  sentAt: number | null
  abandonedAt: number | null
}

export type OutboxRepository = ReturnType<typeof createOutboxRepository>

const WAITING = { sentAt: null, abandonedAt: null }

export function createOutboxRepository(db: Knex) {
  const outbox = () => db<StoredMail>('outbox')
  return {
    async insert(mail: StoredMail): Promise<void> {
      await outbox().insert(mail)
    },

    ...queueOver<StoredMail>(db, 'outbox', WAITING, {
      finished: (sentAt) => ({ sentAt, sealedMessage: null }),
      abandoned: (abandonedAt) => ({ abandonedAt, sealedMessage: null }),
    }),

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
