// Threat: strangers who shut the door by asking for hashes, faster than they can be computed, from addresses
// that no limit has seen. The order by itself: test/unit/hashing-line.test.ts.

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import type { Account } from '../../src/accounts/accounts.js'
import { createHashingCapacity } from '../../src/sign-ins/hashing-capacity.js'
import type { Visitor } from '../../src/sign-ins/known-browsers.js'
import { clock } from '../support/clock.js'
import { holdHashes } from '../support/held-hashes.js'
import { TEST_PASSWORD } from '../support/people.js'
import { openServices, type TestServices } from '../support/services.js'
import { until } from '../support/until.js'

const WRONG = 'faux-mot-de-passe'
const FLOOD = 120

let services: TestServices
beforeAll(async () => {
  services = await openServices({ settings: { SHARED_NETWORKS: '10.0.0.0/8' } })
})
afterEach(() => void jest.restoreAllMocks())
afterAll(() => services.close())

const stranger = (clientAddress: string): Visitor => ({ clientAddress, browserIds: [] })
const failuresOf = async (key: string): Promise<number> =>
  (await services.store.attempts.find([key]))[0]?.failures ?? 0

/** Somebody, and the browser in which he has signed in before. */
async function createRegular() {
  const account = await services.createPerson()
  const cookie = await services.store.transaction((tx) =>
    services.knownBrowsers.remember(tx, [], { accountId: account.id, signIn: 'before' }),
  )
  return { account, browserIds: services.knownBrowsers.read(cookie) }
}

/** The flood stands in line, then the others come; whose hashes are computed in turn, once they are again. */
async function orderBehind(flood: string[], others: [name: string, account: Account, visitor: Visitor][]) {
  const held = holdHashes(services)
  const inLine = jest.spyOn(services.hasher, 'verify')
  const ofFlood = flood.map((address, n) =>
    services.passwords.verify(`inconnu${n}`, WRONG, stranger(address)),
  )
  await until(() => inLine.mock.calls.length === flood.length)
  const ofOthers = others.map(([, { cip }, visitor]) =>
    services.passwords.verify(cip, TEST_PASSWORD, visitor),
  )
  await until(() => inLine.mock.calls.length === flood.length + others.length)
  await held.release()
  await Promise.all([...ofFlood, ...ofOthers])
  const names = new Map(others.map(([name, { passwordHash }]) => [bcryptPart(passwordHash ?? ''), name]))
  return held.compared.map((stored) => names.get(stored) ?? 'flood')
}

const bcryptPart = (stored: string): string => stored.slice(stored.indexOf('$2b$'))

describe('while strangers ask for more than can be hashed', () => {
  test.each([
    ['the /64s of one /40', (n: number) => `2001:db8:${(0x4000 + n).toString(16)}::1`],
    ['the /64s of one /48', (n: number) => `2001:db8:1:${n.toString(16)}::1`],
    ['one /24', (n: number) => `203.0.113.${n}`],
  ])(
    'from %s: a colleague, the organisation and a newcomer from elsewhere come first',
    async (_where, address) => {
      const { account, browserIds } = await createRegular()
      const flood = Array.from({ length: FLOOD }, (_, n) => address(n))
      const order = await orderBehind(flood, [
        ['newcomer', await services.createPerson(), stranger('198.51.100.7')],
        ['organisation', await services.createPerson(), stranger('10.1.2.3')],
        ['colleague', account, { clientAddress: address(1), browserIds }],
      ])
      // Three that ran before, and one of the flood between.
      expect(order.slice(0, 8)).toEqual(expect.arrayContaining(['colleague', 'organisation', 'newcomer']))
      expect(order.indexOf('colleague')).toBeLessThan(order.indexOf('newcomer'))
      clock.advance({ days: 2 }) // the waits of those who are unknown end
    },
  )
})

