// A sign-in that takes longer than its minutes (WCAG 2.2.1), and the threat in it: that what was earned by a
// password goes on for ever, or beyond an act that ends everything (FLOW-5, SES-5).

import { describe, expect, test } from '@jest/globals'
import { LONGEST_SECONDS, MOST_PROLONGATIONS, prolongedEnd } from '../../interactions/sign-in/prolonging.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { givePassword, signIn } from '../support/journey.js'
import { createEnrolled, OPERATOR } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { PLACES, type Place } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })
const silentRp = await registerRelyingParty(idp, { client_id: 'horaire' })

const prolong = (browser: Browser) => browser.submit({}, { form: '/prolong' })
const isAtTheApplication = (browser: Browser) => browser.shown.url.startsWith(REDIRECT_URI)

/** As the page's script asks. */
const askForTime = async (browser: Browser) => {
  const [url, body] = browser.prepare({}, '/prolong')
  const headers = {
    'Content-Type': 'application/x-www-form-urlencoded',
    'Sec-Fetch-Site': 'same-origin',
    'Accept': 'application/json',
  }
  return browser.request(url, { method: 'POST', body, headers })
}

describe('a sign-in gets more time', () => {
  test('by a button, without script: the same key serves 40 minutes after the password', async () => {
    const { browser } = await PLACES['at the QR code'](idp, rp)
    const key = browser.key()
    clock.advance({ minutes: 20 })
    await prolong(browser)
    expect({ step: browser.step(), key: browser.key() }).toEqual({ step: 'enrol', key })
    clock.advance({ minutes: 20 })
    await browser.submit({ code: createPhone(key).code(), deviceName: 'Mon iPhone' })
    expect(isAtTheApplication(browser)).toBe(true)
  })

  test.each<Place>([
    'at the QR code',
    'at the code',
    'at the change of password',
    'at the end, cut off before it was saved',
  ])('%s: the page says until when, and has the button', async (place) => {
    const { browser, step } = await PLACES[place](idp, rp)
    clock.advance({ minutes: 20 })
    await prolong(browser)
    clock.advance({ minutes: 20 })
    await browser.open(`/interaction/${browser.uid()}`)
    expect({ step: browser.step(), status: browser.shown.status }).toEqual({ step, status: 200 })
    expect(browser.text()).toMatch(/Vous avez jusqu’à \d+\u00a0h(\u00a0\d+)? pour terminer/)
  })

  test('row, cookies and page end together', async () => {
    const { browser } = await PLACES['at the code'](idp, rp)
    clock.advance({ minutes: 20 })
    const answer = await askForTime(browser)
    expect(await answer.json()).toEqual({ secondsLeft: 25 * 60, isLast: false })
    const cookies = answer.headers.getSetCookie().filter((cookie) => !cookie.includes('.sig='))
    const uid = browser.uid()
    const paths = cookies.map((cookie) => /path=([^;]+)/.exec(cookie)?.[1])
    expect(new Set(paths)).toEqual(new Set([`/auth/${uid}`, `/interaction/${uid}`]))
    for (const cookie of cookies) {
      const expires = Date.parse(/expires=([^;]+)/.exec(cookie)?.[1] ?? '')
      expect(Math.abs(expires - clock.now() - 25 * 60_000)).toBeLessThan(5_000)
      expect(cookie).toMatch(/httponly/i)
      expect(cookie).toMatch(/samesite=lax/i)
    }
    clock.advance({ minutes: 26 })
    await browser.open(`/interaction/${uid}`)
    expect(browser.heading()).toBe('Cette connexion n’est plus en cours')
  })

  test('also after the choice of a password, which ends all sessions by itself', async () => {
    const { browser } = await PLACES['at the change of password'](idp, rp)
    clock.advance({ minutes: 20 })
    await prolong(browser)
    const newPassword = 'onze-girafes-vertes'
    await browser.submit({ newPassword, newPasswordConfirmation: newPassword })
    clock.advance({ minutes: 20 })
    await prolong(browser)
    clock.advance({ minutes: 20 })
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
    expect(isAtTheApplication(browser)).toBe(true)
  })

  test('a second press at once is none of the ten', async () => {
    const { browser } = await PLACES['at the code'](idp, rp)
    for (const minutes of [0, 20]) {
      clock.advance({ minutes })
      for (let count = 0; count < 12; count += 1) {
        await askForTime(browser)
        clock.advance({ seconds: 3 })
      }
    }
    clock.advance({ minutes: 20 })
    expect(await (await askForTime(browser)).json()).toEqual({ secondsLeft: 25 * 60, isLast: false })
  })
})

