// The second factors of an account. Removed ones stay, sealed, for as long as a refusal may still name them.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'
import type { Change } from '../sealed-changes.js'

export type StoredSecondFactor = {
  id: string
  accountId: string
  kind: 'totp'
  name: string
  sealedSecret: string
  lastStep: number
  verifiedBy: string | null
  verifiedAt: number | null
  createdAt: number
  disabledAt: number | null
  removedAt: number | null
}

export type SecondFactorsRepository = ReturnType<typeof createSecondFactorsRepository>

export function createSecondFactorsRepository(db: Knex, change: Change) {
  const factors = (over: Knex = db) => over<StoredSecondFactor>('second_factors')
  return {
    insert: (factor: StoredSecondFactor): Promise<void> =>
      change(factor.accountId, async (over) => {
        await factors(over).insert(factor)
      }),

    /** Not removed; disabled ones included, since they still stand for «enrolled». */
    listCurrent: (accountId: string): Promise<StoredSecondFactor[]> =>
      factors().where({ accountId }).whereNull('removedAt').orderBy(['createdAt', 'id']),

    /**
     * The same, as long as the account is enabled and still at `epoch`; none otherwise. Only inside a
     * transaction: the account's row is locked, then its factors', so that all who verify for one account
     * stand in line and each sees what the one before it left.
     */
    async lockCurrent(accountId: string, epoch: number): Promise<StoredSecondFactor[]> {
      const rows: unknown = await db('accounts')
        .join('second_factors', 'accounts.id', 'second_factors.accountId')
        .where({ 'accounts.id': accountId, 'accounts.credentialEpoch': epoch })
        .whereNull('accounts.disabledAt')
        .whereNull('second_factors.removedAt')
        .orderBy(['second_factors.createdAt', 'second_factors.id'])
        .select('second_factors.*')
        .forUpdate()
      return rows as StoredSecondFactor[]
    },

    listRemovedSince: (accountId: string, since: number): Promise<StoredSecondFactor[]> =>
      factors().where({ accountId }).where('removedAt', '>=', since).orderBy('removedAt', 'desc'),

    /**
     * Uses up a time step. One conditional update decides: of twenty requests with the same code, one changes
     * a row (RFC 6238 §5.2).
     */
    async useStep(id: string, step: number, verifiedBy: string, verifiedAt: number): Promise<boolean> {
      const changed = await factors()
        .where({ id, disabledAt: null, removedAt: null })
        .where('lastStep', '<', step)
        .update({ lastStep: step, verifiedBy, verifiedAt })
      return changed === 1
    },

    /** Back to `step`, unless the last step is no longer the one that was read. */
    async lowerStep(id: string, lastStep: number, step: number): Promise<boolean> {
      return (await factors().where({ id, lastStep }).update({ lastStep: step })) === 1
    },

    /** No step up to this one serves any more, of no device that is not removed; returns how many. */
    useAllTo: (step: number): Promise<number> =>
      factors()
        .whereNull('removedAt')
        .andWhere('lastStep', '<', step)
        .update({ lastStep: step, verifiedBy: null }),

    /** The step stays used; the sign-in that used it has nothing of it any more. */
    async forgetVerification(accountId: string, verifiedBy: string): Promise<void> {
      await factors().where({ accountId, verifiedBy }).update({ verifiedBy: null })
    },

    /** Returns the ids of those that this call has disabled. */
    disable: (accountId: string, ids: readonly string[], disabledAt: number): Promise<string[]> =>
      change(accountId, async (over) => {
        const changed = await factors(over)
          .whereIn('id', ids)
          .where({ accountId, disabledAt: null })
          .update({ disabledAt })
          .returning('id')
        return changed.map(({ id }) => id)
      }),

    /** Removes all of the account's and says how many there were. */
    removeAll: (accountId: string, removedAt: number): Promise<number> =>
      change(accountId, (over) =>
        factors(over).where({ accountId, removedAt: null }).update({ removedAt, verifiedBy: null }),
      ),

    deleteRemoved: (before: number, limit: number): Promise<number> =>
      deleteSome(db, () => factors().where('removedAt', '<', before), ['id'], limit),
  }
}
