// Threat: strangers who guess at passwords by the hundred, for days, from many addresses (RATE-1 to RATE-3,
// OTP-9), and the colleague who is locked out by it. What a browser is shown of it:
// test/http/guessing.test.ts.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { LIMITS } from '../../src/limits.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { createEnrolled, TEST_PASSWORD } from '../support/people.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'

const WRONG = 'faux-mot-de-passe'
const LONGEST_WAIT_SECONDS = 900

function suite(kind: DatabaseKind): void {
  let services: TestServices
  let other: TestServices
  beforeAll(async () => {
    services = await openServices({ database: kind })
    other = await openServices({ databaseUrl: services.config.databaseUrl })
  })
  afterAll(async () => {
    await other.close()
    await services.close()
  })

  const from = (clientAddress: string, browserIds: string[] = []) => ({ clientAddress, browserIds })
  const guess = (cip: string, clientAddress: string, side = services) =>
    side.passwords.verify(cip, WRONG, from(clientAddress))
  /** How the right password is answered: « in », or the wait. */
  async function tryRight({ cip }: Account, visitor = from('192.0.2.1')): Promise<string | number> {
    const outcome = await services.passwords.verify(cip, TEST_PASSWORD, visitor)
    return outcome.ok ? 'in' : outcome.reason === 'waiting' ? outcome.waitSeconds : outcome.reason
  }

  /** Somebody with a browser that has signed in before. */
  async function createRegular() {
    const account = await services.createPerson()
    const cookie = await services.store.transaction((tx) =>
      services.knownBrowsers.remember(tx, [], { accountId: account.id, signIn: 'before' }),
    )
    return { account, home: from('192.0.2.1', services.knownBrowsers.read(cookie)) }
  }

  async function reasonsOf(guesses: Promise<{ ok: boolean; reason?: string }>[]) {
    const counts: Record<string, number> = {}
    for (const { ok, reason } of await Promise.all(guesses)) {
      const name = ok ? 'right' : (reason ?? '')
      counts[name] = (counts[name] ?? 0) + 1
    }
    return counts
  }

  test('sixty at once, at two processes: five are looked at (RATE-1)', async () => {
    const { cip } = await services.createPerson()
    const sixty = Array.from({ length: 60 }, (_, index) =>
      guess(cip, '203.0.113.1', index % 2 === 0 ? services : other),
    )
    expect(await reasonsOf(sixty)).toEqual({ wrong: 5, waiting: 55 })
  })

  test('a thousand, from fifty networks: the known browser is let in at the first try, an unknown one waits a quarter of an hour at most (RATE-2)', async () => {
    const { account, home } = await createRegular()
    const counts: Record<string, number> = {}
    for (let round = 0; round < 50; round += 1) {
      const twenty = Array.from({ length: 20 }, (_, index) =>
        guess(account.cip, `203.0.${(round * 20 + index) % 50}.1`),
      )
      for (const [reason, count] of Object.entries(await reasonsOf(twenty)))
        counts[reason] = (counts[reason] ?? 0) + count
    }
    expect(counts).toEqual({ wrong: 20, waiting: 980 })
    const wait = await tryRight(account, from('198.51.100.1'))
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(LONGEST_WAIT_SECONDS)
    expect(await tryRight(account, home)).toBe('in')
    clock.advance({ seconds: LONGEST_WAIT_SECONDS })
    expect(await tryRight(account, from('198.51.100.1'))).toBe('in')
  })

  test('a hundred and twenty in a row over days: unknown browsers wait the longest wait, the password serves all the same, nobody needs the help desk (RATE-3)', async () => {
    const { account, home } = await createRegular()
    for (let attempt = 1; attempt <= 120; attempt += 1) {
      const outcome = await guess(account.cip, `203.0.${attempt}.1`)
      expect({ attempt, outcome }).toMatchObject({ attempt, outcome: { ok: false, reason: 'wrong' } })
      clock.advance({ minutes: 16 })
    }
    const counted = services.db('attempts').where({ key: `password-account:${account.cip}` })
    expect(await counted).toMatchObject([{ failures: 30 }]) // those of the second day
    await guess(account.cip, '192.0.2.1')
    expect(await tryRight(account)).toBe(LONGEST_WAIT_SECONDS)
    expect(await tryRight(account, home)).toBe('in')
    clock.advance({ minutes: 16 })
    expect(await tryRight(account)).toBe('in')
  })

  test('one address that tries one password on many accounts is slowed down as a source, and others are not', async () => {
    const account = await services.createPerson()
    const reasons: string[] = []
    for (let index = 0; index < 320; index += 1) {
      const outcome = await guess(`cible${index}`, '203.0.113.200')
      reasons.push(outcome.ok ? 'right' : outcome.reason)
    }
    const { free } = LIMITS['password-source']
    expect(reasons.indexOf('waiting')).toBe(free + 1)
    expect(new Set(reasons.slice(0, free + 1))).toEqual(new Set(['wrong']))
    expect(new Set(reasons.slice(free + 1))).toEqual(new Set(['waiting']))
    expect(await tryRight(account)).toBe('in')
  })

  test('two hundred count nothing against the device (OTP-9)', async () => {
    const { person } = await createEnrolled({ services })
    for (let attempt = 1; attempt <= 200; attempt += 1) await guess(person.cip, '203.0.113.1')
    expect(await services.db('attempts').where('key', 'like', `code%${person.id}%`)).toEqual([])
    expect(await services.db('secondFactors').where({ accountId: person.id })).toMatchObject([
      { disabledAt: null },
    ])
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
