// Brings the schema up to date. Several processes may start at once: one migrates, the others wait for it.

import type { Knex } from 'knex'
import { setTimeout as sleep } from 'node:timers/promises'
import { migrationSource } from './migrations/timeline.js'

const TRIES = 60
const PAUSE_MS = 500

/** Names of the migrations that ran; empty when there was nothing to do. */
export async function migrateToLatest(db: Knex): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const [, names] = (await db.migrate.latest()) as [number, string[]]
      return names
    } catch (error) {
      // Another process holds the lock, or created the migration tables at the same moment.
      const isRace = /migration.+lock|already exists|duplicate key|SQLITE_BUSY/is.test(String(error))
      if (!isRace || attempt >= TRIES) throw error
      await sleep(PAUSE_MS)
    }
  }
}

/** Names of the migrations that have not run. Makes no table, unlike knex's own list on a fresh database. */
export async function pendingMigrations(db: Knex): Promise<string[]> {
  if (!(await db.schema.hasTable('knex_migrations'))) return (await migrationSource.getMigrations([])).map(({ name }) => name)
  const [, pending] = (await db.migrate.list()) as [unknown, { name: string }[]]
  return pending.map(({ name }) => name)
}
