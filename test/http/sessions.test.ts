// Threat: a session that outlives its end, is planted, stolen, or readable by a neighbour (SES-1 to SES-5).
// The clock is moved, nothing sleeps.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { leadTo } from '../support/far-host.js'
import { startIdp } from '../support/idp.js'
import { givePassword, signIn } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { useIdp } from '../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp()
const rp = await registerRelyingParty(idp)

/**
 * What the provider answers a browser without showing a page: a code when there is a live session, else
 * `login_required`.
 */
async function silently(browser: Browser): Promise<string> {
  const location = (await browser.request(rp.begin({ prompt: 'none' }).url)).headers.get('location') ?? ''
  return new URL(location).searchParams.get('error') ?? (location.includes('code=') ? 'code' : location)
}

async function signedIn() {
  const { person, phone } = await createEnrolled(idp)
  const browser = new Browser(idp)
  await signIn(rp, person, phone, browser)
  clock.nextStep()
  return { person, phone, browser }
}

describe('the id of a session (SES-1)', () => {
  test('is new at every sign-in, also in a browser that has a session, and the old one is worth nothing', async () => {
    const { person, phone, browser } = await signedIn()
    const before = browser.clone()
    await signIn(rp, person, phone, browser, { prompt: 'login' })
    expect(browser.cookie('laissez-passer-session')).not.toBe(before.cookie('laissez-passer-session'))
    expect(await silently(browser)).toBe('code')
    expect(await silently(before)).toBe('login_required')
  })

  test('planted by somebody who keeps a copy, it never becomes the victim’s', async () => {
    const { person, phone } = await createEnrolled(idp)
    const attacker = new Browser(idp)
    await attacker.open(rp.begin().url)
    const planted = attacker.cookies()
    const victim = attacker.clone()
    await signIn(rp, person, phone, victim)
    for (const { name, value, path } of planted)
      expect({
        name,
        path,
        isKept: victim
          .cookies()
          .some((cookie) => cookie.value === value && cookie.name === 'laissez-passer-session'),
      }).toEqual({
        name,
        path,
        isKept: false,
      })
    expect(await silently(victim)).toBe('code')
    expect(await silently(attacker)).toBe('login_required')
  })

  test('made up, with or without a signature, it is not adopted', async () => {
    const { person, phone } = await createEnrolled(idp)
    const victim = new Browser(idp)
    victim.setCookie('laissez-passer-session', 'an-id-that-i-chose-myself')
    victim.setCookie('laissez-passer-session.sig', 'AAAAAAAAAAAAAAAAAAAAAAAAAAA')
    await signIn(rp, person, phone, victim)
    expect(victim.cookie('laissez-passer-session')).toBeDefined()
    expect(victim.cookie('laissez-passer-session')).not.toBe('an-id-that-i-chose-myself')
    const attacker = new Browser(idp)
    attacker.setCookie('laissez-passer-session', 'an-id-that-i-chose-myself')
    expect(await silently(attacker)).toBe('login_required')
  })

  test('of a session that ran out, it stays worth nothing after its owner has signed in again', async () => {
    const { person, phone, browser } = await signedIn()
    const thief = browser.clone()
    clock.advance({ minutes: 31 })
    await signIn(rp, person, phone, browser)
    expect(await silently(browser)).toBe('code')
    expect(await silently(thief)).toBe('login_required')
  })
})

describe('the end of a session is kept by the server, whatever the cookie says (SES-3)', () => {
  test('thirty minutes without a request end it; every request before that moves the end', async () => {
    const { browser } = await signedIn()
    for (let visit = 1; visit <= 4; visit += 1) {
      clock.advance({ minutes: 29 })
      expect(await silently(browser)).toBe('code')
    }
    clock.advance({ minutes: 31 })
    expect(await silently(browser)).toBe('login_required')
  })

  test('twelve hours end it, however busy', async () => {
    const { browser } = await signedIn()
    for (let minutes = 25; minutes < 12 * 60; minutes += 25) {
      clock.advance({ minutes: 25 })
      expect({ minutes, answer: await silently(browser) }).toEqual({ minutes, answer: 'code' })
    }
    clock.advance({ minutes: 25 })
    expect(await silently(browser)).toBe('login_required')
  })

  test('a server clock that goes back by five minutes revives none (R11)', async () => {
    const { browser } = await signedIn()
    clock.advance({ minutes: 31 })
    expect(await silently(browser)).toBe('login_required')
    clock.advance({ minutes: -5 })
    expect(await silently(browser)).toBe('login_required')
  })
})

