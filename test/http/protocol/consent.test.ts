// Threat: a third party that gets what nobody allowed it, or a person who is asked without end (OIDC-5, M18,
// M31).

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { givePassword } from '../../support/journey.js'
import { createEnrolled, type EnrolledPerson } from '../../support/people.js'
import { answerOf, ask, read } from '../../support/protocol.js'
import { claimsOf, registerRelyingParty } from '../../support/relying-party.js'
import { useIdp } from '../../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }
const API = 'https://horaire.exemple.ca/api'

const idp = await useIdp()
await idp.services.resourceServers.create(
  { indicator: API, name: 'Horaire', scopes: ['read', 'write'], tokenSeconds: 300 },
  operator,
)
const record = {
  client_name: 'Covoiturage',
  consent: 'ask',
  scope: 'openid profile email cip phone offline_access',
  grant_types: ['authorization_code', 'refresh_token'],
  apis: { [API]: ['read', 'write'] },
}
const rp = await registerRelyingParty(idp, { client_id: 'third-party', ...record })
const firstParty = await registerRelyingParty(idp, { client_id: 'first-party' })

/** Both factors given; the question stands on the screen. */
async function atTheQuestion(
  somebody: EnrolledPerson,
  parameters: Record<string, string> = {},
  browser = new Browser(idp),
) {
  const request = await givePassword(browser, rp, somebody.person, parameters)
  clock.nextStep()
  await browser.submit({ code: somebody.phone.code() })
  return { browser, ...request }
}

const items = (browser: Browser): string[] =>
  [...browser.shown.html.matchAll(/<li>([^<]*)<\/li>/g)].map(([, text = '']) => text)

async function allowed(somebody: EnrolledPerson, parameters: Record<string, string> = {}) {
  const { browser, verifier } = await atTheQuestion(somebody, parameters)
  await browser.submit({ decision: 'allow' })
  return { browser, tokens: await rp.tokens(browser.shown.url, verifier) }
}

