// One statement, or the wait for a connection, within the time that is left for it. What both dialects share;
// called by their clients alone.

import type { Knex } from 'knex'
import { connectionError, DatabaseUnavailable, statementError } from './errors.js'
import { spendingTime } from './time-limit.js'

export type Statement = { sql: string; options?: Record<string, unknown> }

type Execution = {
  /** Within so many milliseconds. */
  run: (milliseconds: number) => Promise<unknown>
  /** Sees to it that nobody finds the connection as the failure has left it. */
  cleanUp: (failure: unknown) => Promise<void>
}

// An end under way is waited for a little beyond the limit: a COMMIT that is given up may have happened.
const GRACE_MS = 400

/** knex hands `BEGIN` and its like over as bare text. */
export const toStatement = (statement: unknown): Statement =>
  typeof statement === 'string' ? { sql: statement } : (statement as Statement)

/** Of a whole transaction: after the end of a savepoint it goes on. */
export const endsTransaction = ({ sql }: Statement): boolean => /^(COMMIT|ROLLBACK)\b(?! TO)/.test(sql)

export function runStatement(statement: Statement, { run, cleanUp }: Execution): Promise<unknown> {
  const isEnd = endsTransaction(statement)
  return spendingTime(async (leftMs) => {
    if (leftMs <= 0 && !isEnd) throw new DatabaseUnavailable('timeout')
    try {
      return await run(isEnd ? Math.max(leftMs, 0) + GRACE_MS : leftMs)
    } catch (error) {
      const failure = statementError(error, statement.sql)
      await cleanUp(failure)
      // Undone all the same. What made the work stop is what counts, and knex would throw this in its place.
      if (isEnd && statement.sql.startsWith('ROLLBACK')) return undefined
      throw failure
    }
  })
}

type TarnPool = { acquire(): { promise: Promise<unknown>; abort(): void } }

/** Waits for a connection; whoever gives up leaves the line. */
export function takeConnection({ pool }: Knex.Client): Promise<unknown> {
  return spendingTime(async (leftMs) => {
    if (leftMs <= 0) throw new DatabaseUnavailable('timeout')
    if (pool === undefined) throw new DatabaseUnavailable('unreachable', 'it was closed')
    const asked = (pool as TarnPool).acquire()
    let isOver = false
    const timer = setTimeout(() => {
      isOver = true
      asked.abort()
    }, leftMs)
    try {
      return await asked.promise
    } catch (error) {
      throw isOver ? new DatabaseUnavailable('timeout') : connectionError(error)
    } finally {
      clearTimeout(timer)
    }
  })
}
