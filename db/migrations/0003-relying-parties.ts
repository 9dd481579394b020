// What relying parties beyond the first need: consents, APIs with their scopes, sign-out notices, and secrets
// that must outlive every master key.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('consents', (table) => {
    table.string('accountId', 32).notNullable().references('id').inTable('accounts').onDelete('CASCADE')
    table.string('clientId', 128).notNullable().references('clientId').inTable('clients').onDelete('CASCADE')
    table.text('granted').notNullable() // JSON: scopes and claims by name, scopes by API
    table.bigInteger('grantedAt').notNullable()
    table.primary(['accountId', 'clientId'])
  })

  await db.schema.createTable('resource_servers', (table) => {
    table.string('indicator', 512).primary() // RFC 8707: the absolute URI that names the API
    table.string('name', 200).notNullable()
    table.text('scopes').notNullable()
    table.integer('tokenSeconds').notNullable()
    table.bigInteger('createdAt').notNullable()
  })

  await db.schema.createTable('logout_notices', (table) => {
    table.string('id', 32).primary()
    table.string('clientId', 128).notNullable()
    table.string('accountId', 32).notNullable()
    table.string('sid', 128).notNullable()
    table.integer('tries').notNullable().defaultTo(0)
    table.bigInteger('createdAt').notNullable()
    table.bigInteger('nextTryAt').notNullable()
    table.index(['nextTryAt'])
  })

  await db.schema.createTable('sealed_secrets', (table) => {
    table.string('name', 64).primary()
    table.text('sealedValue').notNullable()
  })
}
