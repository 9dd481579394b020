// Drivers' errors become ours: whatever means that the database cannot serve now is a DatabaseUnavailable,
// and nobody outside db/ knows a driver's codes or messages. Only a migration waits for its turn by itself
// (busy); all else is answered 503, and whoever asked tries again. A transaction that ends so has done
// nothing, unless it was its COMMIT that nobody confirmed: then it may have been done.

export type UnavailableReason = 'busy' | 'failing' | 'full' | 'read-only' | 'timeout' | 'unreachable'

const WORDS: Record<UnavailableReason, string> = {
  'busy': 'the database is held by somebody else',
  'failing': 'the disk of the database fails',
  'full': 'the disk of the database is full',
  'read-only': 'the database takes no writes',
  'timeout': 'the database cannot be reached: no answer in time',
  'unreachable': 'the database cannot be reached',
}

const RETRY_SECONDS = 5

/**
 * `message` is for operators, without statement or values. `status` and `expose` are Koa's own error
 * contract, so that those who do not know it can show a page for it.
 */
export class DatabaseUnavailable extends Error {
  readonly code = 'database-unavailable'
  readonly status = 503
  readonly expose = false
  readonly retryAfterSeconds = RETRY_SECONDS
  readonly reason: UnavailableReason

  constructor(reason: UnavailableReason, detail = '', cause?: unknown) {
    super([WORDS[reason], ...(detail === '' ? [] : [detail])].join(': '), { cause })
    this.name = 'DatabaseUnavailable'
    this.reason = reason
  }
}

/** A later program has migrated the database; this one must not touch what it does not know. */
export class SchemaTooNew extends Error {
  constructor(cause: unknown) {
    super('the database is newer than this program', { cause })
    this.name = 'SchemaTooNew'
  }
}

// SQLite's codes, PostgreSQL's SQLSTATEs, Node's errno names. 40001 and 40P01 (serialization, deadlock) and
// 55P03 (lock timeout) are the rivals' turn; 25006 is a server that was primary and is no more; 57014 a
// statement that its server cut off; 28, 3D and SQLITE_NOTADB let nobody in. Not here: 25P02, which only
// follows a failure that was swallowed, and is a bug.
const CODES: [UnavailableReason, RegExp][] = [
  ['busy', /^(SQLITE_BUSY|SQLITE_LOCKED|40001|40P01|53300|53400|55P03)$/],
  ['failing', /^(SQLITE_IOERR|SQLITE_NOMEM|SQLITE_PROTOCOL|53200|58...)$/],
  ['full', /^(SQLITE_FULL|53...|ENOSPC)$/],
  ['read-only', /^(SQLITE_READONLY|25006)$/],
  ['timeout', /^(SQLITE_INTERRUPT|57014|ETIMEDOUT)$/],
  ['unreachable', /^(SQLITE_CANTOPEN|SQLITE_NOTADB|08...|28...|3D000|57...|E[A-Z]+)$/],
]

// What has no code of its own: pg and the pool speak so of connections, SQLite of a transaction that it has
// undone by itself.
const MESSAGES: [UnavailableReason, RegExp][] = [
  ['timeout', /Query read timeout|timeout expired|operation timed out/],
  ['unreachable', /Connection terminated|Connection ended|is not queryable/],
  ['failing', /no transaction is active$/],
]

/** Undefined for all that is wrong with the statement, and not with the database. */
function unavailableReason(error: unknown): UnavailableReason | undefined {
  const { code = 'SQLITE_ERROR', message = '' } = error as { code?: string; message?: string }
  const row =
    code === 'SQLITE_ERROR'
      ? MESSAGES.find(([, messages]) => messages.test(message))
      : CODES.find(([, codes]) => codes.test(code))
  return row?.[0]
}

/** A failed statement: our error, or the driver's own without the values that PostgreSQL tells beside it. */
export function statementError(error: unknown, statement: string): unknown {
  const reason = unavailableReason(error)
  if (reason !== undefined) return new DatabaseUnavailable(reason, detailOf(error, statement), error)
  for (const property of ['detail', 'where', 'internalQuery'])
    delete (error as Record<string, unknown>)[property]
  return error
}

/** No connection was to be had: nothing of ours has run, so whatever the reason the database is away. */
export function connectionError(error: unknown): DatabaseUnavailable {
  if (error instanceof DatabaseUnavailable) return error
  return new DatabaseUnavailable(unavailableReason(error) ?? 'unreachable', detailOf(error), error)
}

/**
 * What the driver said, without the statement that knex puts before it; a network failure may have a code
 * alone.
 */
function detailOf(error: unknown, statement = ''): string {
  const { message = '', code = '' } = error as { message?: string; code?: string }
  const prefix = `${statement} - `
  return (message.startsWith(prefix) ? message.slice(prefix.length) : message) || code
}
