// « Bonjour Julie »: a browser greets the one person who asked for it, and tells nobody else of them.
// Threats: a colleague at the same computer; a copied cookie; somebody whose access has ended; a page that
// tells CIPs that have an account from those that have none (FLOW-6).

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { givePassword, signIn } from '../support/journey.js'
import { createEnrolled, createPerson, OPERATOR, type Person } from '../support/people.js'
import { wrongCode, type Phone } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { setColumns } from '../support/sealed.js'
import { giveTemporaryPassword } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const COOKIE = 'laissez-passer-remembered'
const WRONG = 'faux-mot-de-passe'

const idp = await useIdp({ expectedFailure: 'was changed past this program' })
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

type Julie = { person: Person; phone: Phone; browser: Browser }

const createJulie = () => createEnrolled(idp, { name: 'Julie Gagnon' })
const isOffered = (browser: Browser): boolean => browser.shown.html.includes('id="rememberMe"')
const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

/** Another day: where her session lives she would be asked to confirm who she is. */
async function begin(browser: Browser): Promise<Browser> {
  browser.reopen()
  await browser.open(rp.begin().url)
  return browser
}

/** She ticks it at the code. */
async function remember(browser = new Browser(idp)): Promise<Julie> {
  const { person, phone } = await createJulie()
  await givePassword(browser, rp, person)
  expect(isOffered(browser)).toBe(true)
  await browser.submit({ code: phone.code(), rememberMe: 'yes' })
  expect(isBack(browser)).toBe(true)
  clock.nextStep()
  return { person, phone, browser }
}

/** What the sign-in page shows of anybody. */
async function greetingIn(browser: Browser): Promise<string> {
  await begin(browser)
  return browser.heading().trim()
}

const PLAIN = 'Connexion'
const GREETED = 'Bonjour Julie'

describe('whoever has ticked it', () => {
  test('is greeted by the first name, the CIP filled in, and signs in by the password and a code', async () => {
    const { person, phone, browser } = await remember()
    expect(await greetingIn(browser)).toBe(GREETED)
    expect(browser.shown.html).toMatch(
      new RegExp(`<input type="text" id="cip" name="cip"[^>]* value="${person.cip}" readonly`, 'i'),
    )
    expect(browser.shown.html).toContain('autocomplete="username"')
    expect(browser.text()).not.toContain('Gagnon')
    await signIn(rp, person, phone, browser)
    expect(isBack(browser)).toBe(true)
    expect(await greetingIn(browser)).toBe(GREETED)
  })

  test('is not asked again, and is greeted beside a refusal of her own password', async () => {
    const { person, browser } = await remember()
    await begin(browser)
    await browser.submit({ cip: person.cip.toUpperCase(), password: WRONG })
    expect([browser.shown.status, browser.heading().trim()]).toEqual([422, GREETED])
    await browser.submit({ cip: person.cip, password: person.password })
    expect([browser.step(), isOffered(browser)]).toEqual(['one-time-code', false])
  })

  test('is greeted as she is called when it is shown, by the given name where there is one', async () => {
    const { person, browser } = await remember()
    await setColumns(idp.db, idp.services, person.id, { name: 'Gagnon, Juliette' })
    expect(await greetingIn(browser)).toBe('Bonjour Juliette')
    await setColumns(idp.db, idp.services, person.id, { givenName: 'Marie Julie' })
    expect(await greetingIn(browser)).toBe('Bonjour Marie Julie')
  })

  test('is forgotten by « Ce n’est pas vous? », which is a post; the plain page follows, and stays', async () => {
    const { browser } = await remember()
    await begin(browser)
    await browser.request(`/interaction/${browser.uid()}/forget`)
    expect(await greetingIn(browser)).toBe(GREETED)
    await browser.submit({}, { form: '/forget' })
    expect([browser.step(), browser.heading().trim()]).toEqual(['password', PLAIN])
    expect(browser.cookie(COOKIE)).toBeUndefined()
    expect(await greetingIn(browser)).toBe(PLAIN)
  })

  test('is forgotten by the same words after the password too', async () => {
    const { person, browser } = await remember()
    await givePassword(browser, rp, person)
    expect(browser.step()).toBe('one-time-code')
    await browser.submit({}, { form: '/restart' })
    expect([browser.step(), browser.heading().trim()]).toEqual(['password', PLAIN])
    expect(browser.cookie(COOKIE)).toBeUndefined()
  })

  test('has it kept over a slip at the code, and only by a sign-in that ends', async () => {
    const { person, phone } = await createJulie()
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    await browser.submit({ code: wrongCode(phone), rememberMe: 'yes' })
    expect(/<input type="checkbox" id="rememberMe"[^>]*>/.exec(browser.shown.html)?.[0]).toContain('checked')
    expect(browser.cookie(COOKIE)).toBeUndefined()
  })
})

