// The processes that hash passwords, and how many a second each of them can: what all of them can together is
// what a limit over all of them goes by.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

export type StoredHasher = { id: string; hashesPerMinute: number; seenAt: number }

export type HashersRepository = ReturnType<typeof createHashersRepository>

export function createHashersRepository(db: Knex) {
  const hashers = () => db<StoredHasher>('hashers')
  return {
    async report(hasher: StoredHasher): Promise<void> {
      await hashers().insert(hasher).onConflict('id').merge()
    },

    /** Of those that were seen since then. */
    async sumHashesPerMinute(since: number): Promise<number> {
      const [row] = await hashers()
        .where('seenAt', '>', since)
        .sum<{ sum: number | null }[]>({ sum: 'hashesPerMinute' })
      return Number(row?.sum ?? 0)
    },

    deleteUnseen: (before: number, limit: number): Promise<number> =>
      deleteSome(db, () => hashers().where('seenAt', '<', before), ['id'], limit),
  }
}
