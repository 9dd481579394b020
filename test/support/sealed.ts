// Accounts brought into a state that no act of ours leads to, and sealed in it: as an older program left
// them, or as an operator vouched for.

import type { Knex } from 'knex'
import type { Store } from '../../db/store.js'
import { sealOf } from '../../src/accounts/account-seal.js'
import type { Account } from '../../src/accounts/accounts.js'
import type { KeyRing } from '../../src/key-ring.js'

type Sealing = { store: Store; ring: KeyRing }

export async function setColumns(
  db: Knex,
  sealing: Sealing,
  id: string,
  columns: Partial<Account>,
): Promise<void> {
  if (Object.keys(columns).length > 0) await db('accounts').where({ id }).update(columns)
  await sealAgain(sealing, id)
}

export async function sealAgain({ store, ring }: Sealing, id: string): Promise<void> {
  const record = await store.accounts.findRecord({ id })
  if (record === undefined) throw new Error(`no account ${id}`)
  await store.accounts.writeSeal(id, sealOf(ring, record))
}
