// Threat: somebody writes to the database while people are signed in, or half way there. What each kind of
// writing comes to is test/services/altered-accounts.test.ts's; here it is whether every door looks.

import { beforeEach, describe, expect, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { createHash } from 'node:crypto'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { givePassword, signIn } from '../support/journey.js'
import { createEnrolled, OPERATOR, type Person } from '../support/people.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { METRICS_TOKEN } from '../support/settings.js'
import { PLACES, type Place } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const THIEFS_PASSWORD = 'le-voleur-est-la'

const idp = await useIdp({ expectedFailure: 'an account was changed past this program' })
const rp = await registerRelyingParty(idp, { grant_types: ['authorization_code', 'refresh_token'] })

const alter = ({ id }: Person) => idp.db('accounts').where({ id }).update({ email: 'voleur@exemple.ca' })

describe('whoever is half way through a sign-in', () => {
  const places = (Object.keys(PLACES) as Place[]).filter(
    (place) => place !== 'at the password' && !place.startsWith('at the end'),
  )
  test.each(places)('%s: begins again at the password, and gets no further', async (place) => {
    const { browser, person, phone, step } = await PLACES[place](idp, rp)
    await alter(person)
    const fields = {
      code: phone?.code() ?? '000000',
      deviceName: 'Mon iPhone',
      newPassword: 'onze-girafes-vertes',
      newPasswordConfirmation: 'onze-girafes-vertes',
    }
    await browser.submit(fields)
    expect(browser.step()).toBe('password')
    await browser.open(`/interaction/${browser.uid()}/${step}`)
    expect(browser.step()).toBe('password')
    await browser.submit({ cip: person.cip, password: person.password })
    expect({ status: browser.shown.status, step: browser.step() }).toEqual({ status: 422, step: 'password' })
  })

  test('without a device any more: the devices were deleted at the code', async () => {
    const { browser, person } = await PLACES['at the code'](idp, rp)
    await idp.db('second_factors').where({ accountId: person.id }).delete()
    await browser.open(browser.shown.url)
    expect(browser.step()).toBe('password')
    await browser.submit({ cip: person.cip, password: person.password })
    expect(browser.step()).toBe('password')
    expect(browser.shown.html).not.toContain('totp-key')
  })
})

describe('whoever has the password, and writes down that the rest was verified', () => {
  /** All names that the browser and the database could give away, and the one that was used before. */
  const namesOf = (browser: Browser, { id }: Person, epoch: number): string[] => [
    createHash('sha256').update(`${browser.uid()}\0${id}\0${epoch}`).digest('base64url'),
    ...browser.hidden('csrf').split('.'),
    browser.uid(),
  ]

  test('is asked for the code all the same', async () => {
    const { browser, person } = await PLACES['at the code'](idp, rp)
    const { credentialEpoch } = await idp.account(person.cip)
    for (const verifiedBy of namesOf(browser, person, credentialEpoch)) {
      await idp
        .db('second_factors')
        .where({ accountId: person.id })
        .update({ verifiedBy, verifiedAt: clock.now() })
      await browser.open(browser.shown.url)
      expect(browser.step()).toBe('one-time-code')
    }
  })

  test('is asked for the activation code all the same', async () => {
    const { person } = await createEnrolled(idp)
    const account = await idp.account(person.cip)
    await idp.services.accountActions.resetSecondFactor(account, OPERATOR, 'perdu')
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    const { credentialEpoch } = await idp.account(person.cip)
    for (const claimedBy of namesOf(browser, person, credentialEpoch)) {
      await idp.db('activation_codes').where({ accountId: person.id }).update({ claimedBy })
      await browser.open(browser.shown.url)
      expect(browser.step()).toBe('activation')
    }
  })
})

describe('whoever is signed in', () => {
  async function signedIn() {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    const { callback, verifier } = await signIn(rp, person, phone, browser)
    return { person, browser, callback, verifier }
  }

  test('has a session no more', async () => {
    const { person, browser } = await signedIn()
    const silently = async () =>
      new URL((await browser.open(rp.begin({ prompt: 'none' }).url)).url).searchParams.get('error')
    expect(await silently()).toBeNull()
    await alter(person)
    expect(await silently()).toBe('login_required')
  })

  test('gets nothing for the code', async () => {
    const { person, callback, verifier } = await signedIn()
    await alter(person)
    const answer = await rp.exchange(new URL(callback).searchParams.get('code') ?? '', verifier)
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_grant' }])
  })

  test('gets no claims, and no new tokens', async () => {
    const { person, callback, verifier } = await signedIn()
    const { access_token, refresh_token = '' } = await rp.tokens(callback, verifier)
    await alter(person)
    expect(await rp.userinfo(access_token)).toMatchObject({ error: 'invalid_token' })
    const answer = await rp.post('/token', { grant_type: 'refresh_token', refresh_token })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: 'invalid_grant' }])
  })
})

