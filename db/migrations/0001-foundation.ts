// Times are UTC milliseconds in bigints; «…At» is null until the thing has happened. Secrets are sealed
// before they come here.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('accounts', (table) => {
    table.string('id', 32).primary() // random, the `sub` of every token; never the CIP, never reassigned
    table.string('cip', 64).notNullable().unique()
    table.string('name', 200).notNullable()
    table.string('email', 320).notNullable()
    table.string('locale', 16) // null until chosen: the default applies
    table.string('phoneNumber', 64)
    table.text('address') // JSON of the OpenID Connect address claim
    table.text('passwordHash')
    table.bigInteger('passwordSetAt')
    table.bigInteger('temporaryPasswordExpiresAt') // not null: the password was issued, and must be replaced
    table.integer('credentialEpoch').notNullable().defaultTo(1)
    // The sign-in that changed the epoch last, so that its own progress goes on counting
    table.string('epochChangedBy', 64)
    table.bigInteger('disabledAt')
    table.bigInteger('createdAt').notNullable()
    table.bigInteger('lastSignInAt')
  })

  await db.schema.createTable('second_factors', (table) => {
    table.string('id', 32).primary()
    table.string('accountId', 32).notNullable().references('id').inTable('accounts').onDelete('CASCADE')
    table.string('kind', 16).notNullable()
    table.string('name', 200).notNullable()
    table.text('sealedSecret').notNullable()
    table.bigInteger('lastStep').notNullable() // RFC 6238 §5.2: a step is accepted once
    table.string('verifiedBy', 64) // the sign-in that used that step
    table.bigInteger('verifiedAt')
    table.bigInteger('createdAt').notNullable()
    table.bigInteger('disabledAt')
    table.bigInteger('removedAt')
    table.index(['accountId'])
  })

  await db.schema.createTable('attempts', (table) => {
    table.string('key', 160).primary()
    table.integer('failures').notNullable()
    table.bigInteger('blockedUntil').notNullable()
    table.bigInteger('windowStartedAt').notNullable()
    table.bigInteger('expiresAt').notNullable()
    table.index(['expiresAt'])
  })

  await db.schema.createTable('audit_events', (table) => {
    table.bigInteger('sequence').primary()
    table.bigInteger('occurredAt').notNullable()
    table.string('event', 64).notNullable()
    table.string('outcome', 16).notNullable()
    table.string('actor', 128).notNullable()
    table.string('accountId', 32)
    table.string('cip', 64)
    table.string('source', 64).notNullable()
    table.string('reason', 500)
    table.text('details').notNullable()
    table.string('keyId', 64).notNullable()
    table.string('hash', 64).notNullable()
    table.index(['occurredAt'])
    table.index(['accountId'])
  })
  // One row; locking it is what makes the writers of all processes stand in line.
  await db.schema.createTable('audit_head', (table) => {
    table.integer('id').primary()
    table.bigInteger('sequence').notNullable()
    table.string('hash', 64).notNullable()
  })
  await db('audit_head').insert({ id: 1, sequence: 0, hash: '' })

  await db.schema.createTable('oidc_artifacts', (table) => {
    table.string('model', 40).notNullable()
    table.string('idHash', 64).notNullable()
    table.text('sealedPayload').notNullable()
    table.string('grantHash', 64)
    table.string('uidHash', 64) // not unique: a session keeps its uid while its id changes
    table.string('userCodeHash', 64)
    table.string('accountId', 32)
    table.bigInteger('consumedAt')
    table.bigInteger('createdAt').notNullable()
    table.bigInteger('expiresAt')
    table.primary(['model', 'idHash'])
    table.index(['grantHash'])
    table.index(['uidHash'])
    table.index(['accountId'])
    table.index(['expiresAt'])
  })

  await db.schema.createTable('signing_keys', (table) => {
    table.string('kid', 64).primary()
    table.string('algorithm', 16).notNullable()
    table.text('sealedJwk').notNullable()
    table.bigInteger('createdAt').notNullable()
    table.bigInteger('signsFrom').notNullable()
    table.bigInteger('publishedUntil')
  })

  await db.schema.createTable('clients', (table) => {
    table.string('clientId', 128).primary()
    table.text('metadata').notNullable() // JSON, without the secret
    table.text('sealedSecret')
    table.bigInteger('createdAt').notNullable()
    table.bigInteger('updatedAt').notNullable()
  })

  await db.schema.createTable('outbox', (table) => {
    table.string('id', 32).primary()
    table.string('kind', 64).notNullable()
    table.text('sealedMessage') // wiped once sent or given up
    table.integer('tries').notNullable().defaultTo(0)
    table.bigInteger('createdAt').notNullable()
    table.bigInteger('nextTryAt').notNullable()
    table.bigInteger('sentAt')
    table.bigInteger('abandonedAt')
    table.index(['sentAt', 'abandonedAt', 'nextTryAt'])
  })
}
