// A person's data end (Law 25): after the erasure no table holds anything of them but the audit log, whose
// events stay until their own time is over; and whoever gets the CIP next inherits nothing. Threats: a
// sign-in under way that brings something back; two operators at once.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { verifyAuditLog } from '../../src/audit/verification.js'
import { clock } from '../support/clock.js'
import { expectAllOrNothing } from '../support/all-or-nothing.js'
import type { DatabaseKind } from '../support/databases.js'
import { bindPhone, createPersonWithEverything, PAYROLL } from '../support/person-with-everything.js'
import { OPERATOR, TEST_PASSWORD } from '../support/people.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'

const REASON = 'départ, demande du 24 novembre'

describe('an erased account, on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'an erased account, on PostgreSQL', () => suite('postgres'))

function suite(database: DatabaseKind): void {
  let services: TestServices
  beforeAll(async () => {
    services = await openServices({ database })
    await services.clients.create(PAYROLL, OPERATOR)
  })
  afterAll(() => services.close())

  const erase = (account: Account) => services.accountErasure.erase(account, OPERATOR, REASON)

  /** The tables that hold the text anywhere in a row. */
  async function tablesWith(text: string): Promise<string[]> {
    const found: string[] = []
    for (const table of await tablesOf(services)) {
      const rows: unknown[] = await services.db(table)
      if (JSON.stringify(rows).includes(text)) found.push(table)
    }
    return found
  }

  test('leaves nothing but what the audit log says, and the notice that signs it out', async () => {
    const account = await createPersonWithEverything(services)
    expect(await tablesWith(account.id)).toEqual(
      expect.arrayContaining([
        'accounts',
        'second_factors',
        'begun_enrolments',
        'oidc_artifacts',
        'outbox',
        'attempts',
      ]),
    )
    expect(await erase(account)).toBe(true)
    expect(await tablesWith(account.id)).toEqual(['audit_events', 'logout_notices'])
    expect(await tablesWith(account.cip)).toEqual(['audit_events'])
    for (const text of [account.name, account.email]) expect(await tablesWith(text)).toEqual([])
    expect(await services.db('audit_events').where({ event: 'account.erased' }).first()).toMatchObject({
      accountId: account.id,
      cip: account.cip,
      actor: OPERATOR.name,
      reason: REASON,
    })
    expect(await verifyAuditLog(services)).toMatchObject({ ok: true })
  })

  test('leaves everybody else as they were', async () => {
    const [leaves, stays] = [
      await createPersonWithEverything(services),
      await createPersonWithEverything(services),
    ]
    const rowsOf = async (table: string) => services.db(table).where({ accountId: stays.id })
    const tables = [
      'second_factors',
      'begun_enrolments',
      'oidc_artifacts',
      'known_browsers',
      'consents',
      'activation_codes',
      'outbox',
    ]
    const before = await Promise.all(tables.map(rowsOf))
    await erase(leaves)
    expect(await Promise.all(tables.map(rowsOf))).toEqual(before)
    expect(await services.account(stays)).toEqual(stays)
  })

  test('looks like one that never was, and its CIP makes a new person', async () => {
    const account = await createPersonWithEverything(services)
    await erase(account)
    const visitor = { clientAddress: '192.0.2.1', browserIds: [] }
    const tried = await services.passwords.verify(account.cip, TEST_PASSWORD, visitor)
    expect(tried).toEqual({ ok: false, reason: 'wrong', waitSeconds: 0 })
    const next = await services.accounts.create(
      { cip: account.cip, name: 'Sam Roy', email: 'sam@exemple.ca' },
      OPERATOR,
      'print',
    )
    if (!next.ok) throw new Error(next.fault)
    expect(next.account.id).not.toBe(account.id)
    expect(await services.secondFactors.list(next.account.id)).toEqual([])
  })

  test('stays erased while its owner binds a phone at that moment', async () => {
    const account = await services.createPerson()
    await Promise.allSettled([bindPhone(services, account), erase(account), bindPhone(services, account)])
    expect(await tablesWith(account.id)).toEqual(['audit_events'])
  })

  test('is erased once, however many ask at once', async () => {
    const account = await createPersonWithEverything(services)
    const answers = await Promise.all([erase(account), erase(account), erase(account)])
    expect(answers.filter(Boolean)).toHaveLength(1)
    const rows = await services.db('audit_events').where({ event: 'account.erased', accountId: account.id })
    expect(rows).toHaveLength(1)
  })
}

test('an erasure that fails half-way has erased nothing', async () => {
  const services = await openServices({ database: 'sqlite' })
  await services.clients.create(PAYROLL, OPERATOR)
  const account = await createPersonWithEverything(services)
  clock.advance({ minutes: 1 })
  const statements = await expectAllOrNothing(services.db, () =>
    services.accountErasure.erase(account, OPERATOR, REASON),
  )
  expect(statements).toBeGreaterThan(5)
  await services.close()
})

async function tablesOf({ db, config }: TestServices): Promise<string[]> {
  const names = config.databaseUrl.startsWith('sqlite:')
    ? await db('sqlite_master').where({ type: 'table' }).pluck<string[]>('name')
    : await db('information_schema.tables').where({ tableSchema: 'public' }).pluck<string[]>('table_name')
  return names.filter((name) => !/^(knex|sqlite)_/.test(name)).sort()
}