describe('the question for a third party', () => {
  test.each([
    [
      'fr-CA',
      'Autoriser cette application?',
      'demande à\u00a0:',
      ['savoir que c’est vous', 'connaître votre nom et votre langue'],
      ['Autoriser', 'Refuser'],
    ],
    [
      'en',
      'Allow this application?',
      'asks to:',
      ['know that it is you', 'see your name and your language'],
      ['Allow', 'Deny'],
    ],
  ])(
    'comes after the sign-in, says who asks and for what, in %s',
    async (language, heading, asks, said, buttons) => {
      const somebody = await createEnrolled(idp)
      const browser = new Browser(idp, { 'Accept-Language': language })
      await atTheQuestion(somebody, { scope: 'openid profile' }, browser)
      expect({ step: browser.step(), status: browser.shown.status, heading: browser.heading() }).toEqual({
        step: 'consent',
        status: 200,
        heading,
      })
      expect(browser.text()).toContain(`${somebody.person.name}, `)
      expect(browser.text()).toContain(asks)
      expect(browser.text()).toContain('Covoiturage')
      expect(items(browser)).toEqual(said)
      for (const button of buttons) expect(browser.text()).toContain(button)
      expect(browser.shown.html).toContain(`<html lang="${language}">`)
    },
  )

  test('names scopes, claims and APIs in words', async () => {
    const claims = JSON.stringify({
      userinfo: { phone_number: null },
      id_token: { email: { essential: true } },
    })
    const { browser } = await atTheQuestion(await createEnrolled(idp), {
      scope: 'openid cip read',
      claims,
      resource: API,
    })
    expect(items(browser)).toEqual([
      'savoir que c’est vous',
      'connaître votre CIP',
      'connaître votre numéro de téléphone',
      'connaître votre adresse de courriel',
      'utiliser Horaire en votre nom\u00a0: read',
    ])
  })

  test('allowed, the application gets what was said and no more', async () => {
    const somebody = await createEnrolled(idp)
    const { tokens } = await allowed(somebody, { scope: 'openid email' })
    expect(tokens.scope).toBe('openid email')
    expect(Object.keys(await rp.userinfo(tokens.access_token)).toSorted()).toEqual([
      'email',
      'email_verified',
      'sub',
    ])
  })

  test('refused, the application is told access_denied, and the person is asked again the next time', async () => {
    const somebody = await createEnrolled(idp)
    const { browser } = await atTheQuestion(somebody)
    await browser.submit({ decision: 'refuse' })
    expect(answerOf(browser.shown.url)).toMatchObject({
      error: 'access_denied',
      state: expect.any(String),
      iss: idp.url,
    })
    expect((await ask(rp, browser)).browser.step()).toBe('consent')
    expect(answerOf((await ask(rp, browser, { prompt: 'none' })).callback)['error']).toBe('consent_required')
    expect(answerOf((await ask(firstParty, browser)).callback)).toHaveProperty('code')
  })

  test('is not answered by a visit, by neither button, or by a form without its token', async () => {
    const { browser } = await atTheQuestion(await createEnrolled(idp))
    await browser.open(browser.shown.url)
    expect(browser.step()).toBe('consent')
    await browser.submit({})
    expect(browser.step()).toBe('consent')
    const forged = await browser.post(`/interaction/${browser.uid()}/consent`, 'decision=allow')
    expect(forged.status).toBe(403)
  })

  test('is remembered over sessions', async () => {
    const somebody = await createEnrolled(idp)
    const { browser } = await allowed(somebody)
    expect(answerOf((await ask(rp, browser)).callback)).toHaveProperty('code')
    const later = await atTheQuestion(somebody)
    expect(later.browser.step()).toBeUndefined()
    expect(answerOf(later.browser.shown.url)).toHaveProperty('code')
  })

  test('is asked again for more, and then only for what is new', async () => {
    const somebody = await createEnrolled(idp)
    const { browser } = await allowed(somebody, { scope: 'openid profile' })
    const more = await ask(rp, browser, { scope: 'openid profile email' })
    expect(items(browser)).toEqual(['connaître votre adresse de courriel'])
    await browser.submit({ decision: 'allow' })
    expect((await rp.tokens(browser.shown.url, more.verifier)).scope).toBe('openid profile email')
    const api = await ask(rp, browser, { scope: 'openid read', resource: API })
    expect(items(browser)).toEqual(['utiliser Horaire en votre nom\u00a0: read'])
    await browser.submit({ decision: 'allow' })
    expect(claimsOf((await rp.tokens(browser.shown.url, api.verifier)).access_token)).toMatchObject({
      aud: API,
      scope: 'read',
    })
  })

  test('prompt=consent asks for all of it again', async () => {
    const somebody = await createEnrolled(idp)
    const { browser } = await allowed(somebody, { scope: 'openid profile' })
    await ask(rp, browser, { scope: 'openid profile', prompt: 'consent' })
    expect(items(browser)).toEqual(['savoir que c’est vous', 'connaître votre nom et votre langue'])
  })

  test('revoked, what was given ends at once, and the question comes again', async () => {
    const somebody = await createEnrolled(idp)
    const { browser, tokens } = await allowed(somebody, { scope: 'openid offline_access', prompt: 'consent' })
    const account = await idp.account(somebody.person.cip)
    expect(await idp.services.consents.revoke(account, 'third-party', operator, 'asked')).toBe(true)
    expect(
      (await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${tokens.access_token}` } })).status,
    ).toBe(401)
    const refresh = await read(
      rp.post('/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }),
    )
    expect(refresh).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    expect(answerOf((await ask(rp, browser, { prompt: 'none' })).callback)['error']).toBe('login_required')
    expect((await atTheQuestion(somebody)).browser.step()).toBe('consent')
    expect(await idp.services.consents.revoke(account, 'third-party', operator, 'asked')).toBe(false)
  })

  test('of one person is not another’s', async () => {
    await allowed(await createEnrolled(idp))
    expect((await atTheQuestion(await createEnrolled(idp))).browser.step()).toBe('consent')
  })

  test('answered twice by a double click it ends well', async () => {
    const { browser } = await atTheQuestion(await createEnrolled(idp))
    const [first, second] = await Promise.all([
      browser.send({ decision: 'allow' }),
      browser.send({ decision: 'allow' }),
    ])
    expect([first.status, second.status]).toEqual([303, 303])
    await browser.open(first.headers.get('location') ?? '')
    expect(answerOf(browser.shown.url)).toHaveProperty('code')
  })

  test('an account disabled while it stands on the screen gives nothing', async () => {
    const somebody = await createEnrolled(idp)
    const { browser } = await atTheQuestion(somebody)
    await idp.services.accountActions.disable(await idp.account(somebody.person.cip), operator, 'left')
    await browser.submit({ decision: 'allow' })
    expect(answerOf(browser.shown.url)).not.toHaveProperty('code')
    expect(browser.shown.status).toBeLessThan(500)
  })
})

describe('a first-party application', () => {
  test('asks nothing, and has what its record names', async () => {
    const somebody = await createEnrolled(idp)
    const browser = new Browser(idp)
    const request = await givePassword(browser, firstParty, somebody.person)
    clock.nextStep()
    await browser.submit({ code: somebody.phone.code() })
    expect((await firstParty.tokens(browser.shown.url, request.verifier)).scope).toBe(
      'openid profile email cip',
    )
  })
})
