// Threat: strangers who type wrong passwords lock a colleague out (RATE-2, RATE-3). A browser that has signed
// in to an account keeps an allowance of its own; whoever copied its cookie beforehand has nothing of it.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { givePassword, signIn } from '../support/journey.js'
import { createEnrolled, type Person } from '../support/people.js'
import { wrongCode, type Phone } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { giveTemporaryPassword } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const WRONG = 'faux-mot-de-passe'
const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

/** Somebody with a browser that has signed in before. */
async function createRegular(): Promise<{ person: Person; phone: Phone; known: Browser }> {
  const { person, phone } = await createEnrolled(idp)
  const known = new Browser(idp)
  await signIn(rp, person, phone, known)
  expect(isBack(known)).toBe(true)
  clock.nextStep()
  return { person, phone, known }
}

async function guess(cip: string, times: number, browser?: Browser): Promise<number[]> {
  const statuses: number[] = []
  for (let attempt = 1; attempt <= times; attempt += 1) {
    const guesser = browser ?? new Browser(idp)
    await givePassword(guesser, rp, { cip, password: WRONG })
    statuses.push(guesser.shown.status)
  }
  return statuses
}

describe('« Ordinateur partagé »', () => {
  const BOX = /<input type="checkbox" id="sharedComputer"[^>]*>/
  const isTicked = (browser: Browser): boolean =>
    BOX.exec(browser.shown.html)?.[0].includes('checked') === true

  test('is ticked in advance in the hospital’s own networks, and a refusal keeps what was chosen', async () => {
    await idp.restart({ SHARED_NETWORKS: '127.0.0.0/8,::1' })
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    expect(isTicked(browser)).toBe(true)
    await browser.submit({ cip: 'tram1234', password: WRONG })
    expect(isTicked(browser)).toBe(false)
    await browser.submit({ cip: 'tram1234', password: WRONG, sharedComputer: 'yes' })
    expect(isTicked(browser)).toBe(true)
    await idp.restart({ SHARED_NETWORKS: '' })
    await browser.open(rp.begin().url)
    expect(isTicked(browser)).toBe(false)
  })

  test.each<[string, (person: Person) => Promise<Person>]>([
    ['to the code', async (person) => person],
    ['over a change of password', (person) => giveTemporaryPassword(idp, person)],
  ])('ticked, it holds %s, and makes no browser known', async (_where, prepare) => {
    const { person, phone } = await createEnrolled(idp)
    const { cip, password } = await prepare(person)
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    await browser.submit({ cip, password, sharedComputer: 'yes' })
    await browser.submit({ code: phone.code() })
    if (browser.step() === 'change-password') {
      const newPassword = 'quatre-chiens-courent'.slice(0, 20)
      await browser.submit({ newPassword, newPasswordConfirmation: newPassword })
    }
    expect(isBack(browser)).toBe(true)
    expect(browser.cookie('laissez-passer-browser')).toBeUndefined()
    expect(await idp.db('known_browsers').where({ accountId: person.id })).toEqual([])
  })

  test('ticked where the browser was known, it is known no more', async () => {
    const { person, phone, known } = await createRegular()
    await known.open(rp.begin().url)
    await known.submit({ cip: person.cip, password: person.password, sharedComputer: 'yes' })
    await known.submit({ code: phone.code() })
    expect(isBack(known)).toBe(true)
    expect(known.cookie('laissez-passer-browser')).toBeUndefined()
    await guess(person.cip, 6)
    await givePassword(known, rp, person)
    expect(known.shown.status).toBe(429)
  })
})

describe('while strangers guess', () => {
  test('the known browser signs in at the first try; an unknown one waits', async () => {
    const { person, phone, known } = await createRegular()
    const from = (network: number) => ({ clientAddress: `203.0.${network}.1`, browserIds: [] })
    for (let attempt = 1; attempt <= 60; attempt += 1) {
      await idp.services.passwords.verify(person.cip, WRONG, from(attempt % 5))
      if (attempt % 6 === 0) clock.advance({ minutes: 16 })
    }
    await guess(person.cip, 2)
    const unknown = new Browser(idp)
    await givePassword(unknown, rp, person)
    expect(unknown.shown.status).toBe(429)
    await signIn(rp, person, phone, known)
    expect(isBack(known)).toBe(true)
  })

  test('wrong codes of a stranger who has the password do not make the known browser wait', async () => {
    const { person, phone, known } = await createRegular()
    const thief = new Browser(idp)
    await givePassword(thief, rp, person)
    for (let attempt = 1; attempt <= 5; attempt += 1) await thief.submit({ code: wrongCode(phone) })
    expect(thief.shown.status).toBe(429)
    await signIn(rp, person, phone, known)
    expect(isBack(known)).toBe(true)
  })
})

