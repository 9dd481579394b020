// Mails that wait to be sent. A claim moves the next try into the future, so that two processes never send
// the same one at once.

import type { Knex } from 'knex'

export type StoredMail = {
  id: string
  kind: string
  sealedMessage: string | null
  tries: number
  createdAt: number
  nextTryAt: number
  sentAt: number | null
  abandonedAt: number | null
}

export type OutboxRepository = ReturnType<typeof createOutboxRepository>

export function createOutboxRepository(db: Knex) {
  const outbox = () => db<StoredMail>('outbox')
  const waiting = () => outbox().whereNull('sentAt').whereNull('abandonedAt')
  return {
    async insert(mail: StoredMail): Promise<void> {
      await outbox().insert(mail)
    },

    listDue: (now: number, limit: number): Promise<StoredMail[]> =>
      waiting().where('nextTryAt', '<=', now).orderBy('nextTryAt').limit(limit),

    async claim(id: string, seenNextTryAt: number, nextTryAt: number): Promise<boolean> {
      return (
        (await waiting()
          .where({ id, nextTryAt: seenNextTryAt })
          .update({ nextTryAt, tries: db.raw('tries + 1') })) === 1
      )
    },

    async postpone(id: string, nextTryAt: number): Promise<void> {
      await waiting().where({ id }).update({ nextTryAt })
    },

    async markSent(id: string, sentAt: number): Promise<void> {
      await outbox().where({ id }).update({ sentAt, sealedMessage: null })
    },

    async abandon(id: string, abandonedAt: number): Promise<void> {
      await outbox().where({ id }).update({ abandonedAt, sealedMessage: null })
    },

    countWaiting: async (): Promise<number> => {
      const [row] = await waiting().count<{ count: number }[]>({ count: '*' })
      return Number(row?.count ?? 0)
    },

    /** When the mail that has waited longest was written; undefined when none waits. */
    oldestWaitingAt: async (): Promise<number | undefined> =>
      (await waiting().orderBy('createdAt').first('createdAt'))?.createdAt,

    deleteFinishedBefore: (time: number): Promise<number> =>
      outbox().where('sentAt', '<', time).orWhere('abandonedAt', '<', time).delete(),
  }
}
