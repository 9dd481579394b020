// Threat: guessing with patience, from many addresses, or with the password in hand (OTP-8, OTP-9, RATE-2,
// RATE-3); and the colleague who is locked out by it. Guesses by the hundred need no browser:
// test/services/password-guessing.test.ts.

import { describe, expect, test } from '@jest/globals'
import { randomId } from '../../src/key-ring.js'
import { LIMITS } from '../../src/limits.js'
import { reserveAttempt } from '../../src/rate-limits.js'
import { Browser, formHeaders } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { givePassword, signIn } from '../support/journey.js'
import { createEnrolled, type Person } from '../support/people.js'
import { wrongCode, type Phone } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { failuresOf } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const WRONG = 'faux-mot-de-passe'

const idp = await useIdp({ settings: { TRUSTED_PROXY_HOPS: '1' } })
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)
const isDisabled = async (person: Person): Promise<boolean> =>
  (await idp.services.secondFactors.list(person.id))[0]?.disabledAt !== null
const auditRows = async (person: Person, event: string): Promise<number> =>
  (await idp.db('audit_events').where({ accountId: person.id, event })).length

/** Somebody with a browser that has signed in before. */
async function createRegular(): Promise<{ person: Person; phone: Phone; known: Browser }> {
  const { person, phone } = await createEnrolled(idp)
  const known = new Browser(idp)
  await signIn(rp, person, phone, known)
  clock.nextStep()
  return { person, phone, known }
}

async function signsIn(person: Person, phone: Phone, browser: Browser): Promise<boolean> {
  await signIn(rp, person, phone, browser)
  return isBack(browser)
}

/** One code from a browser that never signed in, after whatever wait stands. */
async function stealOneTry(person: Person, code: string): Promise<void> {
  const thief = new Browser(idp, { 'X-Forwarded-For': '198.51.100.9' })
  await givePassword(thief, rp, person)
  await thief.submit({ code })
  clock.advance({ minutes: 16 })
}

describe('a thief who has the password, and months (OTP-8)', () => {
  test('gets fifty tries in thirty days, although the owner signs in every day; then the device is disabled and its owner told', async () => {
    const { person, phone, known } = await createRegular()
    const account = await idp.account(person.cip)
    const visitor = { clientAddress: '198.51.100.9', browserIds: [] }
    let tries = 0
    for (let day = 1; day <= 20 && !(await isDisabled(person)); day += 1) {
      for (let attempt = 1; attempt <= 4 && !(await isDisabled(person)); attempt += 1) {
        const thief = { account, signIn: randomId(), visitor }
        if (tries < 48) await idp.services.signIns.verifyCode(thief, wrongCode(phone), undefined)
        else await stealOneTry(person, wrongCode(phone))
        clock.advance({ minutes: 16 })
        tries += 1
      }
      if (!(await isDisabled(person)))
        expect({ day, isIn: await signsIn(person, phone, known) }).toEqual({ day, isIn: true })
      clock.advance({ hours: 22 })
    }
    expect(tries).toBe(LIMITS['code-points-in-30-days'].cap)
    expect(await auditRows(person, 'one-time-code.refused')).toBe(50)
    expect(await auditRows(person, 'second-factor.disabled')).toBe(1)
    expect(
      (await idp.readMail()).filter(
        ({ to, subject }) => to === person.email && subject === 'Votre appareil mobile a été désactivé',
      ).length,
    ).toBeGreaterThan(0)
    expect(await signsIn(person, phone, known)).toBe(false)
  })
})

test('a wrong code counts nothing against the password (OTP-9)', async () => {
  const { person, phone } = await createRegular()
  await givePassword(new Browser(idp), rp, { ...person, password: WRONG })
  const before = await failuresOf(idp, `password-account:${person.cip}`)
  expect(before).toBe(1)
  await stealOneTry(person, wrongCode(phone))
  expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(before)
})

describe('strangers who type wrong passwords', () => {
  const guess = (cip: string, clientAddress: string) =>
    idp.services.passwords.verify(cip, WRONG, { clientAddress, browserIds: [] })

  test('forty at once, from ten networks: the known browser signs in at the first try, an unknown one waits a quarter of an hour at most (RATE-2)', async () => {
    const { person, phone, known } = await createRegular()
    const stranger = new Browser(idp)
    await stranger.open(rp.begin().url)
    const posts = Array.from({ length: 40 }, (_, index) =>
      stranger.prepare({ cip: person.cip, password: `${WRONG}-${index}` }),
    )
    const answers = await Promise.all(
      posts.map(([url, body], index) =>
        stranger.request(url, {
          method: 'POST',
          body,
          headers: { ...formHeaders(url), 'X-Forwarded-For': `203.0.${index % 10}.1` },
        }),
      ),
    )
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(20)
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(20)
    const newComputer = new Browser(idp)
    await givePassword(newComputer, rp, person)
    expect(newComputer.shown.status).toBe(429)
    expect(Number(newComputer.shown.headers.get('retry-after'))).toBeLessThanOrEqual(900)
    expect(await signsIn(person, phone, known)).toBe(true)
    clock.advance({ minutes: 15 })
    expect(await signsIn(person, phone, newComputer)).toBe(true)
  })

  test('for hours on end: unknown browsers are told the longest wait, the password serves all the same (RATE-3)', async () => {
    const { person, phone, known } = await createRegular()
    for (let attempt = 1; attempt <= 27; attempt += 1) {
      await guess(person.cip, `203.0.${attempt}.1`)
      clock.advance({ minutes: 16 })
    }
    await givePassword(new Browser(idp), rp, { cip: person.cip, password: WRONG })
    const newComputer = new Browser(idp)
    await givePassword(newComputer, rp, person)
    expect({ status: newComputer.shown.status, wait: newComputer.shown.headers.get('retry-after') }).toEqual({
      status: 429,
      wait: '900',
    })
    expect(await signsIn(person, phone, known)).toBe(true)
    clock.advance({ minutes: 16 })
    expect(await signsIn(person, phone, newComputer)).toBe(true)
  })

  test('one address that has tried one password on many accounts is slowed down as a source, and others are not', async () => {
    const { person, phone } = await createEnrolled(idp)
    const { store } = idp.services
    for (let index = 0; index <= LIMITS['password-source'].free; index += 1)
      await reserveAttempt(store, [{ limit: 'password-source', subject: '203.0.113.200' }], clock.now())
    // Another one of it is being looked at (how long that lasts: test/services/password-networks.test.ts).
    await reserveAttempt(store, [{ limit: 'password-slow-lane', subject: '203.0.113.200' }], clock.now())
    const sprayer = new Browser(idp, { 'X-Forwarded-For': '203.0.113.200' })
    await givePassword(sprayer, rp, { cip: 'encore.une', password: WRONG })
    expect(sprayer.shown.status).toBe(429)
    expect(Number(sprayer.shown.headers.get('retry-after'))).toBeLessThanOrEqual(30)
    expect(await signsIn(person, phone, new Browser(idp, { 'X-Forwarded-For': '192.0.2.1' }))).toBe(true)
  })
})
