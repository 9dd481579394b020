// What the end of a sign-in asks for and leaves behind. That it happens whole or not at all is
// test/http/end-of-sign-in.test.ts's.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { randomId } from '../../src/key-ring.js'
import type { Visitor } from '../../src/sign-ins/known-browsers.js'
import { clock } from '../support/clock.js'
import { addDevice, type Device } from '../support/devices.js'
import { createPhone, wrongCode } from '../support/phone.js'
import { openServices, type TestServices } from '../support/services.js'

const STRANGER: Visitor = { clientAddress: '192.0.2.1', browserIds: [] }
const COMPLETION = { clientId: 'eespresso', locale: undefined, isSharedComputer: false }

let services: TestServices
beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.close())

async function createEnrolled(): Promise<{ account: Account; phone: Device }> {
  const account = await services.createPerson()
  const phone = await addDevice(services, account.id, 'Mon iPhone')
  clock.nextStep()
  return { account, phone }
}

const sessionsStarted = async ({ id }: Account): Promise<number> =>
  (await services.db('audit_events').where({ accountId: id, event: 'session.started' })).length

describe('a sign-in in which everything was verified before', () => {
  test('ends once its own second factor is there, and not with another’s', async () => {
    const { account, phone } = await createEnrolled()
    const [mine, hers] = ['mine', 'hers'].map((signIn) => ({ account, signIn, visitor: STRANGER }))
    if (mine === undefined || hers === undefined) throw new Error('nobody signs in')
    expect(await services.signIns.end(mine, COMPLETION)).toBeUndefined()
    await services.signIns.verifyCode(hers, phone.code(), undefined)
    expect(await services.signIns.end(mine, COMPLETION)).toBeUndefined()
    expect(await sessionsStarted(account)).toBe(0)
    const verifiedBefore = clock.now() / 1000
    clock.advance({ minutes: 5 })
    const completed = await services.signIns.end(hers, COMPLETION)
    expect(completed?.authTime).toBeGreaterThan(verifiedBefore - 60)
    expect(completed?.authTime).toBeLessThanOrEqual(verifiedBefore)
    expect(await sessionsStarted(account)).toBe(1)
  })

  test('does not end when the account was changed or disabled since it was read', async () => {
    const { account, phone } = await createEnrolled()
    const person = { account, signIn: randomId(), visitor: STRANGER }
    await services.signIns.verifyCode(person, phone.code(), undefined)
    await services.store.accounts.resetEpoch(account.id)
    expect(await services.signIns.end(person, COMPLETION)).toBeUndefined()
    const later = { ...person, account: await services.account(account) }
    await services.store.accounts.setDisabled(account.id, clock.now())
    expect(await services.signIns.end(later, COMPLETION)).toBeUndefined()
    expect(await sessionsStarted(account)).toBe(0)
  })
})

test('a sign-in never bears the second in which an operator ended all sessions', async () => {
  const { account, phone } = await createEnrolled()
  const endedAt = clock.now() // just after a second has begun
  await services.store.accounts.endSessions(account.id, endedAt)
  clock.advance({ seconds: 0.1 })
  const person = { account, signIn: randomId(), visitor: STRANGER }
  const outcome = await services.signIns.verifyCode(person, phone.code(), COMPLETION)
  const authTime = outcome.ok ? outcome.completed?.authTime : undefined
  expect(authTime).toBeGreaterThan(Math.floor(endedAt / 1000))
})

describe('a phone bound by a double click', () => {
  const bind = (account: Account, code: string) =>
    services.signIns.enrol({ account, signIn: 'a', visitor: STRANGER }, 'uid', code, 'Mon iPhone', COMPLETION)

  test('is one phone, and both clicks end well', async () => {
    const account = await services.createPerson()
    const code = createPhone(services.secondFactors.pending(account, 'uid').key).code()
    const outcomes = await Promise.all([bind(account, code), bind(account, code)])
    expect(outcomes.map((outcome) => outcome.ok && outcome.completed !== undefined)).toEqual([true, true])
    expect(await services.secondFactors.list(account.id)).toHaveLength(1)
  })

  test('leads nowhere once the account was disabled in between', async () => {
    const account = await services.createPerson()
    const code = createPhone(services.secondFactors.pending(account, 'uid').key).code()
    await bind(account, code)
    await services.store.accounts.setDisabled(account.id, clock.now())
    expect(await bind(account, code)).toEqual({ ok: false, reason: 'overtaken' })
    expect(await sessionsStarted(account)).toBe(1)
  })
})