describe('nobody is remembered', () => {
  test('without the tick, which is never there in advance', async () => {
    const { person, phone } = await createJulie()
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    expect(/<input type="checkbox" id="rememberMe"[^>]*>/.exec(browser.shown.html)?.[0]).not.toContain(
      'checked',
    )
    await browser.submit({ code: phone.code() })
    expect(await greetingIn(browser)).toBe(PLAIN)
    expect(browser.cookie(COOKIE)).toBeUndefined()
  })

  test('on an « Ordinateur partagé », where it is not offered and a post of it does nothing', async () => {
    const { person, phone } = await createJulie()
    const browser = await begin(new Browser(idp))
    await browser.submit({ cip: person.cip, password: person.password, sharedComputer: 'yes' })
    expect(isOffered(browser)).toBe(false)
    await browser.submit({ code: phone.code(), rememberMe: 'yes' })
    expect(isBack(browser)).toBe(true)
    expect(browser.cookie(COOKIE)).toBeUndefined()
  })

  test('in the hospital’s own networks: neither offered there nor shown there; at home she still is', async () => {
    const { browser } = await remember()
    await idp.restart({ SHARED_NETWORKS: '127.0.0.0/8,::1' })
    const { person, phone } = await createJulie()
    const ward = new Browser(idp)
    await givePassword(ward, rp, person)
    expect(isOffered(ward)).toBe(false)
    await ward.submit({ code: phone.code(), rememberMe: 'yes' })
    expect(ward.cookie(COOKIE)).toBeUndefined()
    expect(await greetingIn(browser)).toBe(PLAIN)
    await idp.restart({ SHARED_NETWORKS: '' })
    expect(await greetingIn(browser)).toBe(GREETED)
  })

  test('where two people sign in by turns: neither is offered it', async () => {
    const browser = new Browser(idp)
    for (const { person, phone } of [await createJulie(), await createJulie()])
      await signIn(rp, person, phone, browser)
    const { person, phone } = await createJulie()
    await givePassword(browser, rp, person)
    expect(isOffered(browser)).toBe(false)
    await browser.submit({ code: phone.code(), rememberMe: 'yes' })
    expect(isBack(browser)).toBe(true)
    expect(await greetingIn(browser)).toBe(PLAIN)
  })
})

describe('a colleague at the same computer', () => {
  test.each([
    ['plainly', {}],
    ['as on a shared computer', { sharedComputer: 'yes' }],
  ])('who signs in %s ends the greeting: their own CIP counts, whatever the page showed', async (_, tick) => {
    const { browser } = await remember()
    const { person, phone } = await createEnrolled(idp, { name: 'Luc Roy' })
    await begin(browser)
    await browser.submit({ cip: person.cip, password: person.password, ...tick })
    expect(browser.step()).toBe('one-time-code')
    expect(browser.text()).toContain('Luc Roy')
    await browser.submit({ code: phone.code() })
    expect(isBack(browser)).toBe(true)
    expect(browser.cookie(COOKIE)).toBeUndefined()
    expect(await greetingIn(browser)).toBe(PLAIN)
  })

  test('who only tries sees the plain page with what they typed; the greeting is there the next time', async () => {
    const { browser } = await remember()
    await begin(browser)
    await browser.submit({ cip: 'luc.roy', password: WRONG })
    expect([browser.shown.status, browser.heading().trim()]).toEqual([422, PLAIN])
    expect(browser.text()).not.toContain('Julie')
    expect(browser.shown.html).toContain('value="luc.roy"')
    expect(await greetingIn(browser)).toBe(GREETED)
  })

  test('learns of no CIP whether it has an account: the same page for both (FLOW-6)', async () => {
    const known = await createPerson(idp)
    const seen = async (cip: string) => {
      const { browser } = await remember()
      await begin(browser)
      await browser.submit({ cip, password: WRONG })
      return browser.shown.html
        .replaceAll(browser.uid(), 'UID')
        .replace(/name="csrf" value="[^"]*"/g, 'name="csrf"')
        .replaceAll(cip, 'CIP')
    }
    expect(await seen(known.cip)).toBe(await seen('inconnu.du.bataillon'))
  })

  test('for whom the application asks by name is not greeted as another', async () => {
    const { browser } = await remember()
    browser.reopen()
    await browser.open(rp.begin({ login_hint: 'luc.roy' }).url)
    expect(browser.heading().trim()).toBe(PLAIN)
    expect(browser.text()).not.toContain('Julie')
  })
})

