// Who ended an account's sessions, so that a sign-in that changed its own password goes on; and the answers
// that identical posts of one page share for a moment.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('accounts', (table) => {
    table.string('sessionsEndedBy', 64)
  })
  await db.schema.createTable('shared_answers', (table) => {
    table.string('postHash', 64).primary()
    table.string('answeredBy', 32).notNullable() // the request that is at work on it
    table.text('sealedAnswer') // null until it is there
    table.bigInteger('expiresAt').notNullable()
    table.index(['expiresAt'])
  })
}
