// Whose mail it is: what waits for a person goes with the account.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('outbox', (table) => {
    table.string('accountId', 32) // null: written before this was kept
    table.index(['accountId'])
  })
}
