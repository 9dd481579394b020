// The devices of an account. Removed ones stay, sealed, for as long as a refusal may still name them.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

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

export function createSecondFactorsRepository(db: Knex) {
  const factors = () => db<StoredSecondFactor>('second_factors')
  return {
    async insert(factor: StoredSecondFactor): Promise<void> {
      await factors().insert(factor)
    },

    /** Not removed; disabled ones included, since they still stand for «enrolled». */
    listCurrent: (accountId: string): Promise<StoredSecondFactor[]> =>
      factors().where({ accountId }).whereNull('removedAt').orderBy('createdAt'),

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

    /** The step stays used; the sign-in that used it has nothing of it any more. */
    async forgetVerification(accountId: string, verifiedBy: string): Promise<void> {
      await factors().where({ accountId, verifiedBy }).update({ verifiedBy: null })
    },

    async disable(id: string, disabledAt: number): Promise<boolean> {
      return (await factors().where({ id, disabledAt: null }).update({ disabledAt })) === 1
    },

    /** Removes all devices of the account and says how many there were. */
    removeAll: (accountId: string, removedAt: number): Promise<number> =>
      factors().where({ accountId, removedAt: null }).update({ removedAt, verifiedBy: null }),

    deleteRemoved: (before: number, limit: number): Promise<number> =>
      deleteSome(db, () => factors().where('removedAt', '<', before), ['id'], limit),
  }
}
