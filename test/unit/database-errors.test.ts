// Threat: a failure of the database taken for a bug of ours, or a bug taken for a database that will be back
// (R5, R6). What the drivers say is written down here as they say it.

import { describe, expect, test } from '@jest/globals'
import {
  connectionError,
  DatabaseUnavailable,
  statementError,
  type UnavailableReason,
} from '../../db/errors.js'

const said = (message: string, code?: string, more: Record<string, unknown> = {}): Error =>
  Object.assign(new Error(message), code === undefined ? {} : { code }, more)

const STATEMENT = 'insert into `accounts` (`cip`) values (?)'

describe('what the drivers say of a database that cannot serve now', () => {
  test.each<[UnavailableReason, string, string | undefined]>([
    ['busy', 'SQLITE_BUSY: database is locked', 'SQLITE_BUSY'],
    ['busy', 'canceling statement due to lock timeout', '55P03'],
    ['busy', 'deadlock detected', '40P01'],
    ['busy', 'could not serialize access due to concurrent update', '40001'],
    ['busy', 'sorry, too many clients already', '53300'],
    ['full', 'SQLITE_FULL: database or disk is full', 'SQLITE_FULL'],
    ['full', 'could not extend file "base/1": No space left on device', '53100'],
    ['read-only', 'SQLITE_READONLY: attempt to write a readonly database', 'SQLITE_READONLY'],
    ['read-only', 'cannot execute INSERT in a read-only transaction', '25006'],
    ['failing', 'SQLITE_IOERR: disk I/O error', 'SQLITE_IOERR'],
    ['failing', 'out of memory', '53200'],
    ['failing', 'could not read block 1 in file "base/1": Input/output error', '58030'],
    ['failing', 'SQLITE_ERROR: cannot commit - no transaction is active', 'SQLITE_ERROR'],
    ['timeout', 'SQLITE_INTERRUPT: interrupted', 'SQLITE_INTERRUPT'],
    ['timeout', 'canceling statement due to user request', '57014'],
    ['timeout', 'Query read timeout', undefined],
    ['timeout', 'timeout expired', undefined],
    ['timeout', 'operation timed out for an unknown reason', undefined],
    ['timeout', 'read ETIMEDOUT', 'ETIMEDOUT'],
    ['unreachable', 'SQLITE_CANTOPEN: unable to open database file', 'SQLITE_CANTOPEN'],
    ['unreachable', 'SQLITE_NOTADB: file is not a database', 'SQLITE_NOTADB'],
    ['unreachable', 'terminating connection due to administrator command', '57P01'],
    ['unreachable', 'the database system is starting up', '57P03'],
    ['unreachable', 'connection failure', '08006'],
    ['unreachable', 'password authentication failed for user "idp"', '28P01'],
    ['unreachable', 'database "idp" does not exist', '3D000'],
    ['unreachable', 'Connection terminated unexpectedly', undefined],
    ['unreachable', 'Client has encountered a connection error and is not queryable', undefined],
    ['unreachable', 'Client was closed and is not queryable', undefined],
    ['unreachable', 'read ECONNRESET', 'ECONNRESET'],
    ['unreachable', 'write EPIPE', 'EPIPE'],
    ['unreachable', 'connect ECONNREFUSED 127.0.0.1:5432', 'ECONNREFUSED'],
    ['unreachable', 'getaddrinfo ENOTFOUND database', 'ENOTFOUND'],
  ])('%s: %s', (reason, message, code) => {
    const failure = statementError(said(`${STATEMENT} - ${message}`, code), STATEMENT)
    expect(failure).toBeInstanceOf(DatabaseUnavailable)
    expect(failure).toMatchObject({ reason, status: 503, expose: false, retryAfterSeconds: 5 })
    expect((failure as Error).message).toContain(message)
    expect((failure as Error).message).not.toContain('insert')
  })
})

describe('what is wrong with the statement stays a bug', () => {
  test.each([
    ['UNIQUE constraint failed: accounts.cip', 'SQLITE_CONSTRAINT'],
    ['no such table: accounts', 'SQLITE_ERROR'],
    ['duplicate key value violates unique constraint', '23505'],
    ['relation "accounts" does not exist', '42P01'],
    ['current transaction is aborted', '25P02'],
    ['the query is empty', undefined],
  ])('%s', (message, code) => {
    const error = said(`${STATEMENT} - ${message}`, code)
    expect(statementError(error, STATEMENT)).toBe(error)
  })

  test('and keeps to itself the values that PostgreSQL tells beside it (LOG-2)', () => {
    const error = said(`${STATEMENT} - duplicate key value`, '23505', {
      detail: 'Key (cip)=(tram1234) already exists.',
      where: 'tram1234',
      internalQuery: 'tram1234',
    })
    expect(JSON.stringify(statementError(error, STATEMENT))).not.toContain('tram1234')
  })
})

describe('a connection that is not to be had', () => {
  test('means that the database is away, whatever the reason', () => {
    expect(connectionError(said('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'))).toMatchObject({
      reason: 'unreachable',
      message: 'the database cannot be reached: self-signed certificate',
    })
  })

  test('says its code where it says nothing else', () => {
    expect(connectionError(said('', 'ECONNREFUSED')).message).toBe(
      'the database cannot be reached: ECONNREFUSED',
    )
  })
})
