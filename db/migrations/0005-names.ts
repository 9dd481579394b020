// One word per thing: a client address is called so everywhere, and a sign-in claims an activation code.
// The last migration that needs a stop: from here on, a program and its predecessor share one database.

import type { Knex } from 'knex'

export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('audit_events', (table) => table.renameColumn('source', 'clientAddress'))
  await db.schema.alterTable('activation_codes', (table) => table.renameColumn('heldBy', 'claimedBy'))
}
