// Threat: passwords guessed by the hundred, in a row or in parallel (RATE-1), or waits without end for
// their owner. What a browser is shown of it is test/http/password.test.ts's.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { clock } from '../support/clock.js'
import { TEST_PASSWORD } from '../support/people.js'
import { openServices, type TestServices } from '../support/services.js'
import { reserveAttempt } from '../../src/rate-limits.js'

const WRONG = 'faux-mot-de-passe'
const VISITOR = { clientAddress: '192.0.2.1', browserIds: [] }

let services: TestServices
beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.close())

const guess = (cip: string, password = WRONG) => services.passwords.verify(cip, password, VISITOR)

async function fail(cip: string, times: number): Promise<void> {
  for (let attempt = 1; attempt <= times; attempt += 1) expect(await guess(cip)).toMatchObject({ ok: false })
}

describe('all strangers together', () => {
  test('wait once five thousand of them have failed within minutes, and a known browser does not (RATE-1)', async () => {
    const crowd = await openServices()
    const account = await crowd.createPerson()
    const cookie = await crowd.store.transaction((tx) =>
      crowd.knownBrowsers.remember(tx, [], { accountId: account.id, signIn: 'before' }),
    )
    const browserIds = crowd.knownBrowsers.read(cookie)
    await crowd.store.transaction((tx) =>
      reserveAttempt(tx, [{ limit: 'password-global', subject: 'all', points: 4_999 }], clock.now()),
    )
    const stranger = (last: number) => ({ clientAddress: `198.51.100.${last}`, browserIds: [] })
    const outcomes: string[] = []
    for (let last = 1; last <= 4; last += 1) {
      const outcome = await crowd.passwords.verify(`inconnu${last}`, WRONG, stranger(last))
      outcomes.push(outcome.ok ? 'in' : outcome.reason)
    }
    expect(outcomes.at(-1)).toBe('waiting')
    const home = { clientAddress: '192.0.2.7', browserIds }
    expect(await crowd.passwords.verify(account.cip, TEST_PASSWORD, home)).toMatchObject({ ok: true })
    await crowd.close()
  })
})

describe('waits', () => {
  test('double up to a quarter of an hour, and no further', async () => {
    const { cip } = await services.createPerson()
    await fail(cip, 5)
    const waits: number[] = []
    for (let round = 1; round <= 7; round += 1) {
      const refused = await guess(cip)
      if (refused.ok || refused.reason !== 'waiting') throw new Error('expected a wait')
      waits.push(refused.waitSeconds)
      clock.advance({ seconds: refused.waitSeconds + 1 })
      await fail(cip, 1)
    }
    expect(waits.map((wait) => Math.ceil(wait / 60) * 60)).toEqual([60, 120, 240, 480, 900, 900, 900])
  })

  test('are not lengthened by a try that is refused for waiting', async () => {
    const { cip } = await services.createPerson()
    await fail(cip, 5)
    await fail(cip, 8)
    clock.advance({ seconds: 61 })
    expect(await guess(cip, TEST_PASSWORD)).toMatchObject({ ok: true })
  })

  test('of a hundred parallel wrong passwords no more than the limit are looked at (RATE-1)', async () => {
    const { cip } = await services.createPerson()
    const outcomes = await Promise.all(Array.from({ length: 100 }, () => guess(cip)))
    const reasons = outcomes.map((outcome) => (outcome.ok ? 'right' : outcome.reason))
    expect(reasons.filter((reason) => reason === 'wrong')).toHaveLength(5)
    expect(reasons.filter((reason) => reason === 'waiting')).toHaveLength(95)
  })

  test('are started for nobody by what cannot be a CIP', async () => {
    for (const cip of ['a', 'jean@exemple.ca', 'é'.repeat(10), 'x'.repeat(60), 'deux mots', 'trois mots ici'])
      expect({ cip, outcome: await guess(cip) }).toEqual({
        cip,
        outcome: { ok: false, reason: 'wrong', waitSeconds: 0 },
      })
  })
})