describe('the cookie', () => {
  test('alone, in another browser, shows nothing; nor beside another’s own', async () => {
    const { browser } = await remember()
    const thief = new Browser(idp)
    thief.setCookie(COOKIE, browser.cookie(COOKIE) ?? '')
    expect(await greetingIn(thief)).toBe(PLAIN)
    const { person, phone } = await createEnrolled(idp, { name: 'Luc Roy' })
    const other = new Browser(idp)
    await signIn(rp, person, phone, other)
    other.setCookie(COOKIE, browser.cookie(COOKIE) ?? '')
    expect(await greetingIn(other)).toBe(PLAIN)
  })

  test('forged or cut is taken away without a fault', async () => {
    const { browser } = await remember()
    const cookie = browser.cookie(COOKIE) ?? ''
    expect(cookie).not.toBe('')
    for (const forged of [
      cookie.slice(0, -3),
      `${cookie}A`,
      cookie.split('.')[1] ?? '',
      'k9.AAAA',
      'x',
      '.',
    ]) {
      browser.setCookie(COOKIE, forged)
      expect({ forged, page: await greetingIn(browser) }).toEqual({ forged, page: PLAIN })
      expect(browser.cookie(COOKIE)).toBeUndefined()
    }
    browser.setCookie(COOKIE, cookie)
    expect(await greetingIn(browser)).toBe(GREETED)
  })

  test('tells nothing by itself: neither name, CIP nor account', async () => {
    const { person, browser } = await remember()
    const cookie = browser.cookie(COOKIE) ?? ''
    const decoded = cookie + Buffer.from(cookie, 'base64url').toString('latin1')
    for (const told of [person.id, person.cip, 'Julie']) expect(decoded).not.toContain(told)
  })

  test('changes nothing in the waits: five wrong passwords, then one', async () => {
    const { person, browser } = await remember()
    const statuses = []
    for (let attempt = 1; attempt <= 6; attempt += 1) {
      await givePassword(browser, rp, { cip: person.cip, password: WRONG })
      statuses.push(browser.shown.status)
    }
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429])
  })
})

describe('what ends an access ends the greeting', () => {
  const on = () => idp.services.accountActions
  const account = ({ cip }: Person) => idp.account(cip)
  test.each<[string, (person: Person) => Promise<unknown>]>([
    ['disabled', async (person) => on().disable(await account(person), OPERATOR, 'left')],
    [
      'disabled and enabled again',
      async (person) => {
        await on().disable(await account(person), OPERATOR, 'left')
        await on().enable(await account(person), OPERATOR, 'back')
      },
    ],
    [
      'signed out everywhere',
      async (person) => on().signOutEverywhere(await account(person), OPERATOR, 'lost'),
    ],
    ['given a temporary password', (person) => giveTemporaryPassword(idp, person)],
    ['without her phone', async (person) => on().resetSecondFactor(await account(person), OPERATOR, 'lost')],
    ['erased', async (person) => idp.services.accountErasure.erase(await account(person), OPERATOR, 'left')],
    [
      'changed by a foreign hand',
      ({ id }) => idp.db('accounts').where({ id }).update({ name: 'Julie Autre' }),
    ],
  ])('%s, she is greeted no more', async (_what, act) => {
    const { person, browser } = await remember()
    clock.advance({ minutes: 1 })
    await act(person)
    expect(await greetingIn(browser)).toBe(PLAIN)
    expect(browser.text()).not.toContain('Julie')
    expect(browser.cookie(COOKIE)).toBeUndefined()
  })
})
