// Accounts that wait for their first password, in the order of the import; the id is the account's. A row
// goes with the password, or with the account.

import type { Knex } from 'knex'
import { queueOver, type QueuedRow, type SeenRow } from '../queue.js'

export type PendingPassword = QueuedRow

export type PendingPasswordsRepository = ReturnType<typeof createPendingPasswordsRepository>

export function createPendingPasswordsRepository(db: Knex) {
  const pending = () => db<PendingPassword>('pending_passwords')
  return {
    async insertAll(accountIds: readonly string[], now: number): Promise<void> {
      const rows = accountIds.map((id) => ({ id, tries: 0, createdAt: now, nextTryAt: now }))
      if (rows.length > 0) await pending().insert(rows)
    },

    find: (accountId: string): Promise<PendingPassword | undefined> =>
      pending().where({ id: accountId }).first(),

    count: async (): Promise<number> => {
      const [row] = await pending().count<{ count: number }[]>({ count: '*' })
      return Number(row?.count ?? 0)
    },

    /** Inside the transaction that issues the password. False when another process has claimed it since. */
    take: async ({ id, nextTryAt }: SeenRow): Promise<boolean> =>
      (await pending().where({ id, nextTryAt }).delete()) === 1,

    ...queueOver<PendingPassword>(db, 'pending_passwords'),
  }
}
