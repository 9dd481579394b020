// knex's two dialects, made wary: every statement, every end of a transaction and every wait for a connection
// goes through here, has its time limit and fails with an error of ours. What knex leaves behind when the end
// of a transaction fails is cleared away.

import type { Knex } from 'knex'
import PostgresDialect from 'knex/lib/dialects/postgres/index.js'
import SqliteDialect from 'knex/lib/dialects/sqlite3/index.js'
import SqliteTransaction from 'knex/lib/dialects/sqlite3/execution/sqlite-transaction.js'
import type pg from 'pg'
import { DatabaseUnavailable, type UnavailableReason } from './errors.js'
import { endsTransaction, runStatement, takeConnection, toStatement } from './statements.js'

/** How long a statement waits for a lock that others hold. */
export const LOCK_MS = 2_000

// BEGIN alone takes its write lock at the first write and then fails at once with SQLITE_BUSY when another
// process holds it: the busy timeout does not cover that upgrade. IMMEDIATE waits for the lock at the start.
class ImmediateTransaction extends SqliteTransaction {
  // Not through `this.query`, which keeps a failure to itself: the work would then run although no
  // transaction has begun.
  override begin(connection: unknown): Promise<unknown> {
    return this.trxClient.query(connection, 'BEGIN IMMEDIATE;')
  }
}

type SqliteConnection = {
  configure(option: 'busyTimeout', milliseconds: number): void
  interrupt(): void
}

export class WarySqlite extends SqliteDialect {
  override transaction(...parameters: unknown[]): Knex.Transaction {
    // @ts-expect-error knex's transaction classes are untyped; the constructor takes (client, ...parameters)
    return new ImmediateTransaction(this, ...parameters) as Knex.Transaction
  }

  override acquireConnection(): Promise<unknown> {
    return takeConnection(this)
  }

  override query(connection: SqliteConnection, asked: unknown): Promise<unknown> {
    const statement = toStatement(asked)
    const isEnd = endsTransaction(statement)
    return runStatement(statement, {
      run: async (milliseconds) => {
        // Within a transaction there is no lock to wait for, and its statements may run side by side.
        if (this.transacting !== true || statement.sql.startsWith('BEGIN'))
          connection.configure('busyTimeout', Math.min(LOCK_MS, Math.ceil(milliseconds)))
        // An end waits for the disk alone, and is not cut short.
        if (isEnd) return super.query(connection, statement)
        const timer = setTimeout(() => connection.interrupt(), milliseconds)
        try {
          return await super.query(connection, statement)
        } finally {
          clearTimeout(timer)
        }
      },
      // After a COMMIT that failed SQLite may still be inside the transaction, on the only connection.
      cleanUp: async () => {
        if (isEnd) await super.query(connection, 'ROLLBACK').catch(() => {})
      },
    })
  }
}

type PostgresConnection = {
  connection: { stream: { destroy(): void } }
  query(sql: string): Promise<unknown>
}

// When a server was lost, by the settings of its pool: connections made before are dead, or lead to a server
// that is primary no more. Sockets alone would take a quarter of an hour to notice.
const lostAt = new WeakMap<object, number>()
const madeAt = new WeakMap<object, number>()

const SERVER_LOST: ReadonlySet<UnavailableReason> = new Set([
  'failing',
  'read-only',
  'timeout',
  'unreachable',
])

export class WaryPostgres extends PostgresDialect {
  // Times are milliseconds in a bigint, which `pg` would hand out as text; they stay far below 2^53.
  override _driver(): typeof pg {
    const driver = super._driver() // oxlint-disable-line eslint/no-underscore-dangle -- knex's own name
    driver.types.setTypeParser(driver.types.builtins.INT8, Number)
    return driver
  }

  override async acquireRawConnection(): Promise<unknown> {
    const connection = (await super.acquireRawConnection()) as PostgresConnection
    try {
      await connection.query(`set lock_timeout = ${LOCK_MS}`)
      // So that a statement that was given up stops holding locks. Not every server knows it (14 does).
      await connection.query('set client_connection_check_interval = 1000').catch(() => {})
    } catch (error) {
      connection.connection.stream.destroy()
      throw error
    }
    madeAt.set(connection, performance.now())
    return connection
  }

  override async validateConnection(connection: object): Promise<boolean> {
    return (madeAt.get(connection) ?? 0) > (lostAt.get(this.config) ?? 0)
  }

  override acquireConnection(): Promise<unknown> {
    return takeConnection(this)
  }

  override query(connection: PostgresConnection, asked: unknown): Promise<unknown> {
    const statement = toStatement(asked)
    return runStatement(statement, {
      run: async (milliseconds) => {
        statement.options = { ...statement.options, query_timeout: Math.ceil(milliseconds) }
        const answer = (await super.query(connection, statement)) as { response?: { command: string } }
        // A failure inside that somebody swallowed: the server then undoes everything, and calls it no error.
        if (statement.sql.startsWith('COMMIT') && answer.response?.command !== 'COMMIT')
          throw new Error('a transaction in which a statement had failed was to be kept: all of it is undone')
        return answer
      },
      // The server undoes what was not committed when its connection breaks.
      cleanUp: async (failure) => {
        const isLost = failure instanceof DatabaseUnavailable && SERVER_LOST.has(failure.reason)
        if (isLost) lostAt.set(this.config, performance.now())
        if (!isLost && !endsTransaction(statement)) return
        madeAt.delete(connection) // the pool replaces it
        connection.connection.stream.destroy()
      },
    })
  }
}
