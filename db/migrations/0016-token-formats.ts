// What the tokens for an API look like: JWTs, which it reads by itself, or opaque ones, which it asks about.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('resource_servers', (table) => {
    table.string('tokenFormat', 8).notNullable().defaultTo('jwt')
  })
}
