// What the end of a sign-in asks for and leaves behind. That it happens whole or not at all is
// test/http/end-of-sign-in.test.ts's.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { randomId } from '../../src/key-ring.js'
import { clock } from '../support/clock.js'
import { addDevice, type Device } from '../support/devices.js'
import { createPhone, wrongCode } from '../support/phone.js'
import { openServices, type TestServices } from '../support/services.js'

const STRANGER = { clientAddress: '192.0.2.1', browserId: undefined }
const COMPLETION = { clientId: 'eespresso', locale: undefined }

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
  async function signIn(account: Account, phone: Device, browserId: string | undefined): Promise<string> {
    clock.nextStep()
    const person = { account, signIn: randomId(), visitor: { ...STRANGER, browserId } }
    const outcome = await services.signIns.verifyCode(person, phone.code(), COMPLETION)
    const cookie = outcome.ok ? outcome.completed?.browserCookie : undefined
    const id = services.knownBrowsers.read(cookie)
    if (id === undefined) throw new Error('no browser is known')
    return id
  }
  const lastSeen = async ({ id }: Account): Promise<number[]> =>
    (await services.db('known_browsers').where({ accountId: id })).map(({ lastSeenAt }) => Number(lastSeenAt))

  test('keeps its id, is known once, and is noted again when a day has passed', async () => {
    const { account, phone } = await createEnrolled()
    const id = await signIn(account, phone, undefined)
    const [first = 0] = await lastSeen(account)
    clock.advance({ hours: 20 })
    expect(await signIn(account, phone, id)).toBe(id)
    expect(await lastSeen(account)).toEqual([first])
    clock.advance({ hours: 20 })
    expect(await signIn(account, phone, id)).toBe(id)
    const [latest = 0, ...others] = await lastSeen(account)
    expect(others).toEqual([])
    expect(latest).toBeGreaterThan(first + 40 * 3_600_000)
  })

  test('that completed nothing waits with all strangers, a known one for itself', async () => {
    const { account, phone } = await createEnrolled()
    const browserId = await signIn(account, phone, undefined)
    for (let attempt = 1; attempt <= 5; attempt += 1)
      await services.signIns.verifyCode(
        { account, signIn: 'thief', visitor: STRANGER },
        wrongCode(phone),
        undefined,
      )
    expect(await services.signIns.waitForCode(account, STRANGER)).toBe(60)
    expect(await services.signIns.waitForCode(account, { ...STRANGER, browserId })).toBe(0)
  })
})
