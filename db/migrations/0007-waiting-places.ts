// Who asks for a place in line at another process than the one that keeps it (no password, no CIP, no
// outcome: two times a place), and how much each process can hash.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('waiting_places', (table) => {
    table.string('place', 64).primary()
    table.bigInteger('polledAt').notNullable().index()
    table.bigInteger('heldAt').notNullable()
  })
  await db.schema.createTable('hashers', (table) => {
    table.string('id', 64).primary()
    table.integer('hashesPerMinute').notNullable()
    table.bigInteger('seenAt').notNullable().index()
  })
}
