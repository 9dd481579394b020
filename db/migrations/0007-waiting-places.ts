// Who asks for a place in line at another process than the one that keeps it. No password, no CIP, no
// outcome: two times a place.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('waiting_places', (table) => {
    table.string('place', 64).primary()
    table.bigInteger('polledAt').notNullable().index()
    table.bigInteger('heldAt').notNullable()
  })
}
