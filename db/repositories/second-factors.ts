// The second factors of an account. Removed ones stay, sealed, for as long as a refusal may still name them.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'
import type { Change } from '../sealed-changes.js'
import type { StoredBegunEnrolment } from './begun-enrolments.js'

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

/** What a code may come from: the factors of now, those removed of late, the QR codes shown of late. */
export type CodeOrigins = {
  current: StoredSecondFactor[]
  removed: StoredSecondFactor[]
  begun: StoredBegunEnrolment[]
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

    /** The same, and in the same statement what is dead: a code of that is told apart from a guess. */
    async lockOrigins(
      accountId: string,
      epoch: number,
      { removedSince, begunSince }: { removedSince: number; begunSince: number },
    ): Promise<CodeOrigins> {
      const rows: Row[] = await db('accounts')
        .join('second_factors', 'accounts.id', 'second_factors.accountId')
        .leftJoin('begun_enrolments', (on) => {
          on.on('begun_enrolments.accountId', 'accounts.id')
          on.andOnVal('begun_enrolments.begunAt', '>=', begunSince)
        })
        .where({ 'accounts.id': accountId, 'accounts.credentialEpoch': epoch })
        .whereNull('accounts.disabledAt')
        .where((factor) => {
          void factor.whereNull('second_factors.removedAt')
          void factor.orWhere('second_factors.removedAt', '>=', removedSince)
        })
        .orderBy([
          'second_factors.createdAt',
          'second_factors.id',
          { column: 'begun_enrolments.begunAt', order: 'desc' },
          'begun_enrolments.idHash',
        ])
        .select('second_factors.*', BEGUN_COLUMNS)
        .forUpdate('accounts', 'second_factors')
      return originsOf(rows)
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

/** Each factor with each QR code; all of the latter are null where there is none. */
type Row = StoredSecondFactor & {
  begunIdHash: string | null
  begunEpoch: number
  begunInteraction: string
  begunKeyId: string
  begunMark: string
  begunAt: number
}

const BEGUN_COLUMNS = {
  begunIdHash: 'begun_enrolments.idHash',
  begunEpoch: 'begun_enrolments.credentialEpoch',
  begunInteraction: 'begun_enrolments.sealedInteraction',
  begunKeyId: 'begun_enrolments.keyId',
  begunMark: 'begun_enrolments.mark',
  begunAt: 'begun_enrolments.begunAt',
} as const satisfies Partial<Record<keyof Row, string>>

function originsOf(rows: readonly Row[]): CodeOrigins {
  const factors = new Map<string, StoredSecondFactor>()
  const begun = new Map<string, StoredBegunEnrolment>()
  for (const row of rows) {
    const { begunIdHash, begunEpoch, begunInteraction, begunKeyId, begunMark, begunAt, ...factor } = row
    factors.set(factor.id, factor)
    if (begunIdHash === null) continue
    begun.set(begunIdHash, {
      idHash: begunIdHash,
      accountId: factor.accountId,
      credentialEpoch: begunEpoch,
      sealedInteraction: begunInteraction,
      keyId: begunKeyId,
      mark: begunMark,
      begunAt,
    })
  }
  const all = [...factors.values()]
  return {
    current: all.filter(({ removedAt }) => removedAt === null),
    removed: all.filter(({ removedAt }) => removedAt !== null),
    begun: [...begun.values()],
  }
}
