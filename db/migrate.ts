// Brings the schema up to date. Several processes may start at once: they take turns, and a process that is
// killed in the middle gives its turn back by dying.

import type { Knex } from 'knex'
import { setTimeout as sleep } from 'node:timers/promises'
import { connectDatabase, isPostgres } from './connect.js'
import { DatabaseUnavailable, SchemaTooNew } from './errors.js'
import { migrationSource } from './migrations/timeline.js'
import { withinDatabaseTime } from './time-limit.js'

const MIGRATION_MS = 10 * 60_000
// Each try waits two seconds for the turn, so that whoever comes second stays as long as the first may take.
const TRIES = 240
const PAUSE_MS = 500
const TURN_OF_MIGRATIONS = 5_277_001 // any number: the name of PostgreSQL's advisory lock

/** Names of the migrations that ran; empty when there was nothing to do. Throws SchemaTooNew. */
export async function migrateToLatest(db: Knex): Promise<string[]> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await withinDatabaseTime(MIGRATION_MS, () => inTurn(db, () => runPending(db)))
    } catch (error) {
      const isTakenUp = error instanceof DatabaseUnavailable && error.reason === 'busy'
      if (!isTakenUp || attempt >= TRIES) throw error
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
  const [, names] = (await db.migrate.latest().catch(throwTooNew)) as [number, string[]]
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

/**
 * Names of the migrations that have not run. Makes no table, unlike knex's own list on a fresh database.
 * Throws SchemaTooNew.
 */
export async function pendingMigrations(db: Knex): Promise<string[]> {
  if (!(await db.schema.hasTable('knex_migrations')))
    return (await migrationSource.getMigrations([])).map(({ name }) => name)
  const [, pending] = (await db.migrate.list().catch(throwTooNew)) as [unknown, { name: string }[]]
  return pending.map(({ name }) => name)
}

/** knex's word for migrations that have run and are not among ours. */
function throwTooNew(error: unknown): never {
  if (/migration directory is corrupt/.test(String(error))) throw new SchemaTooNew(error)
  throw error
}
