// The answers that identical posts of one page share for a moment.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('shared_answers', (table) => {
    table.string('postHash', 64).primary()
    table.string('answeredBy', 32).notNullable() // the request that is at work on it
    table.text('sealedAnswer') // null until it is there
    table.bigInteger('expiresAt').notNullable()
    table.index(['expiresAt'])
  })
}
