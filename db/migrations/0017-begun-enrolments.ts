// The QR codes that an account was shown: enough to recognise a code of an earlier one, and no secret.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('begun_enrolments', (table) => {
    table.string('idHash', 64).primary() // of account, epoch and interaction
    table.string('accountId', 32).notNullable().references('id').inTable('accounts').onDelete('CASCADE')
    table.integer('credentialEpoch').notNullable()
    table.text('sealedInteraction').notNullable()
    table.string('keyId', 64).notNullable() // the master key that the secret was derived with
    table.string('mark', 64).notNullable() // by which the authenticator's entry is told apart
    table.bigInteger('begunAt').notNullable().index()
    table.index(['accountId', 'begunAt'])
  })
}
