// Threat: a session that begins in the very second in which the help desk ends them all, and so outlives it
// (REC-2, SES-5). The clock is put at the start of a second, so that everything happens within one.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { enrolFirst, givePassword } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { claimsOf, registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { giveTemporaryPassword } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp()
const rp = await registerRelyingParty(idp)

const ACTS = {
  'the device is reset': async (cip: string) =>
    void (await idp.services.accountActions.resetSecondFactor(await idp.account(cip), operator, 'lost')),
  'the password is reset': async (cip: string) =>
    void (await idp.services.accountActions.resetPassword(await idp.account(cip), operator, 'forgotten', {
      delivery: 'print',
    })),
  'every session is ended': async (cip: string) =>
    void (await idp.services.accountActions.signOutEverywhere(await idp.account(cip), operator, 'asked')),
  'the account is disabled, and enabled again': async (cip: string) => {
    await idp.services.accountActions.disable(await idp.account(cip), operator, 'a doubt')
    await idp.services.accountActions.enable(await idp.account(cip), operator, 'no doubt')
  },
}

const toStartOfSecond = () => clock.advance({ seconds: (1000 - (clock.now() % 1000)) / 1000 })

async function silently(browser: Browser): Promise<string> {
  const location = (await browser.request(rp.begin({ prompt: 'none' }).url)).headers.get('location') ?? ''
  return new URL(location).searchParams.get('error') ?? (location.includes('code=') ? 'code' : location)
}

describe('between the last post of a sign-in and the way back, within one second', () => {
  test.each(Object.keys(ACTS) as (keyof typeof ACTS)[])('%s: no code, no session', async (act) => {
    const { person, phone } = await createEnrolled(idp)
    const thief = new Browser(idp)
    await givePassword(thief, rp, person)
    toStartOfSecond()
    const last = await thief.send({ code: phone.code() })
    expect(last.headers.get('location')).toContain('/auth/')
    await ACTS[act](person.cip)
    await thief.open(last.headers.get('location') ?? '')
    expect(thief.step()).toBe('password')
    expect(await silently(thief)).toBe('login_required')
  })
})

describe('whoever signs in after the act, within the same second', () => {
  test('is signed in', async () => {
    const { person } = await createEnrolled(idp)
    const { code } = await idp.services.accountActions.resetSecondFactor(
      await idp.account(person.cip),
      operator,
      'lost',
    )
    const browser = new Browser(idp)
    const { verifier } = await givePassword(browser, rp, person)
    await browser.submit({ activationCode: code })
    const phone = createPhone(browser.key())
    toStartOfSecond()
    const actAt = clock.now()
    await idp.services.store.accounts.endSessions(person.id, actAt) // the act, as far as sessions go
    await browser.submit({ code: phone.code(), deviceName: 'Mon nouveau téléphone' })
    const latest = clock.now() / 1000
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
    const claims = claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)
    expect(claims['auth_time']).toBeGreaterThanOrEqual(Math.floor(actAt / 1000))
    expect(claims['auth_time']).toBeLessThanOrEqual(latest + 1) // never the second of the act
    expect(await silently(browser)).toBe('code')
  })
})

describe('help that does not help', () => {
  test('«unlock» lifts the waits that a person met in a browser of their own', async () => {
    const { browser, phone } = await enrolFirst(idp, rp, await idp.createPerson({ cip: 'own.browser' }))
    const neighbour = await enrolFirst(idp, rp, await idp.createPerson({ cip: 'own_browser' }))
    const wrong = async (where: Browser, cip: string) => {
      for (let attempt = 1; attempt <= 5; attempt += 1)
        await givePassword(where, rp, { cip, password: 'faux-mot-de-passe' }, { prompt: 'login' })
    }
    await wrong(browser, 'own.browser')
    await wrong(neighbour.browser, 'own_browser')
    const { password } = await giveTemporaryPassword(idp, {
      id: '',
      cip: 'own.browser',
      name: '',
      email: '',
      password: '',
    })
    await givePassword(browser, rp, { cip: 'own.browser', password })
    expect(browser.shown.status).toBe(429)
    await idp.services.accountActions.unlock(await idp.account('own.browser'), operator, 'called')
    await givePassword(browser, rp, { cip: 'own.browser', password })
    expect(browser.step()).toBe('one-time-code')

    for (let attempt = 1; attempt <= 5; attempt += 1) await browser.submit({ code: '000000' })
    expect(browser.shown.status).toBe(429)
    await idp.services.accountActions.unlock(await idp.account('own.browser'), operator, 'called again')
    await givePassword(browser, rp, { cip: 'own.browser', password })
    clock.nextStep()
    await browser.submit({ code: phone.code() })
    expect(browser.step()).toBe('change-password')

    await givePassword(neighbour.browser, rp, { cip: 'own_browser', password: 'x' }, { prompt: 'login' })
    expect(
      await idp
        .db('attempts')
        .where('key', 'like', 'password-browser:own_browser@%')
        .where('failures', '>=', 5),
    ).toHaveLength(1)
  })
})
