// Opens the database: SQLite in a file, or PostgreSQL. Every program calls it once, at its start. Identifiers
// are camelCase in code and snake_case in the database; both directions are mapped here.

import { pathToFileURL } from 'node:url'
import knexModule, { type Knex } from 'knex'
import { LOCK_MS, WaryPostgres, WarySqlite } from './clients.js'
import { makePrivateFile } from './file-modes.js'
import { migrationSource } from './migrations/timeline.js'

// The timeout comes first: turning on WAL already needs a lock that another process may hold.
const SQLITE_PRAGMAS = [
  `PRAGMA busy_timeout=${LOCK_MS}`,
  'PRAGMA journal_mode=WAL',
  'PRAGMA synchronous=FULL',
  'PRAGMA foreign_keys=ON',
].join(';')

// Beyond the time limits of requests and statements, which decide (time-limit.ts).
const ACQUIRE_MS = 60_000
// Less than a request may wait, so that whoever waits for an attempt hears how it failed.
const CONNECT_MS = 2_000

type SqliteConnection = { exec(sql: string, done: (error: Error | null) => void): void }

/**
 * `databaseUrl`: `sqlite:<path>` or `postgres://…`. The connection is lazy: nothing is reached before the
 * first query.
 */
export function connectDatabase(databaseUrl: string): Knex {
  return databaseUrl.startsWith('sqlite:')
    ? connectSqlite(databaseUrl.slice('sqlite:'.length))
    : connectPostgres(databaseUrl)
}

function connectSqlite(filename: string): Knex {
  makePrivateFile(filename)
  return knexModule({
    client: WarySqlite,
    connection: { filename },
    useNullAsDefault: true,
    // One connection: SQLite has one writer, and a second one here would only wait for the first.
    pool: {
      min: 1,
      max: 1,
      afterCreate: (connection: SqliteConnection, done: (error: Error | null) => void) =>
        connection.exec(SQLITE_PRAGMAS, done),
    },
    ...sharedSettings,
  })
}

/** A database in a file that nobody has open: to be looked at, with nothing written into it or beside it. */
export function connectCopy(filename: string): Knex {
  return knexModule({
    client: WarySqlite,
    // knex always adds the flag for writing; the address decides.
    connection: { filename: `${pathToFileURL(filename).href}?mode=ro`, flags: ['OPEN_URI'] },
    useNullAsDefault: true,
    pool: { min: 0, max: 1 },
    ...sharedSettings,
  })
}

function connectPostgres(connectionString: string): Knex {
  return knexModule({
    client: WaryPostgres,
    // `query_timeout`: of what a new connection asks before it is ours.
    connection: { connectionString, connectionTimeoutMillis: CONNECT_MS, query_timeout: CONNECT_MS },
    pool: { min: 0, max: 10 },
    ...sharedSettings,
  })
}

/** Of the pool at this moment: `waiting` requests have none yet. */
export function connectionsOf(db: Knex): { used: number; free: number; waiting: number } {
  const { pool } = db.client as {
    pool?: { numUsed(): number; numFree(): number; numPendingAcquires(): number }
  }
  return {
    used: pool?.numUsed() ?? 0,
    free: pool?.numFree() ?? 0,
    waiting: pool?.numPendingAcquires() ?? 0,
  }
}

const toSnakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const toCamelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const unprinted = () => {}

const sharedSettings = {
  acquireConnectionTimeout: ACQUIRE_MS,
  migrations: { migrationSource },
  // knex prints on standard output, which belongs to the log and to the commands' JSON; what fails is thrown
  // as well.
  log: { debug: unprinted, warn: unprinted, error: unprinted, deprecate: unprinted },
  // Otherwise the message of a failed statement holds its values: hashes, sealed secrets (LOG-2).
  compileSqlOnError: false,
  // knex also asks for the name of an unnamed constraint, whatever its types say.
  wrapIdentifier: (value: string | undefined, wrap: (identifier: string) => string) =>
    value === undefined ? '' : wrap(toSnakeCase(value)),
  postProcessResponse: (result: unknown): unknown =>
    Array.isArray(result) ? camelCaseRows(result) : camelCaseRows([result])[0],
}

/**
 * Columns are renamed by the first row's names: every row of a result has the same ones, and long results
 * must stay cheap.
 */
function camelCaseRows(rows: unknown[]): unknown[] {
  const [first] = rows
  // `rows`: the raw answer of pg, left as it is
  if (first === null || typeof first !== 'object' || 'rows' in first) return rows
  const names = Object.keys(first).map((column): [string, string] => [column, toCamelCase(column)])
  return (rows as Record<string, unknown>[]).map((row) => {
    const renamed: Record<string, unknown> = {}
    for (const [column, name] of names) renamed[name] = row[column]
    return renamed
  })
}

/** What the database really answers, so that the start can refuse one that loses acknowledged writes. */
export async function durabilityFaults(db: Knex): Promise<string[]> {
  if (isPostgres(db)) {
    const answer = await db.raw<{ rows: { name: string; setting: string }[] }>(
      'select name, setting from pg_settings where name in (?, ?)',
      ['fsync', 'synchronous_commit'],
    )
    return answer.rows
      .filter(({ setting }) => setting === 'off')
      .map(({ name }) => `PostgreSQL runs with ${name}=off`)
  }
  const [journal] = await db.raw<{ journalMode: string }[]>('PRAGMA journal_mode')
  const [synchronous] = await db.raw<{ synchronous: number }[]>('PRAGMA synchronous')
  return [
    ...(journal?.journalMode === 'wal' ? [] : ['SQLite does not run in WAL mode']),
    ...((synchronous?.synchronous ?? 0) >= 2 ? [] : ['SQLite does not run with synchronous=FULL']),
  ]
}

export function isPostgres(db: Knex): boolean {
  return (db.client as Knex.Client).config.client === WaryPostgres
}