describe('but not for ever', () => {
  test('ten times', () => {
    const span = { iat: 0, exp: 300 }
    expect(prolongedEnd(span, { prolonged: MOST_PROLONGATIONS - 1 }, 200, 300)).toBe(500)
    expect(prolongedEnd(span, { prolonged: MOST_PROLONGATIONS }, 200, 300)).toBeUndefined()
    expect(MOST_PROLONGATIONS).toBe(10)
  })

  test('an eleventh press changes nothing, and the page has no button any more', async () => {
    const { browser } = await PLACES['at the code'](idp, rp)
    const [url, body] = browser.prepare({}, '/prolong')
    for (let count = 0; count < 10; count += 1) {
      clock.advance({ minutes: 10 })
      await browser.post(url, body)
    }
    expect(browser.step()).toBe('one-time-code')
    expect(browser.shown.html).not.toContain('/prolong"')
    clock.advance({ minutes: 10 })
    await browser.post(url, body)
    clock.advance({ minutes: 16 })
    await browser.open(`/interaction/${browser.uid()}`)
    expect(browser.heading()).toBe('Cette connexion n’est plus en cours')
  })

  test('four hours after the start, whatever was pressed, also with another right password', async () => {
    const { browser, person } = await PLACES['at the code'](idp, rp)
    const uid = browser.uid()
    for (let minutes = 20; minutes <= 220; minutes += 20) {
      clock.advance({ minutes: 20 })
      if (minutes === 100) {
        await browser.submit({}, { form: '/restart' })
        await browser.submit({ cip: person.cip, password: person.password })
      }
      await prolong(browser)
    }
    expect(browser.step()).toBe('one-time-code')
    clock.advance({ seconds: LONGEST_SECONDS - 220 * 60 + 1 })
    await browser.open(`/interaction/${uid}`)
    expect(browser.heading()).toBe('Cette connexion n’est plus en cours')
  })
})

describe('only after a right password', () => {
  test('the password page has no such button, and a post gets no time', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    expect(browser.shown.html).not.toContain('/prolong')
    clock.advance({ minutes: 20 })
    await browser.postTo('prolong')
    expect(browser.step()).toBe('password')
    clock.advance({ minutes: 6 })
    await browser.open(`/interaction/${browser.uid()}`)
    expect(browser.heading()).toBe('Cette connexion n’est plus en cours')
  })

  test('a page of another person’s sign-in gets none for this one', async () => {
    const { browser } = await PLACES['at the code'](idp, rp)
    const [url, body] = browser.prepare({}, '/prolong')
    const other = await createEnrolled(idp)
    await browser.submit({}, { form: '/restart' })
    await browser.submit({ cip: other.person.cip, password: other.person.password })
    clock.advance({ minutes: 20 })
    await browser.post(url, body)
    clock.advance({ minutes: 6 })
    await browser.open(`/interaction/${browser.uid()}`)
    expect(browser.heading()).toBe('Cette connexion n’est plus en cours')
  })

  test('a visit gives none, nor a post without the token or from another site', async () => {
    const { browser } = await PLACES['at the code'](idp, rp)
    const uid = browser.uid()
    const [url, body] = browser.prepare({}, '/prolong')
    clock.advance({ minutes: 20 })
    await browser.open(`/interaction/${uid}/prolong`)
    expect((await browser.clone().post(url, '')).status).toBe(403)
    expect((await browser.clone().post(url, body, { 'Sec-Fetch-Site': 'cross-site' })).status).toBe(403)
    clock.advance({ minutes: 6 })
    await browser.open(`/interaction/${uid}`)
    expect(browser.heading()).toBe('Cette connexion n’est plus en cours')
  })
})

const ACTS = {
  'all sessions are ended': async (cip: string) =>
    void (await idp.services.accountActions.signOutEverywhere(await idp.account(cip), OPERATOR, 'asked')),
  'the password is reset': async (cip: string) =>
    void (await idp.services.accountActions.resetPassword(await idp.account(cip), OPERATOR, 'asked', {
      delivery: 'print',
    })),
  'the account is disabled': async (cip: string) =>
    void (await idp.services.accountActions.disable(await idp.account(cip), OPERATOR, 'a doubt')),
}

describe.each(Object.entries(ACTS))('%s', (_what, act) => {
  test('after the sign-in was prolonged: it starts over, and the right code counts for nothing', async () => {
    const { browser, person, phone } = await PLACES['at the code'](idp, rp)
    clock.advance({ minutes: 20 })
    await prolong(browser)
    clock.advance({ minutes: 20 })
    await act(person.cip)
    await browser.submit({ code: phone?.code() ?? '' })
    expect(browser.step()).toBe('password')
  })

  test('before it is prolonged: it gets no time', async () => {
    const { browser, person } = await PLACES['at the code'](idp, rp)
    clock.advance({ minutes: 10 })
    await act(person.cip)
    clock.advance({ minutes: 10 })
    await prolong(browser)
    clock.advance({ minutes: 6 })
    await browser.open(`/interaction/${browser.uid()}`)
    expect(browser.heading()).toBe('Cette connexion n’est plus en cours')
  })
})

test('a session that lapsed meanwhile goes back through /auth, with the application’s request', async () => {
  const { person, phone } = await createEnrolled(idp)
  const browser = new Browser(idp)
  await signIn(silentRp, person, phone, browser)
  const { state, verifier } = await givePassword(browser, rp, person)
  const first = browser.uid()
  clock.advance({ minutes: 20 })
  await prolong(browser)
  clock.advance({ minutes: 20 }) // the session from before has been idle for 40
  await browser.submit({ code: phone.code() })
  expect({ step: browser.step(), isAnother: browser.uid() !== first }).toEqual({
    step: 'password',
    isAnother: true,
  })
  await browser.submit({ cip: person.cip, password: person.password })
  clock.nextStep()
  await browser.submit({ code: phone.code() })
  expect(new URL(browser.shown.url).searchParams.get('state')).toBe(state)
  expect((await rp.tokens(browser.shown.url, verifier)).id_token).toEqual(expect.any(String))
})
