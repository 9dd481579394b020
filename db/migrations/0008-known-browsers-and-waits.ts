// A known browser has an id of its own for each account, renewed at each sign-in; and a wait of a whole
// account is founded on how many networks its failures came from.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('known_browsers', (table) => {
    table.string('previousHash', 64) // good for two minutes more: a double post, an answer that was lost
    table.index(['previousHash'])
  })
  // An id that several accounts share is that of a computer of the ward, and whoever copied its cookie is
  // known to all of them.
  const shared = await db<{ browserHash: string }>('known_browsers')
    .select('browserHash')
    .groupBy('browserHash')
    .havingRaw('count(*) > 1')
  for (const { browserHash } of shared) await db('known_browsers').where({ browserHash }).delete()

  await db.schema.alterTable('attempts', (table) => {
    table.string('accountKey', 160) // on the row of a network: the key of the account's own
    table.index(['accountKey'])
  })
}