describe('the browser', () => {
  type Signed = { cookie: string | undefined; ids: string[] }
  async function signIn(
    { account, phone }: { account: Account; phone: Device },
    browserIds: string[],
    completion = COMPLETION,
  ): Promise<Signed> {
    clock.nextStep()
    const person = { account, signIn: randomId(), visitor: { ...STRANGER, browserIds } }
    const outcome = await services.signIns.verifyCode(person, phone.code(), completion)
    if (!outcome.ok || outcome.completed === undefined) throw new Error(JSON.stringify(outcome))
    const cookie = outcome.completed.browserCookie
    return { cookie, ids: services.knownBrowsers.read(cookie) }
  }
  const isKnown = async ({ account }: { account: Account }, ids: string[]): Promise<boolean> =>
    (await services.knownBrowsers.hashFor(ids, account.id)) !== undefined
  const countKnown = async ({ account }: { account: Account }): Promise<number> =>
    (await services.db('known_browsers').where({ accountId: account.id })).length

  test('gets a new id at each sign-in; the one before serves for two minutes more, and then no more', async () => {
    const person = await createEnrolled()
    const first = await signIn(person, [])
    const second = await signIn(person, first.ids)
    expect(second.ids).toHaveLength(1)
    expect(second.ids).not.toEqual(first.ids)
    expect(await isKnown(person, first.ids)).toBe(true)
    clock.advance({ seconds: 121 })
    expect(await isKnown(person, first.ids)).toBe(false)
    expect(await isKnown(person, second.ids)).toBe(true)
    expect(await countKnown(person)).toBe(1)
  })

  test('whose answer was lost signs in with the id before, and is known by one more', async () => {
    const person = await createEnrolled()
    const first = await signIn(person, [])
    await signIn(person, first.ids)
    const third = await signIn(person, first.ids)
    clock.advance({ seconds: 121 })
    expect(await isKnown(person, third.ids)).toBe(true)
    expect(await countKnown(person)).toBe(1)
  })

  test('keeps an id for each of five people, the latest; what one sign-in renews is that person’s alone', async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => createEnrolled()))
    let ids: string[] = []
    for (const person of people) {
      const before = ids
      ids = (await signIn(person, ids)).ids
      expect(ids.slice(1)).toEqual(before.slice(0, 4))
    }
    expect(ids).toHaveLength(5)
    expect(await Promise.all(people.map((person) => isKnown(person, ids)))).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
    ])
    const [, second] = people
    const renewed = (await signIn(second ?? fail(), ids)).ids
    expect(renewed).toEqual([renewed[0], ...ids.slice(0, 4)])
  })

  test('brings ids of its own making, or of others: none is taken over for the account', async () => {
    const [mine, hers] = [await createEnrolled(), await createEnrolled()]
    const { ids } = await signIn(mine, [])
    const after = await signIn(hers, [...ids, 'made-up'])
    expect(await isKnown(hers, ids)).toBe(false)
    expect(await isKnown(hers, ['made-up'])).toBe(false)
    expect(await isKnown(mine, ids)).toBe(true)
    expect(await isKnown(hers, after.ids)).toBe(true)
  })

  test('on a shared computer becomes known to nobody, and is known no more to whoever says so', async () => {
    const [mine, hers] = [await createEnrolled(), await createEnrolled()]
    const shared = { ...COMPLETION, isSharedComputer: true }
    expect(await signIn(mine, [], shared)).toEqual({ cookie: undefined, ids: [] })
    const both = (await signIn(hers, (await signIn(mine, [])).ids)).ids
    const { ids } = await signIn(mine, both, shared)
    expect(ids).toEqual(both.slice(0, 1))
    expect([await isKnown(mine, both), await isKnown(hers, both)]).toEqual([false, true])
    expect(await signIn(hers, ids, shared)).toEqual({ cookie: '', ids: [] })
  })

  test('that completed nothing waits with all strangers, a known one for itself', async () => {
    const person = await createEnrolled()
    const { account, phone } = person
    const { ids: browserIds } = await signIn(person, [])
    for (let attempt = 1; attempt <= 5; attempt += 1)
      await services.signIns.verifyCode(
        { account, signIn: 'thief', visitor: STRANGER },
        wrongCode(phone),
        undefined,
      )
    expect(await services.signIns.waitForCode(account, STRANGER)).toBeGreaterThan(30)
    expect(await services.signIns.waitForCode(account, { ...STRANGER, browserIds })).toBe(0)
  })
})

function fail(): never {
  throw new Error('nobody is there')
}
