// Activation codes, the browsers a person signed in from, and a canary for each master key.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('accounts', (table) => {
    // Since a reset of the second factor: the next phone needs a code from another channel
    table.bigInteger('activationRequiredAt')
  })

  await db.schema.createTable('activation_codes', (table) => {
    table.string('id', 32).primary()
    table.string('accountId', 32).notNullable().references('id').inTable('accounts').onDelete('CASCADE')
    table.string('codeHash', 64).notNullable()
    table.bigInteger('createdAt').notNullable()
    table.bigInteger('expiresAt').notNullable()
    table.integer('tries').notNullable().defaultTo(0)
    table.string('heldBy', 64) // the sign-in that typed it last
    table.bigInteger('usedAt')
    table.index(['accountId'])
    table.index(['expiresAt'])
  })

  await db.schema.createTable('known_browsers', (table) => {
    table.string('browserHash', 64).notNullable()
    table.string('accountId', 32).notNullable().references('id').inTable('accounts').onDelete('CASCADE')
    table.bigInteger('lastSeenAt').notNullable()
    table.primary(['browserHash', 'accountId'])
    table.index(['accountId'])
    table.index(['lastSeenAt'])
  })

  await db.schema.createTable('master_key_canaries', (table) => {
    table.string('keyId', 64).primary()
    table.text('sealed').notNullable()
  })
}
