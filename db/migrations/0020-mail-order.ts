// Which mails go first, and what the mail server said of those that it did not take.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('outbox', (table) => {
    table.integer('rank').notNullable().defaultTo(0)
    table.string('refusal', 64)
  })
}
