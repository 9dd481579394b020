// When an operator last ended an account's sessions: none that began before counts any more, even one whose
// row is saved again by a request that was under way.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('accounts', (table) => {
    table.bigInteger('sessionsEndedAt')
  })
}
