// Threat: an application that asks for strong proof and believes it got some, or a person held in a loop
// (OIDC-4, OIDC-5, M17, RFC 9470).

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { enrolFirst } from '../../support/journey.js'
import { createEnrolled } from '../../support/people.js'
import { createPhone } from '../../support/phone.js'
import { access, answerOf, ask } from '../../support/protocol.js'
import { claimsOf, registerRelyingParty } from '../../support/relying-party.js'
import { giveTemporaryPassword } from '../../support/situations.js'
import { useIdp } from '../../support/use-idp.js'

const MFA = 'https://refeds.org/profile/mfa'
const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp()
const rp = await registerRelyingParty(idp)

const acr = (request: object) => ({ claims: JSON.stringify({ id_token: { acr: request } }) })

async function signedIn() {
  const somebody = await createEnrolled(idp)
  const browser = new Browser(idp)
  const first = await access(rp, somebody, browser)
  return {
    ...somebody,
    browser,
    claims: claimsOf((await rp.tokens(first.callback, first.verifier)).id_token),
  }
}

describe('an authentication context that we give', () => {
  test.each<[string, Record<string, string>]>([
    ['acr_values', { acr_values: `urn:other ${MFA}` }],
    ['an essential claim with a value', acr({ essential: true, value: MFA })],
    ['an essential claim with values', acr({ essential: true, values: ['urn:other', MFA] })],
  ])('%s: the session is enough, and the token says so', async (_what, parameters) => {
    const { browser } = await signedIn()
    const answer = await ask(rp, browser, parameters)
    expect(claimsOf((await rp.tokens(answer.callback, answer.verifier)).id_token)).toMatchObject({
      acr: MFA,
      amr: ['pwd', 'otp', 'mfa'],
    })
  })

  test('without a session it is given by a sign-in', async () => {
    const somebody = await createEnrolled(idp)
    const answer = await access(rp, somebody, new Browser(idp), acr({ essential: true, value: MFA }))
    expect(claimsOf((await rp.tokens(answer.callback, answer.verifier)).id_token)['acr']).toBe(MFA)
  })
})

describe('one that no sign-in here reaches', () => {
  const OUT_OF_REACH = [
    ['a value', acr({ essential: true, value: 'urn:smart-card' })],
    ['values', acr({ essential: true, values: ['urn:smart-card', 'urn:passkey'] })],
  ] as const

  test.each(OUT_OF_REACH)(
    'essential, as %s: the application is told, before anybody types anything',
    async (_what, parameters) => {
      const { browser } = await signedIn()
      for (const who of [browser, new Browser(idp)]) {
        for (const prompt of [undefined, 'none', 'login']) {
          const answer = await ask(rp, who, { ...parameters, prompt })
          expect(answerOf(answer.callback)).toMatchObject({
            error: 'unmet_authentication_requirements',
            state: answer.state,
          })
        }
      }
    },
  )

  test.each<[string, Record<string, string>]>([
    ['acr_values, which are a wish', { acr_values: 'urn:smart-card' }],
    ['a claim that is not essential', acr({ values: ['urn:smart-card'] })],
  ])('%s: the sign-in goes on, and the token says what was really done', async (_what, parameters) => {
    const { browser } = await signedIn()
    const answer = await ask(rp, browser, parameters)
    expect(claimsOf((await rp.tokens(answer.callback, answer.verifier)).id_token)['acr']).toBe(MFA)
  })

  test('a request that is no request is refused', async () => {
    expect(
      answerOf((await ask(rp, new Browser(idp), acr({ essential: true, values: 'urn:x' }))).callback)[
        'error'
      ],
    ).toBe('invalid_request')
  })
})

test('a stricter max_age steps up a session: both factors again, a later auth_time (RFC 9470)', async () => {
  const { browser, person, phone, claims } = await signedIn()
  clock.advance({ minutes: 10 })
  expect((await ask(rp, browser, { max_age: '300' })).browser.step()).toBe('password')
  const again = await access(rp, { person, phone }, browser, { max_age: '300' })
  const after = claimsOf((await rp.tokens(again.callback, again.verifier)).id_token)
  expect(Number(after['auth_time'])).toBeGreaterThanOrEqual(Number(claims['auth_time']) + 600)
})

