// Codes that open the door to a first or a new phone. Stored as keyed hashes; the number of changed rows
// decides who may go on.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'
import type { Change } from '../sealed-changes.js'

export type StoredActivationCode = {
  id: string
  accountId: string
  codeHash: string
  createdAt: number
  expiresAt: number
  tries: number
  claimedBy: string | null
  usedAt: number | null
}

export type ActivationCodesRepository = ReturnType<typeof createActivationCodesRepository>

export function createActivationCodesRepository(db: Knex, change: Change) {
  const codes = (over: Knex = db) => over<StoredActivationCode>('activation_codes')
  const live = (accountId: string, now: number, over: Knex = db) =>
    codes(over).where({ accountId, usedAt: null }).where('expiresAt', '>', now)
  return {
    /** A new code ends the earlier ones. */
    replace: ({ accountId, ...code }: StoredActivationCode): Promise<void> =>
      change(accountId, async (over) => {
        // Of two issued at once, one waits and ends the other
        await over('accounts').where({ id: accountId }).forUpdate().first('id')
        await codes(over).where({ accountId, usedAt: null }).delete()
        await codes(over).insert({ accountId, ...code })
      }),

    /** Those that nobody has used; returns how many could still have been. */
    withdraw: (accountId: string, now: number): Promise<number> =>
      change(accountId, async (over) => {
        const unused = (): Knex.QueryBuilder => codes(over).where({ accountId, usedAt: null })
        const usable: number = await unused().where('expiresAt', '>', now).delete()
        await unused().delete()
        return usable
      }),

    /** Counts one try against the live code; false when there is none or its tries are used up. */
    async countTry(accountId: string, now: number, maxTries: number): Promise<boolean> {
      return (await live(accountId, now).where('tries', '<', maxTries).increment('tries', 1)) > 0
    },

    /** The sign-in claims the code; the one before it has it no more. */
    async claim(accountId: string, codeHashes: string[], claimedBy: string, now: number): Promise<boolean> {
      return (await live(accountId, now).whereIn('codeHash', codeHashes).update({ claimedBy })) > 0
    },

    async releaseClaim(accountId: string, claimedBy: string): Promise<void> {
      await codes().where({ accountId, claimedBy, usedAt: null }).update({ claimedBy: null })
    },

    async isClaimedBy(accountId: string, claimedBy: string, now: number): Promise<boolean> {
      return (await live(accountId, now).where({ claimedBy }).first('id')) !== undefined
    },

    /** Uses up the code that this sign-in has claimed; of two at once, one changes a row. */
    use: (accountId: string, claimedBy: string, now: number): Promise<boolean> =>
      change(
        accountId,
        async (over) => (await live(accountId, now, over).where({ claimedBy }).update({ usedAt: now })) > 0,
      ),

    /** One that was never used is part of its account's seal; the others go together. */
    async deleteExpired(before: number, limit: number): Promise<number> {
      const expired = (over?: Knex) => codes(over).where('expiresAt', '<', before)
      const unused = await expired().whereNull('usedAt').limit(limit).select('id', 'accountId')
      for (const { id, accountId } of unused)
        await change(accountId, (over) => expired(over).where({ id, usedAt: null }).delete())
      const used = () => expired().whereNotNull('usedAt')
      return unused.length + (await deleteSome(db, used, ['id'], limit - unused.length))
    },
  }
}
