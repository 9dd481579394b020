// What applications asked for and were refused: for the operator who must mend it. No secret, no code, no
// token, and nothing of a person.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('refused_requests', (table) => {
    table.string('supportCode', 6).primary()
    table.string('requestId', 32).notNullable()
    table.bigInteger('occurredAt').notNullable().index()
    table.string('endpoint', 64).notNullable()
    table.string('clientId', 128) // as it was sent; null where none was
    table.string('error', 64).notNullable()
    table.string('description', 500)
    table.string('detail', 500)
    table.text('evidence').notNullable() // JSON
    table.index(['clientId', 'occurredAt'])
  })
}
