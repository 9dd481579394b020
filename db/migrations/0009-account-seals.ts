// A keyed hash over what decides about an account, so that whoever writes to the database cannot pass for
// this program. Null until sealed (`migrate` seals what was there before).

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('accounts', (table) => {
    table.string('seal', 128) // <master key id>.<MAC>
  })
  // The newest event of an account that tells its credential epoch is read with every account.
  await db.schema.alterTable('audit_events', (table) => {
    table.index(['accountId', 'event', 'sequence'])
  })
}