describe('cookies behind https (SES-2, M28)', () => {
  test('of a whole first access: prefix, Secure, HttpOnly, SameSite=Lax, and none outlives what it is for', async () => {
    const origin = 'https://acces.exemple.ca'
    const behind = await startIdp({ settings: { ISSUER_URL: origin, TRUSTED_PROXY_HOPS: '1' } })
    const headers = {
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'acces.exemple.ca',
      'X-Forwarded-For': '192.0.2.7',
    }
    const far = leadTo(origin, { port: Number(new URL(behind.url).port), headers })
    try {
      const client = await registerRelyingParty({ url: origin, services: behind.services })
      const browser = new Browser({ url: origin })
      await browser.open('/?lang=en')
      await givePassword(browser, client, await behind.createPerson())
      await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
      expect(browser.shown.url).toContain('code=')
      const set = far.answers
        .flatMap(({ headers: sent }) => sent.getSetCookie())
        .filter((cookie) => !/^[^=]+=;/.test(cookie))
      expect(new Set(set.map((cookie) => cookie.split('=')[0]?.replace(/\.sig$/, '')))).toEqual(
        new Set([
          '__Host-session',
          '__Secure-interaction',
          '__Secure-resume',
          '__Host-browser',
          '__Host-way-back',
          'laissez-passer-lang',
        ]),
      )
      for (const cookie of set) {
        expect(cookie).toMatch(/; secure/i)
        expect(cookie).toMatch(/; httponly/i)
        expect(cookie).toMatch(/; samesite=lax/i)
        expect(cookie).not.toMatch(/; domain=/i)
        if (cookie.startsWith('__Host-')) expect(cookie).toMatch(/; path=\/(;|$)/i)
        if (cookie.startsWith('__Host-session')) expect(cookie).not.toMatch(/; (expires|max-age)=/i)
        if (/^__Secure-(interaction|resume)/.test(cookie))
          expect(cookie).toMatch(/; path=\/(interaction|auth)\//i)
      }

      const discovery = (await (await fetch(`${origin}/.well-known/openid-configuration`)).json()) as Record<
        string,
        unknown
      >
      const elsewhere = Object.entries(discovery).filter(
        ([name, value]) => /(_endpoint|_uri|^issuer)$/.test(name) && !String(value).startsWith(origin),
      )
      expect(elsewhere).toEqual([])
    } finally {
      far.restore()
      await behind.stop()
    }
  })

  test('the session’s cookie and its signature belong together: either from another browser is none', async () => {
    const mine = await signedIn()
    const other = await signedIn()
    for (const name of ['laissez-passer-session', 'laissez-passer-session.sig']) {
      const mixed = mine.browser.clone()
      mixed.setCookie(name, other.browser.cookie(name) ?? '')
      expect(await silently(mixed)).toBe('login_required')
    }
  })
})

describe('signing out (SES-4)', () => {
  async function signOut(browser: Browser): Promise<void> {
    await browser.open('/session/end')
    await browser.submit({ logout: 'yes' })
    expect(browser.shown.status).toBe(200)
  }

  test('ends the session on the server: a copy of the cookies is worth nothing', async () => {
    const { browser, person } = await signedIn()
    const thief = browser.clone()
    const live = () => idp.services.store.oidcArtifacts.countByAccount(person.id, 'Session', clock.now())
    const before = await live()
    expect(await silently(thief)).toBe('code')
    await signOut(browser)
    expect(await silently(thief)).toBe('login_required')
    expect(await silently(browser)).toBe('login_required')
    expect(before - (await live())).toBe(1)
  })

  test('while requests of the session are under way in other windows: it does not come back to life', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const { browser } = await signedIn()
      const windows = Array.from({ length: 12 }, () => browser.clone())
      await browser.open('/session/end')
      await Promise.all([
        browser.submit({ logout: 'yes' }),
        ...windows.map(async (other) => other.open(rp.begin().url)),
      ])
      for (const other of windows) expect(await silently(other)).toBe('login_required')
    }
  })
})

describe('acts of the help desk against somebody who holds all the cookies', () => {
  const ACTS = {
    'the password is reset': async (cip: string) =>
      void (await idp.services.accountActions.resetPassword(await idp.account(cip), operator, 'asked', {
        delivery: 'print',
      })),
    'the device is reset': async (cip: string) =>
      void (await idp.services.accountActions.resetSecondFactor(await idp.account(cip), operator, 'lost')),
    'the account is disabled': async (cip: string) =>
      void (await idp.services.accountActions.disable(await idp.account(cip), operator, 'left')),
    'every session is ended': async (cip: string) =>
      void (await idp.services.accountActions.signOutEverywhere(await idp.account(cip), operator, 'asked')),
  }
  const CASES = Object.keys(ACTS) as (keyof typeof ACTS)[]

  test.each(CASES)(
    '%s between the last post of a sign-in and the way back: no code, no session',
    async (act) => {
      const { person, phone } = await createEnrolled(idp)
      const thief = new Browser(idp)
      await givePassword(thief, rp, person)
      const last = await thief.send({ code: phone.code() })
      expect(last.headers.get('location')).toContain('/auth/')
      clock.advance({ seconds: 1 })
      await ACTS[act](person.cip)
      await thief.open(last.headers.get('location') ?? '')
      expect(thief.shown.url).not.toContain('code=')
      expect(thief.shown.status).toBeLessThan(500)
      expect(await silently(thief)).toBe('login_required')
    },
  )

  test.each(CASES)(
    '%s while requests of the session are under way: it does not come back to life',
    async (act) => {
      for (let round = 1; round <= 3; round += 1) {
        const { person, browser } = await signedIn()
        const thieves = Array.from({ length: 12 }, () => browser.clone())
        await Promise.all([
          ...thieves.map(async (thief) => thief.open(rp.begin().url)),
          ACTS[act](person.cip),
        ])
        expect(await silently(browser)).toBe('login_required')
        for (const thief of thieves) expect(await silently(thief)).toBe('login_required')
      }
    },
  )
})