describe('the page', () => {
  /** Tokens and ids set aside. */
  async function seen(cip: string, password: string) {
    const browser = new Browser(idp)
    await givePassword(browser, rp, { cip, password })
    const { status, headers, html } = browser.shown
    const body = html
      .replaceAll(browser.uid(), 'UID')
      .replace(/name="csrf" value="[^"]*"/g, 'name="csrf"')
      .replaceAll(cip, 'CIP')
    const cookies = browser.cookies().map(({ name, path }) => `${name} ${path.replace(browser.uid(), 'UID')}`)
    const names = [...headers.keys()].toSorted()
    return { status, names, cookies, body: body.replace(/[A-Z0-9]{3}[- ][A-Z0-9]{3}/g, 'SUPPORT') }
  }

  test('is that of a wrong password, whichever is typed (FLOW-6)', async () => {
    const { person } = await createEnrolled(idp)
    const wrong = await seen((await createEnrolled(idp)).person.cip, 'faux-mot-de-passe')
    expect(wrong.status).toBe(422)
    await idp
      .db('accounts')
      .where({ id: person.id })
      .update({ passwordHash: bcrypt.hashSync(THIEFS_PASSWORD, 4) })
    expect(await seen(person.cip, THIEFS_PASSWORD)).toEqual(wrong)
    expect(await seen(person.cip, person.password)).toEqual(wrong)
  })
})

describe('the alarm', () => {
  let person: Person
  beforeEach(async () => {
    person = (await createEnrolled(idp)).person
    await alter(person)
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(false)
  })

  test('is an error in the log, which names the account', () => {
    const lines = idp.logLines.map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.find((line) => line['account'] === person.id)).toMatchObject({
      level: 50,
      cip: person.cip,
      why: 'seal-broken',
      msg: 'an account was changed past this program',
    })
  })

  test('is counted', async () => {
    const headers = { Authorization: `Bearer ${METRICS_TOKEN}` }
    const metrics = await (await fetch(`${idp.url}/metrics`, { headers })).text()
    expect(metrics).toMatch(/^laissez_passer_altered_accounts_total\{why="seal-broken"\} [1-9]/m)
  })

  test('is an audit event of its own, beside the refusal that says where it came from', async () => {
    const events = await idp.db('audit_events').where({ accountId: person.id }).orderBy('sequence')
    const last = (events as { event: string; outcome: string; details: string }[]).slice(-2)
    expect(
      last.map(({ event, outcome, details }) => [event, outcome, JSON.parse(details) as object]),
    ).toEqual([
      ['account.altered', 'refused', { why: 'seal-broken' }],
      ['password.refused', 'refused', { why: 'account-altered', waitSeconds: 0 }],
    ])
  })
})

test('a provider that is not to refuse yet warns, and lets the person in', async () => {
  const { person, phone } = await createEnrolled(idp)
  await alter(person)
  await idp.restart({ ACCOUNT_SEALS: 'write' })
  clock.nextStep()
  const { callback } = await signIn(rp, person, phone, new Browser(idp))
  expect(callback.startsWith(REDIRECT_URI)).toBe(true)
  const lines = idp.logLines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.find((line) => line['account'] === person.id)).toMatchObject({ level: 40, isRefused: false })
  await idp.restart({ ACCOUNT_SEALS: 'enforce' })
})
