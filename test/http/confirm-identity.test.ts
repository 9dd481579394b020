// Whoever is signed in and is asked again is told why, and by name. Threat: a name shown to somebody who sits
// at another browser, or at this one after its session is over.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { signIn } from '../support/journey.js'
import { createEnrolled, OPERATOR } from '../support/people.js'
import { claimsOf, registerRelyingParty } from '../support/relying-party.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp)
const everyTime = await registerRelyingParty(idp, {
  client_id: 'every-time',
  client_name: 'Horaires et remplacements',
  sign_in_every_time: true,
})

const NAME = 'Marie Tremblay'

async function signedIn() {
  const { person, phone } = await createEnrolled(idp, { name: NAME })
  const browser = new Browser(idp)
  const first = await signIn(rp, person, phone, browser)
  return { person, phone, browser, first }
}

/** What the page says of a person: heading, the CIP in its field, whether the name stands there. */
const shownOn = ({ shown: { html } }: Browser) => ({
  heading: /<h1>([^<]*)</.exec(html)?.[1],
  cip: /<input type="text" id="cip"[^>]* value="([^"]*)"/.exec(html)?.[1] ?? '',
  isNamed: html.includes(NAME),
})
const NOBODY = { heading: 'Connexion', cip: '', isNamed: false }

describe('asked again, in a session that lives', () => {
  test.each([
    ['prompt=login', () => rp.begin({ prompt: 'login' })],
    ['max_age', () => rp.begin({ max_age: '0' })],
    ['a client that wants every sign-in in full', () => everyTime.begin()],
    [
      'of the person hinted at',
      (cip: string) => rp.begin({ prompt: 'login', login_hint: cip.toUpperCase() }),
    ],
  ])('%s: the page says who confirms what', async (_what, begin) => {
    const { browser, person } = await signedIn()
    clock.advance({ minutes: 1 })
    await browser.open(begin(person.cip).url)
    expect(shownOn(browser)).toEqual({ heading: 'Confirmez votre identité', cip: person.cip, isNamed: true })
    expect(browser.text()).toMatch(/Pour accéder à (eEspresso|Horaires et remplacements)/)
    await browser.submit({ cip: ` ${person.cip.toUpperCase()}`, password: 'pas le bon' })
    expect(browser.shown.status).toBe(422)
    expect(shownOn(browser)).toEqual({ heading: 'Confirmez votre identité', cip: person.cip, isNamed: true })
  })

  test('the session is kept until both factors were given, and then the token is fresh', async () => {
    const { browser, person, phone, first } = await signedIn()
    const before = claimsOf((await rp.tokens(first.callback, first.verifier)).id_token)
    clock.advance({ minutes: 1 })
    await browser.open(rp.begin({ prompt: 'login' }).url)
    const silent = await browser.clone().open(rp.begin({ prompt: 'none' }).url)
    expect(silent.url).toContain('code=')
    const { callback, verifier } = await signIn(rp, person, phone, browser, { prompt: 'login' })
    const after = claimsOf((await rp.tokens(callback, verifier)).id_token)
    expect(after['sub']).toBe(before['sub'])
    expect(Number(after['auth_time'])).toBeGreaterThan(Number(before['auth_time']))
  })

  test('« Ce n’est pas vous? » leads to the ordinary page, where somebody else signs in', async () => {
    const { browser } = await signedIn()
    const other = await createEnrolled(idp, { name: 'Sam Roy' })
    const { url, verifier } = rp.begin({ prompt: 'login' })
    await browser.open(url)
    const link = /<a href="([^"]*)">Ce n’est pas vous\?</.exec(browser.shown.html)?.[1] ?? ''
    await browser.open(link)
    expect(shownOn(browser)).toEqual(NOBODY)
    await browser.submit({ cip: other.person.cip, password: 'pas le bon' })
    expect(shownOn(browser)).toEqual({ ...NOBODY, cip: other.person.cip })
    await browser.submit({ cip: other.person.cip, password: other.person.password })
    await browser.submit({ code: other.phone.code() })
    const { id_token: idToken } = await rp.tokens(browser.shown.url, verifier)
    expect(claimsOf(idToken)['sub']).toBe(other.person.id)
  })
})

describe('nobody is named', () => {
  test('in a browser without a session', async () => {
    await signedIn()
    const browser = new Browser(idp)
    await browser.open(rp.begin({ prompt: 'login' }).url)
    expect(shownOn(browser)).toEqual(NOBODY)
  })

  test('to a stranger who has the address, or the cookies of the sign-in without the session', async () => {
    const { browser } = await signedIn()
    await browser.open(rp.begin({ prompt: 'login' }).url)
    const stranger = new Browser(idp)
    await stranger.open(browser.shown.url)
    expect(stranger.shown.html).not.toContain(NAME)
    const thief = new Browser(idp)
    for (const { name, value, path } of browser.cookies())
      if (name.includes('interaction')) thief.setCookie(name, value, path)
    await thief.open(browser.shown.url)
    expect(shownOn(thief)).toEqual(NOBODY)
  })

  test('to whoever brings the session of another person to it', async () => {
    const { browser } = await signedIn()
    const other = new Browser(idp)
    const { person, phone } = await createEnrolled(idp, { name: 'Sam Roy' })
    await signIn(rp, person, phone, other)
    await browser.open(rp.begin({ prompt: 'login' }).url)
    for (const { name, value, path } of browser.cookies())
      if (name.includes('interaction')) other.setCookie(name, value, path)
    await other.open(browser.shown.url)
    expect(shownOn(other)).toEqual(NOBODY)
  })

  test.each([
    ['the operator has ended', (id: string) => idp.services.store.accounts.endSessions(id, clock.now())],
    ['belongs to an account that was disabled', (id: string) => disable(id)],
  ])('in a session that %s meanwhile', async (_what, end) => {
    const { browser, person } = await signedIn()
    await browser.open(rp.begin({ prompt: 'login' }).url)
    const { url } = browser.shown
    await end(person.id)
    await browser.open(url)
    expect(browser.shown.html).not.toContain(NAME)
  })

  test.each([
    ['the person may choose who signs in', { prompt: 'select_account' }],
    ['the application means somebody else', { prompt: 'login', login_hint: 'gagj2345' }],
  ])('where %s', async (_what, parameters) => {
    const { browser } = await signedIn()
    await browser.open(rp.begin(parameters).url)
    expect(shownOn(browser)).toMatchObject({ heading: 'Connexion', isNamed: false })
  })
})

async function disable(id: string): Promise<void> {
  const account = await idp.services.store.accounts.findById(id)
  if (account === undefined) throw new Error('no such account')
  await idp.services.accountActions.disable(account, OPERATOR, 'left')
}
