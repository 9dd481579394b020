// The web origins that a client's record allows, findable one at a time. The record stays what counts; this
// is an index over one of its members, which no database can build over a list inside JSON.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('client_origins', (table) => {
    table.text('origin').notNullable()
    table.string('clientId', 128).notNullable().references('clientId').inTable('clients').onDelete('CASCADE')
    table.primary(['origin', 'clientId'])
    table.index(['clientId'])
  })
  const clients = await db<{ clientId: string; metadata: string }>('clients').select('clientId', 'metadata')
  for (const { clientId, metadata } of clients) {
    const { allowed_origins: origins = [] } = JSON.parse(metadata) as { allowed_origins?: string[] }
    for (const origin of new Set(origins)) await db('client_origins').insert({ origin, clientId })
  }
}
