// What a restore must end, and what it leaves as it is, below the commands. (The drill: cli/restore-drill.)

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { listSealFaults } from '../../src/accounts/account-seals.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { createEnrolled, OPERATOR } from '../support/people.js'
import { createPersonWithEverything, PAYROLL } from '../support/person-with-everything.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'

function suite(database: DatabaseKind): void {
  let services: TestServices
  beforeAll(async () => {
    services = await openServices({ database })
    await services.clients.create(PAYROLL, OPERATOR)
  })
  afterAll(() => services.close())

  const rows = (table: string) => services.db(table).select<Record<string, unknown>[]>()

  test('sessions, tokens and activation codes end; waits, known browsers, consents and passwords stay', async () => {
    const person = await createPersonWithEverything(services)
    const kept = ['attempts', 'known_browsers', 'consents']
    const before = await Promise.all(kept.map(rows))
    const ended = await services.restoration.endAll(OPERATOR, {})
    expect(ended).toEqual({ accounts: 1, sessions: 1, devices: 1, activationCodes: 1 })
    const artifacts = await rows('oidc_artifacts')
    expect(artifacts.map(({ model, consumedAt }) => [model, consumedAt !== null])).toEqual([
      ['Session', true],
    ])
    expect(await rows('activation_codes')).toEqual([])
    expect(await services.store.logoutNotices.listClients(person.id)).toEqual([PAYROLL.client_id])
    expect(await Promise.all(kept.map(rows))).toEqual(before)
    const { passwordHash, credentialEpoch } = await services.account(person)
    expect({ passwordHash, credentialEpoch }).toEqual({
      passwordHash: person.passwordHash,
      credentialEpoch: person.credentialEpoch,
    })
    expect(await listSealFaults(services)).toEqual([])
  })

  test('a second time it finds nothing more to end, and does no harm', async () => {
    await createPersonWithEverything(services)
    await services.restoration.endAll(OPERATOR, {})
    expect(await services.restoration.endAll(OPERATOR, {})).toMatchObject({ sessions: 0, activationCodes: 0 })
    expect(await listSealFaults(services)).toEqual([])
  })

  test('a code that a phone ahead of us may have shown already is refused, the one after it serves', async () => {
    const { person, phone } = await createEnrolled({ services })
    const shownAhead = phone.code({ offsetSeconds: 30 })
    await services.restoration.endAll(OPERATOR, {})
    const verify = async (code: string) =>
      (
        await services.signIns.verifyCode(
          {
            account: await services.account(person),
            signIn: 'later',
            visitor: { clientAddress: '192.0.2.1', browserIds: [] },
          },
          code,
          undefined,
        )
      ).ok
    expect(await verify(shownAhead)).toBe(false)
    clock.nextStep()
    expect(await verify(shownAhead)).toBe(false)
    expect(await verify(phone.code({ offsetSeconds: 30 }))).toBe(true)
  })

  test('more people than one transaction takes are all reached', async () => {
    for (let count = 0; count < 101; count += 1) await services.createPerson()
    const ended = await services.restoration.endAll(OPERATOR, {})
    const accounts = await services.accounts.list()
    expect(ended.accounts).toBe(accounts.length)
    expect(accounts.filter(({ sessionsEndedAt }) => sessionsEndedAt === null)).toEqual([])
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
