// The one seam through which everything changes that an account's seal covers. The first change of a
// transaction to an account locks its row and looks at the seal as it stands; before the transaction commits
// the account is sealed anew. One that somebody else has changed is not: an act must never vouch for it. What
// a seal is made of is the caller's.

import type { Knex } from 'knex'
import { readAccountRecords, type AccountRecord } from './account-records.js'
import { isPostgres } from './connect.js'

export type AccountSealing = {
  seal: (record: AccountRecord) => string
  /** The seal fits the record as it stands, so that what changes may be sealed anew. */
  isIntact: (record: AccountRecord) => boolean
}

/** Does `work`, which changes what the accounts' seals cover, in the transaction that seals them again. */
export type Change = <T>(accountIds: string | readonly string[], work: (db: Knex) => Promise<T>) => Promise<T>

/** For a transaction: `seal` comes last, when all changes are made. */
export function changesWithin(
  tx: Knex,
  sealing: AccountSealing,
): { change: Change; seal: () => Promise<void> } {
  const intact = new Map<string, Promise<boolean>>()

  const read = (ids: readonly string[]): Promise<AccountRecord[]> =>
    readAccountRecords(tx, (accounts) => accounts.whereIn('accounts.id', ids))

  /**
   * Which of them somebody else has changed. The lock before the look: what another transaction was changing
   * is then committed, and seen whole.
   */
  async function alteredOf(ids: readonly string[]): Promise<Set<string>> {
    if (isPostgres(tx)) await tx('accounts').whereIn('id', ids).orderBy('id').forUpdate().select('id')
    const records = await read(ids)
    return new Set(records.filter((record) => !sealing.isIntact(record)).map(({ account }) => account.id))
  }

  return {
    async change(accountIds, work) {
      const ids = [accountIds].flat()
      const unseen = ids.filter((id) => !intact.has(id))
      if (unseen.length > 0) {
        const altered = alteredOf(unseen)
        for (const id of unseen)
          intact.set(
            id,
            altered.then((those) => !those.has(id)),
          )
      }
      await Promise.all(ids.flatMap((id) => intact.get(id) ?? []))
      return work(tx)
    },

    async seal() {
      const ids: string[] = []
      for (const [id, isIntact] of intact) if (await isIntact) ids.push(id)
      const records = ids.length === 0 ? [] : await read(ids)
      if (records.length > 0)
        await writeSeals(
          tx,
          records.map((record) => [record.account.id, sealing.seal(record)]),
        )
    },
  }
}

/** In one statement, however many: an import waits for no round trip a person. */
async function writeSeals(tx: Knex, seals: (readonly [id: string, seal: string])[]): Promise<void> {
  const values = seals.map(() => '(?, ?)').join(', ')
  await tx.raw(
    `update accounts set seal = v.column2 from (values ${values}) as v where accounts.id = v.column1`,
    seals.flat(),
  )
}

/** Outside of any: each change is a transaction of its own. */
export const changesAlone =
  (db: Knex, sealing: AccountSealing): Change =>
  (accountIds, work) =>
    db.transaction(async (tx) => {
      const { change, seal } = changesWithin(tx, sealing)
      const result = await change(accountIds, work)
      await seal()
      return result
    })

/** Where nobody seals: repositories tested by themselves, commands that only look. */
export const unsealed =
  (db: Knex): Change =>
  (_accountIds, work) =>
    work(db)
