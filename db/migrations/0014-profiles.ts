// What applications may learn of a person beyond the name: nothing of it has to be known.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('accounts', (table) => {
    table.string('givenName', 200)
    table.string('familyName', 200)
    table.string('zoneinfo', 64)
    table.text('groups') // JSON: their names, in order
    table.bigInteger('updatedAt') // of what is said about the person; null: as it was created
  })
}
