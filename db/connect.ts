// Opens the database: SQLite in a file, or PostgreSQL. Called by app start and tests.
// Identifiers are camelCase in code and snake_case in the database; both directions are mapped here.

import knexModule, { type Knex } from 'knex'
import PostgresClient from 'knex/lib/dialects/postgres/index.js'
import SqliteClient from 'knex/lib/dialects/sqlite3/index.js'
import SqliteTransaction from 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js'
import type pg from 'pg'
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { migrationSource } from './migrations/timeline.js'

// BEGIN alone takes its write lock at the first write and then fails at once with SQLITE_BUSY when another
// process holds it: the busy timeout does not cover that upgrade. IMMEDIATE waits for the lock at the start.
class ImmediateTransaction extends SqliteTransaction {
  // Not through `this.query`, which keeps a failure to itself: the work would then run although no
  // transaction has begun.
  override begin(connection: unknown): Promise<unknown> {
    return this.trxClient.query(connection, 'BEGIN IMMEDIATE;')
  }
}

class DurableSqliteClient extends SqliteClient {
  override transaction(...parameters: unknown[]): Knex.Transaction {
    // @ts-expect-error knex's transaction classes are untyped; the constructor takes (client, ...parameters)
    return new ImmediateTransaction(this, ...parameters) as Knex.Transaction
  }
}

type PostgresConnection = { connection: { stream: { destroy(): void } } }

// A server that is gone without a word leaves connections that look alive for a quarter of an hour. One that
// did not answer in time is cut off, so that the pool replaces it.
class WaryPostgresClient extends PostgresClient {
  // Times are milliseconds in a bigint, which `pg` would hand out as text; they stay far below 2^53.
  override _driver(): typeof pg {
    const driver = super._driver() // oxlint-disable-line eslint/no-underscore-dangle -- knex's own name
    driver.types.setTypeParser(driver.types.builtins.INT8, Number)
    return driver
  }

  override async _query(connection: unknown, query: unknown): Promise<unknown> {
    try {
      return await super._query(connection, query) // oxlint-disable-line eslint/no-underscore-dangle -- knex's own name
    } catch (error) {
      if (error instanceof Error && error.message === 'Query read timeout')
        (connection as PostgresConnection).connection.stream.destroy()
      throw error
    }
  }
}

// The timeout comes first: turning on WAL already needs a lock that another process may hold.
const SQLITE_PRAGMAS =
  'PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;'

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
  mkdirSync(dirname(filename), { recursive: true })
  return knexModule({
    client: DurableSqliteClient,
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

function connectPostgres(connectionString: string): Knex {
  return knexModule({
    client: WaryPostgresClient,
    connection: { connectionString, connectionTimeoutMillis: 2_500, query_timeout: 10_000 },
    pool: { min: 0, max: 10 },
    acquireConnectionTimeout: 3_000,
    ...sharedSettings,
  })
}

const toSnakeCase = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
const toCamelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

const unprinted = () => {}

const sharedSettings = {
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
  return (db.client as Knex.Client).config.client === WaryPostgresClient
}