describe('the allowance of a known browser', () => {
  test('has the same limit: four wrong ones free, the fifth starts a wait', async () => {
    const { person, known } = await createRegular()
    expect(await guess(person.cip, 7, known)).toEqual([422, 422, 422, 422, 422, 429, 429])
  })

  test('is its own: what it uses up leaves strangers theirs, and the other way round', async () => {
    const { person, known } = await createRegular()
    await guess(person.cip, 6, known)
    expect(await guess(person.cip, 1)).toEqual([422])
  })

  test('is given back by a full sign-in: one slip of the finger a day never adds up to a wait (RATE-5)', async () => {
    const { person, phone, known } = await createRegular()
    for (let day = 1; day <= 8; day += 1) {
      await givePassword(known, rp, { cip: person.cip, password: WRONG })
      expect({ day, status: known.shown.status, waits: known.refusal().includes('Attendez') }).toEqual({
        day,
        status: 422,
        waits: false,
      })
      await signIn(rp, person, phone, known)
      expect(isBack(known)).toBe(true)
      clock.advance({ hours: 20 })
    }
  })

  test('counts for the account it signed in to, and for no other', async () => {
    const { known } = await createRegular()
    const other = await createEnrolled(idp)
    await guess(other.person.cip, 6)
    await givePassword(known, rp, other.person)
    expect(known.shown.status).toBe(429)
  })

  test('is worth nothing by a cookie that is forged, cut or borrowed from nobody', async () => {
    const { person, known } = await createRegular()
    const cookie = known.cookie('laissez-passer-browser') ?? ''
    expect(cookie).not.toBe('')
    await guess(person.cip, 6)
    for (const forged of [
      cookie.slice(0, -1),
      `${cookie}A`,
      cookie.replace('.', ''),
      `x.${cookie.split('.')[1]}`,
      `${cookie.split('.')[0]}.x`,
      '.',
      '',
    ]) {
      const thief = new Browser(idp)
      thief.setCookie('laissez-passer-browser', forged)
      await givePassword(thief, rp, person)
      expect({ forged, status: thief.shown.status }).toEqual({ forged, status: 429 })
    }
  })

  test('is not that of whoever copied the cookie before a colleague signed in', async () => {
    const { known: ward } = await createRegular()
    const copied = ward.clone()
    const colleague = await createEnrolled(idp)
    await signIn(rp, colleague.person, colleague.phone, ward)
    await guess(colleague.person.cip, 6)
    await givePassword(copied, rp, colleague.person)
    expect(copied.shown.status).toBe(429)
    await givePassword(ward, rp, colleague.person)
    expect(ward.step()).toBe('one-time-code')
  })

  test('is each person’s, also where several sign in by turns', async () => {
    const first = await createRegular()
    const second = await createEnrolled(idp)
    await signIn(rp, second.person, second.phone, first.known)
    for (const { person } of [first, second]) {
      await guess(person.cip, 6)
      await givePassword(first.known, rp, person)
      expect(first.known.step()).toBe('one-time-code')
    }
  })

  test('is in a cookie that tells no account: an id each, of chance alone, in the order they signed in', async () => {
    const first = await createRegular()
    const alone = first.known.cookie('laissez-passer-browser') ?? ''
    const second = await createEnrolled(idp)
    await signIn(rp, second.person, second.phone, first.known)
    const both = first.known.cookie('laissez-passer-browser') ?? ''
    const [latest = '', before = ''] = both.split('.')
    expect([before, both.split('.').length]).toEqual([alone.split('.')[0], 3])
    for (const id of [latest, before]) expect(id).toMatch(/^[\w-]{43}$/)
    const decoded = both + Buffer.from(both, 'base64url').toString('latin1')
    for (const { id, cip } of [first.person, second.person])
      for (const name of [id, cip]) expect(decoded).not.toContain(name)
  })

  test('outlives two posts of the same code, whichever answer comes last', async () => {
    const { person, phone, known } = await createRegular()
    await givePassword(known, rp, person)
    const [tabA, tabB] = [known.clone(), known.clone()]
    await Promise.all([tabA, tabB].map((tab) => tab.submit({ code: phone.code() })))
    clock.advance({ minutes: 3 })
    await guess(person.cip, 6)
    for (const tab of [tabA, tabB]) {
      await givePassword(tab, rp, person)
      expect(tab.step()).toBe('one-time-code')
    }
  })

  test('ends with a reset by the help desk', async () => {
    const { person, known } = await createRegular()
    await idp.services.accountActions.resetSecondFactor(await idp.account(person.cip), operator, 'lost')
    await guess(person.cip, 6)
    await givePassword(known, rp, person)
    expect(known.shown.status).toBe(429)
  })

  test('is not won by a password alone', async () => {
    const { person } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    expect(browser.cookie('laissez-passer-browser')).toBeUndefined()
  })

  test('shows nothing in the answers of who has signed in where (FLOW-6)', async () => {
    const { person, known } = await createRegular()
    const stranger = new Browser(idp)
    await givePassword(known, rp, { cip: person.cip, password: WRONG })
    await givePassword(stranger, rp, { cip: person.cip, password: WRONG })
    expect(known.refusal()).toBe(stranger.refusal())
  })
})
