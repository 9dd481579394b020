// One row that is written to see whether anything can be: a full disk, a read-only file or a standby answers
// `select 1` as if all were well.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('readiness', (table) => {
    table.integer('id').primary()
    table.bigInteger('checkedAt').notNullable()
  })
  await db('readiness').insert({ id: 1, checkedAt: 0 })
}