describe('a place in line', () => {
  test('that is given up counts for nothing: nobody has looked at the password', async () => {
    const { cip } = await services.createPerson()
    const held = holdHashes(services)
    const asked = jest.spyOn(services.hasher, 'verify')
    const abort = new AbortController()
    const answer = services.passwords.verify(cip, WRONG, stranger('198.51.100.8'), abort.signal)
    await until(() => asked.mock.calls.length === 1)
    expect(await failuresOf(`password-account:${cip}`)).toBe(1) // counted before it is looked at
    abort.abort()
    await expect(answer).rejects.toMatchObject({ code: 'busy', status: 503 })
    expect(await failuresOf(`password-account:${cip}`)).toBe(0)
    await held.release()
  })

  test('whose turn has come is not given up: what is looked at counts', async () => {
    const { cip } = await services.createPerson()
    const abort = new AbortController()
    jest.spyOn(bcrypt, 'compare').mockImplementationOnce(async () => {
      abort.abort()
      return false
    })
    const answer = services.passwords.verify(cip, WRONG, stranger('198.51.100.8'), abort.signal)
    expect(await answer).toMatchObject({ ok: false, reason: 'wrong' })
    expect(await failuresOf(`password-account:${cip}`)).toBe(1)
  })

  test('is kept while somebody asks for it, and given up after fifteen seconds without', async () => {
    const givenUp: string[] = []
    const asked = services.waitingPlaces.take(() => givenUp.push('asked'))
    services.waitingPlaces.take(() => givenUp.push('silent'))
    clock.advance({ seconds: 14 })
    expect(await services.waitingPlaces.ask(asked)).toBe(true)
    await services.waitingPlaces.keep()
    expect(givenUp).toEqual([])
    clock.advance({ seconds: 1 })
    await services.waitingPlaces.keep()
    expect(givenUp).toEqual(['silent'])
  })

  test('is given up after three minutes, however often it is asked for', async () => {
    let isGivenUp = false
    const place = services.waitingPlaces.take(() => {
      isGivenUp = true
    })
    for (let seconds = 10; seconds < 180; seconds += 10) {
      clock.advance({ seconds: 10 })
      await services.waitingPlaces.ask(place)
      await services.waitingPlaces.keep()
    }
    expect(isGivenUp).toBe(false)
    clock.advance({ seconds: 10 })
    await services.waitingPlaces.ask(place)
    await services.waitingPlaces.keep()
    expect(isGivenUp).toBe(true)
  })
})

describe('all strangers together are slowed down by what can be hashed (RATE-1)', () => {
  const capacityOf = (perSecond: number | undefined) =>
    createHashingCapacity({
      store: services.store,
      hasher: { hashesPerSecond: () => perSecond },
      now: clock.now,
    })

  test('three quarters of it in five minutes are free, over all processes, and never more than the table says', async () => {
    const [one, two] = [capacityOf(4), capacityOf(2)]
    expect([one, two].map((capacity) => capacity.freeFailures())).toEqual([900, 450])
    for (const capacity of [one, two, one]) await capacity.report()
    expect([one, two].map((capacity) => capacity.freeFailures())).toEqual([1_350, 1_350])
    clock.advance({ seconds: 91 }) // the second has stopped
    await one.report()
    expect(one.freeFailures()).toBe(900)
    expect([undefined, 1_000].map((perSecond) => capacityOf(perSecond).freeFailures())).toEqual([
      5_000, 5_000,
    ])
  })

  test('then they wait: a colleague in a known browser does not, nor does the organisation', async () => {
    clock.advance({ minutes: 6 })
    jest.spyOn(services.hashingCapacity, 'freeFailures').mockReturnValue(20)
    const { account, browserIds } = await createRegular()
    const reasons = []
    for (let n = 0; n < 22; n += 1) {
      const outcome = await services.passwords.verify(`foule${n}`, WRONG, stranger(`2001:db8:${n}::1`))
      reasons.push(outcome.ok ? 'right' : outcome.reason)
    }
    expect(reasons.indexOf('waiting')).toBe(21)
    const tryRight = async ({ cip }: Account, visitor: Visitor) =>
      (await services.passwords.verify(cip, TEST_PASSWORD, visitor)).ok
    const newcomer = await services.createPerson()
    expect(await tryRight(newcomer, stranger('198.51.100.9'))).toBe(false)
    expect(await tryRight(newcomer, stranger('10.1.2.3'))).toBe(true)
    expect(await tryRight(account, { clientAddress: '198.51.100.9', browserIds })).toBe(true)
    clock.advance({ seconds: 5 })
    expect(await tryRight(newcomer, stranger('198.51.100.9'))).toBe(true)
  })

  test('and the door is never shut for longer than five seconds, however far beyond they are', async () => {
    clock.advance({ minutes: 6 })
    const capacity = jest.spyOn(services.hashingCapacity, 'freeFailures').mockReturnValue(1_000)
    for (let n = 0; n < 60; n += 1)
      await services.passwords.verify(`troupe${n}`, WRONG, stranger(`2001:db8:${n}::1`))
    capacity.mockReturnValue(5) // the machine has become slow meanwhile
    const waits: number[] = []
    for (let n = 0; n < 10; n += 1) {
      const outcome = await services.passwords.verify(`bande${n}`, WRONG, stranger(`2001:db8:${n}::2`))
      waits.push(!outcome.ok && 'waitSeconds' in outcome ? outcome.waitSeconds : 0)
      clock.advance({ seconds: 5 })
    }
    expect(Math.max(...waits)).toBeLessThanOrEqual(5)
    expect(Math.max(...waits)).toBeGreaterThan(0)
  })

  test('what a hasher can do is learnt from what it does', async () => {
    await services.hasher.verify('x', undefined)
    expect(services.hasher.hashesPerSecond()).toBeGreaterThan(0)
    const fresh = await openServices()
    expect(fresh.hasher.hashesPerSecond()).toBeUndefined()
    await fresh.close()
  })
})
