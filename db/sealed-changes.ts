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

/** Does `work`, which changes what the account's seal covers, in the transaction that seals it again. */
export type Change = <T>(accountId: string, work: (db: Knex) => Promise<T>) => Promise<T>

/** For a transaction: `seal` comes last, when all changes are made. */
export function changesWithin(
  tx: Knex,
  sealing: AccountSealing,
): { change: Change; seal: () => Promise<void> } {
  const intact = new Map<string, Promise<boolean>>()

  const read = async (id: string): Promise<AccountRecord | undefined> =>
    (await readAccountRecords(tx, (accounts) => accounts.where('accounts.id', id)))[0]

  /** The lock before the look: what another transaction was changing is then committed, and seen whole. */
  async function lookAt(id: string): Promise<boolean> {
    if (isPostgres(tx)) await tx('accounts').where({ id }).forUpdate().first('id')
    const record = await read(id)
    return record === undefined || sealing.isIntact(record)
  }

  return {
    async change(accountId, work) {
      const isIntact = intact.get(accountId) ?? lookAt(accountId)
      intact.set(accountId, isIntact)
      await isIntact
      return work(tx)
    },

    async seal() {
      for (const [id, isIntact] of intact) {
        const record = (await isIntact) ? await read(id) : undefined
        if (record === undefined) continue
        await tx('accounts')
          .where({ id })
          .update({ seal: sealing.seal(record) })
      }
    },
  }
}

/** Outside of any: each change is a transaction of its own. */
export const changesAlone =
  (db: Knex, sealing: AccountSealing): Change =>
  (accountId, work) =>
    db.transaction(async (tx) => {
      const { change, seal } = changesWithin(tx, sealing)
      const result = await change(accountId, work)
      await seal()
      return result
    })

/** Where nobody seals: repositories tested by themselves, commands that only look. */
export const unsealed =
  (db: Knex): Change =>
  (_accountId, work) =>
    work(db)
