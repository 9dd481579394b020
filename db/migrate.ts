// Brings the schema up to date. Several processes may start at once: they take turns, and a process that is
// killed in the middle gives its turn back by dying.

import type { Knex } from 'knex'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectDatabase, isPostgres } from './connect.js'
import { migrationSource } from './migrations/timeline.js'

const TRIES = 60
const PAUSE_MS = 500
const TURN_OF_MIGRATIONS = 5_277_001 // any number: the name of PostgreSQL's advisory lock

/** Names of the migrations that ran; empty when there was nothing to do. */
export async function migrateToLatest(db: Knex): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await inTurn(db, () => runPending(db))
    } catch (error) {
      const isWaiting = /SQLITE_BUSY|Query read timeout/i.test(String(error))
      if (!isWaiting || attempt >= TRIES) throw error
      await sleep(PAUSE_MS)
    }
  }
}

/**
 * Whoever has the turn is alone: a lock of knex's that is still set was left behind by a process that was
 * killed.
 */
async function runPending(db: Knex): Promise<string[]> {
  if (await db.schema.hasTable('knex_migrations_lock')) await db.migrate.forceFreeMigrationsLock()
  const [, names] = (await db.migrate.latest()) as [number, string[]]
  return names
}

/**
 * A lock that ends with its holder: an advisory one of PostgreSQL, or the write lock of a file beside
 * SQLite's.
 */
async function inTurn<T>(db: Knex, work: () => Promise<T>): Promise<T> {
  if (isPostgres(db)) {
    return db.transaction(async (turn) => {
      await turn.raw('select pg_advisory_xact_lock(?)', [TURN_OF_MIGRATIONS])
      return work()
    })
  }
  const { filename } = (db.client as Knex.Client).config.connection as { filename: string }
  const turns = connectDatabase(`sqlite:${filename}.migrating`)
  try {
    return await turns.transaction(() => work())
  } finally {
    await turns.destroy()
  }
}

/** Names of the migrations that have not run. Makes no table, unlike knex's own list on a fresh database. */
export async function pendingMigrations(db: Knex): Promise<string[]> {
  if (!(await db.schema.hasTable('knex_migrations')))
    return (await migrationSource.getMigrations([])).map(({ name }) => name)
  const [, pending] = (await db.migrate.list()) as [unknown, { name: string }[]]
  return pending.map(({ name }) => name)
}