describe('acr and amr say what was done, whichever way it was done (OIDC-4)', () => {
  const HONEST = { acr: MFA, amr: ['pwd', 'otp', 'mfa'] }

  test('a first access, with a phone just enrolled', async () => {
    const earliest = Math.floor(clock.now() / 1000)
    const { callback, verifier } = await enrolFirst(idp, rp, await idp.createPerson())
    const latest = clock.now() / 1000
    const claims = claimsOf((await rp.tokens(callback, verifier)).id_token)
    expect(claims).toMatchObject(HONEST)
    expect(claims['auth_time']).toBeGreaterThanOrEqual(earliest)
    expect(claims['auth_time']).toBeLessThanOrEqual(latest)
  })

  test('a later access', async () => {
    expect((await signedIn()).claims).toMatchObject(HONEST)
  })

  test('a temporary password, a code, a new password', async () => {
    const { person, phone } = await createEnrolled(idp)
    const temporary = await giveTemporaryPassword(idp, person)
    const browser = new Browser(idp)
    const request = rp.begin()
    await browser.open(request.url)
    await browser.submit({ cip: temporary.cip, password: temporary.password })
    clock.nextStep()
    const earliest = Math.floor(clock.now() / 1000)
    await browser.submit({ code: phone.code() })
    const latest = clock.now() / 1000
    clock.advance({ minutes: 5 })
    await browser.submit({
      newPassword: 'quatre-chats-rouges',
      newPasswordConfirmation: 'quatre-chats-rouges',
    })
    const claims = claimsOf((await rp.tokens(browser.shown.url, request.verifier)).id_token)
    expect(claims).toMatchObject(HONEST)
    // When the second factor was verified, not when it all ended
    expect(claims['auth_time']).toBeGreaterThanOrEqual(earliest)
    expect(claims['auth_time']).toBeLessThanOrEqual(latest)
  })

  test('an activation code, and a new phone', async () => {
    const { person } = await createEnrolled(idp)
    const { code } = await idp.services.accountActions.resetSecondFactor(
      await idp.account(person.cip),
      operator,
      'lost',
    )
    const browser = new Browser(idp)
    const request = rp.begin()
    await browser.open(request.url)
    await browser.submit({ cip: person.cip, password: person.password })
    await browser.submit({ activationCode: code })
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
    expect(claimsOf((await rp.tokens(browser.shown.url, request.verifier)).id_token)).toMatchObject(HONEST)
  })

  test.each([[['pwd']], [[]], [undefined]])(
    'a session whose amr is %j, however it came to be, is worth no answer',
    async (amr) => {
      const { browser, person } = await signedIn()
      expect(answerOf((await ask(rp, browser, { prompt: 'none' })).callback)).toHaveProperty('code')
      const sessions = idp.db('oidc_artifacts').where({ model: 'Session', accountId: person.id })
      const { idHash, sealedPayload } = (await sessions.clone().first()) as Record<
        'idHash' | 'sealedPayload',
        string
      >
      const { ring } = idp.services
      const payload: unknown = JSON.parse(
        ring.open('sealed-artifact', `Session/${idHash}`, sealedPayload).toString(),
      )
      const altered = JSON.stringify({ ...(payload as object), amr })
      await sessions.update({ sealedPayload: ring.seal('sealed-artifact', `Session/${idHash}`, altered) })
      expect(answerOf((await ask(rp, browser, { prompt: 'none' })).callback)['error']).toBe('login_required')
      expect((await ask(rp, browser)).browser.step()).toBe('password')
    },
  )

  test('no door between the password and the code gives anything', async () => {
    const { person } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    await browser.submit({ cip: person.cip, password: person.password })
    expect(browser.step()).toBe('one-time-code')
    await browser.open(`/auth/${browser.uid()}`)
    expect(browser.shown.url).not.toContain('code=')
    expect(answerOf((await ask(rp, browser, { prompt: 'none' })).callback)['error']).toBe('login_required')
  })
})
