// Threat: a session that outlives its end, is planted, stolen, or readable by a neighbour (SES-1 to SES-5). The clock is moved, nothing sleeps.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { startIdp, type Idp } from '../../support/idp.js'
import { givePassword, signIn } from '../../support/journey.js'
import { registerRelyingParty, type RelyingParty } from '../../support/relying-party.js'
import { createEnrolled, unexpectedFailures } from '../../support/situations.js'

const operator = { actor: 'operator:test', source: 'cli' }

let idp: Idp
let rp: RelyingParty
beforeAll(async () => {
  idp = await startIdp()
  rp = await registerRelyingParty(idp)
})
afterAll(async () => {
  await idp.stop()
  expect(unexpectedFailures(idp)).toEqual([])
})

/** What the provider answers a browser without showing a page: a code when there is a live session, else `login_required`. */
async function silently(browser: Browser): Promise<string> {
  const location = (await browser.request(rp.begin({ prompt: 'none' }).url)).headers.get('location') ?? ''
  return new URL(location).searchParams.get('error') ?? (location.includes('code=') ? 'code' : location)
}

async function signedIn() {
  const { person, phone } = await createEnrolled(idp, rp)
  const browser = new Browser(idp)
  await signIn(rp, person, phone, browser)
  clock.nextStep()
  return { person, phone, browser }
}

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
      await Promise.all([browser.submit({ logout: 'yes' }), ...windows.map(async (other) => other.open(rp.begin().url))])
      for (const other of windows) expect(await silently(other)).toBe('login_required')
    }
  })
})

describe('acts of the help desk against somebody who holds all the cookies', () => {
  const ACTS = {
    'the password is reset': async (cip: string) =>
      void (await idp.services.accounts.resetPassword(await idp.account(cip), operator, 'asked', 'print')),
    'the device is reset': async (cip: string) => void (await idp.services.secondFactors.reset(await idp.account(cip), operator, 'lost')),
    'the account is disabled': async (cip: string) => void (await idp.services.accounts.disable(await idp.account(cip), operator, 'left')),
    'every session is ended': async (cip: string) => void (await idp.services.accounts.signOutEverywhere(await idp.account(cip), operator, 'asked')),
  }
  const CASES = Object.keys(ACTS) as (keyof typeof ACTS)[]

  test.each(CASES)('%s between the last post of a sign-in and the way back: no code, no session', async (act) => {
    const { person, phone } = await createEnrolled(idp, rp)
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
  })

  test.each(CASES)('%s while requests of the session are under way: it does not come back to life', async (act) => {
    for (let round = 1; round <= 3; round += 1) {
      const { person, browser } = await signedIn()
      const thieves = Array.from({ length: 12 }, () => browser.clone())
      await Promise.all([...thieves.map(async (thief) => thief.open(rp.begin().url)), ACTS[act](person.cip)])
      expect(await silently(browser)).toBe('login_required')
      for (const thief of thieves) expect(await silently(thief)).toBe('login_required')
    }
  })
})
