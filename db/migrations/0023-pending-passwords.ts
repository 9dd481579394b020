// Accounts that came by an import and have no password yet: each waits for the one that a mail will bring.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('pending_passwords', (table) => {
    table.string('id', 32).primary().references('id').inTable('accounts').onDelete('CASCADE') // the account's
    table.integer('tries').notNullable().defaultTo(0)
    table.bigInteger('createdAt').notNullable()
    table.bigInteger('nextTryAt').notNullable().index()
  })
  await db.schema.alterTable('outbox', (table) => {
    table.index(['kind', 'createdAt']) // how the latest of a kind fare
  })
}
