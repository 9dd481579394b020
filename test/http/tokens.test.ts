// Threat: an authorization code or token used twice, by another, or after its owner has gone (OIDC-*, M1,
// M13, SES-5).

import { describe, expect, test } from '@jest/globals'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { enrolFirst, givePassword, signIn } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { claimsOf, registerRelyingParty, REDIRECT_URI, type RelyingParty } from '../support/relying-party.js'
import { useIdp } from '../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })
const shared = await registerRelyingParty(idp, { client_id: 'horaire', client_name: 'Horaire' })

const codeOf = (callback: string): string => new URL(callback).searchParams.get('code') ?? ''
const errorOf = (callback: string | null): string | null =>
  callback === null ? null : new URL(callback).searchParams.get('error')

/** Somebody with a session in this browser. */
async function signedIn(client: RelyingParty = shared) {
  const person = await idp.createPerson()
  const access = await enrolFirst(idp, client, person)
  clock.nextStep()
  return { person, ...access }
}

describe('an authorization code', () => {
  test('exchanged twenty times in parallel gives tokens once, and invalid_grant to the rest (OIDC-3, M1)', async () => {
    const { callback, verifier } = await signedIn(rp)
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => rp.exchange(codeOf(callback), verifier)),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 400)).toHaveLength(19)
    const bodies = await Promise.all(
      answers
        .filter(({ status }) => status === 400)
        .map((answer) => answer.json() as Promise<{ error: string }>),
    )
    expect(new Set(bodies.map(({ error }) => error))).toEqual(new Set(['invalid_grant']))
  })

  test.each([1, 30, 3600])('replayed %i s later gives nothing, and revokes what it gave', async (seconds) => {
    const { callback, verifier } = await signedIn(rp)
    const { access_token: accessToken } = await rp.tokens(callback, verifier)
    expect(await rp.userinfo(accessToken)).toHaveProperty('sub')
    clock.advance({ seconds })
    const replay = await rp.exchange(codeOf(callback), verifier)
    expect(replay.status).toBe(400)
    expect(await replay.json()).toMatchObject({ error: 'invalid_grant' })
    const userinfo = await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${accessToken}` } })
    expect(userinfo.status).toBe(401)
  })

  test('is good for a minute', async () => {
    const { callback, verifier } = await signedIn(rp)
    clock.advance({ seconds: 61 })
    expect((await rp.exchange(codeOf(callback), verifier)).status).toBe(400)
  })

  test('survives a restart, once', async () => {
    const { callback, verifier } = await signedIn(rp)
    await idp.restart()
    expect((await rp.exchange(codeOf(callback), verifier)).status).toBe(200)
    await idp.restart()
    expect((await rp.exchange(codeOf(callback), verifier)).status).toBe(400)
  })

  test('serves neither another application, nor another verifier, nor another address', async () => {
    const { callback, verifier } = await signedIn(rp)
    const code = codeOf(callback)
    const asked = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
    }
    expect((await shared.exchange(code, verifier)).status).toBe(400)
    const again = await signedIn(rp)
    expect((await rp.exchange(codeOf(again.callback), 'x'.repeat(43))).status).toBe(400)
    const third = await signedIn(rp)
    expect(
      (
        await rp.post('/token', {
          ...asked,
          code: codeOf(third.callback),
          code_verifier: third.verifier,
          redirect_uri: `${REDIRECT_URI}/`,
        })
      ).status,
    ).toBe(400)
    const fourth = await signedIn(rp)
    const { code_verifier: _verifier, ...without } = { ...asked, code: codeOf(fourth.callback) }
    expect((await rp.post('/token', without)).status).toBe(400)
  })

  test('is given to nobody with a wrong client secret', async () => {
    const { callback, verifier } = await signedIn(rp)
    const answer = await fetch(`${idp.url}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from('eespresso:faux').toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: codeOf(callback),
        redirect_uri: REDIRECT_URI,
        code_verifier: verifier,
      }),
    })
    expect(answer.status).toBe(401)
  })
})

describe('PKCE and response types (OIDC-2)', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['no challenge', { code_challenge: undefined, code_challenge_method: undefined }],
    ['plain', { code_challenge: 'x'.repeat(43), code_challenge_method: 'plain' }],
    ['no method, which means plain', { code_challenge_method: undefined }],
    ['response_type=id_token', { response_type: 'id_token' }],
    ['response_type=code id_token', { response_type: 'code id_token' }],
    ['response_type=token', { response_type: 'token' }],
    ['response_type=none', { response_type: 'none' }],
  ])('%s is refused before anybody is asked for a password', async (_what, parameters) => {
    const answer = await new Browser(idp).request(rp.begin(parameters).url)
    const location = answer.headers.get('location')
    if (location === null) expect(answer.status).toBe(400)
    else {
      expect(location.startsWith(REDIRECT_URI)).toBe(true)
      expect(location).toMatch(/error=/)
      expect(location).not.toMatch(/[?&#](code|id_token|access_token)=/)
    }
  })

  test('discovery offers the code flow, S256 and asymmetric signatures, and nothing else', async () => {
    const metadata = (await (await fetch(`${idp.url}/.well-known/openid-configuration`)).json()) as Record<
      string,
      unknown
    >
    expect(metadata).toMatchObject({
      issuer: idp.url,
      response_types_supported: ['code'],
      code_challenge_methods_supported: ['S256'],
    })
    expect(JSON.stringify(metadata)).not.toMatch(
      /implicit|"none"\s*,\s*"HS|HS256|HS512|registration_endpoint/,
    )
    const endpoints = Object.entries(metadata).filter(
      ([name]) => name.endsWith('_endpoint') || name === 'jwks_uri',
    )
    expect(endpoints.filter(([, url]) => !String(url).startsWith(`${idp.url}/`))).toEqual([])
  })

  test('the ID token is signed RS256 by a published key, for this application, for an hour at most (OIDC-6)', async () => {
    const { callback, verifier, nonce } = await signedIn(rp)
    const tokens = await rp.tokens(callback, verifier)
    const jwks = (await (await fetch(`${idp.url}/jwks`)).json()) as JSONWebKeySet
    expect(JSON.stringify(jwks)).not.toMatch(/"(d|p|q|dp|dq|qi)":/)
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token, createLocalJWKSet(jwks), {
      issuer: idp.url,
      audience: 'eespresso',
      currentDate: new Date(clock.now()),
    })
    expect(protectedHeader.alg).toBe('RS256')
    expect(payload['nonce']).toBe(nonce)
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(3600)
  })
})

describe('the address to return to is matched to the letter (OIDC-1)', () => {
  test.each([
    `${REDIRECT_URI}/`,
    REDIRECT_URI.replace('callback', 'Callback'),
    REDIRECT_URI.replace(':9', ':10'),
    REDIRECT_URI.replace(':9', ''),
    `${REDIRECT_URI}#fragment`,
    `${REDIRECT_URI}?x=1`,
    REDIRECT_URI.replace('http://', 'http://user@'),
    REDIRECT_URI.replace('localhost', 'localhost.evil.example'),
    REDIRECT_URI.replace('localhost', '127.0.0.1'),
    REDIRECT_URI.replace('http:', 'https:'),
    `${REDIRECT_URI}/../callback`,
    REDIRECT_URI.replace('callback', '%63allback'),
    '//evil.example',
    'javascript:alert(1)',
  ])('%s is answered by an error page, never by a redirect', async (redirectUri) => {
    const answer = await new Browser(idp).request(rp.begin({ redirect_uri: redirectUri }).url)
    expect({ redirectUri, status: answer.status, location: answer.headers.get('location') }).toEqual({
      redirectUri,
      status: 400,
      location: null,
    })
    expect(await answer.text()).toContain('<html lang="fr-CA">')
  })

  test.each(['', undefined])('left out (%j), it is the registered one or nothing', async (redirectUri) => {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    const request = await browser.open(rp.begin({ redirect_uri: redirectUri }).url)
    if (request.status === 400) return
    await browser.submit({ cip: person.cip, password: person.password })
    await browser.submit({ code: phone.code() })
    expect(browser.shown.url.startsWith(`${REDIRECT_URI}?`)).toBe(true)
  })
})

describe('what the application may ask (OIDC-5)', () => {
  test('prompt=none without a session is login_required, with one it is silent', async () => {
    const stranger = await new Browser(idp).request(shared.begin({ prompt: 'none' }).url)
    expect(errorOf(stranger.headers.get('location'))).toBe('login_required')
    const { browser, person } = await signedIn()
    const request = shared.begin({ prompt: 'none' })
    const answer = await browser.request(request.url)
    expect(
      claimsOf((await shared.tokens(answer.headers.get('location') ?? '', request.verifier)).id_token)['sub'],
    ).toBe(person.id)
  })

  test('prompt=none for an application that wants each sign-in in full is login_required, session or not', async () => {
    const { browser } = await signedIn()
    const answer = await browser.request(rp.begin({ prompt: 'none' }).url)
    expect(errorOf(answer.headers.get('location'))).toBe('login_required')
  })

  test.each<Record<string, string>>([{ prompt: 'login' }, { max_age: '0' }])(
    '%j asks for both factors again, and auth_time is new',
    async (parameters) => {
      const { browser, person, phone, callback, verifier } = await signedIn()
      const before = Number(claimsOf((await shared.tokens(callback, verifier)).id_token)['auth_time'])
      clock.advance({ minutes: 5 })
      await browser.open(shared.begin(parameters).url)
      expect(browser.step()).toBe('password')
      const again = await signIn(shared, person, phone, browser, parameters)
      const claims = claimsOf((await shared.tokens(again.callback, again.verifier)).id_token)
      expect(Number(claims['auth_time'])).toBeGreaterThanOrEqual(before + 300)
      expect(claims).toMatchObject({ sub: person.id, amr: ['pwd', 'otp', 'mfa'] })
    },
  )

  test('a session within max_age asks for nothing', async () => {
    const { browser } = await signedIn()
    await browser.open(shared.begin({ max_age: '3600' }).url)
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
  })

  test.each([
    ['en', 'Sign in', 'en'],
    ['fr', 'Connexion', 'fr-CA'],
    ['de en-GB fr', 'Sign in', 'en'],
    ['de', 'Connexion', 'fr-CA'],
  ])('ui_locales=%s shows « %s »', async (uiLocales, heading, lang) => {
    const browser = new Browser(idp)
    await browser.open(rp.begin({ ui_locales: uiLocales }).url)
    expect(browser.heading()).toBe(heading)
    expect(browser.shown.html).toContain(`<html lang="${lang}">`)
  })

  test('login_hint fills in the CIP and nothing more', async () => {
    const browser = new Browser(idp)
    await browser.open(rp.begin({ login_hint: '"><script>alert(1)</script>' }).url)
    expect(browser.shown.html).not.toContain('<script>alert')
    expect(browser.step()).toBe('password')
  })

  test('ten requests at once in one browser all end without a fault (OIDC-15)', async () => {
    const { browser } = await signedIn()
    const answers = await Promise.all(Array.from({ length: 10 }, () => browser.request(shared.begin().url)))
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 303))
    expect(answers.filter((answer) => codeOf(answer.headers.get('location') ?? REDIRECT_URI) === '')).toEqual(
      [],
    )
  })
})

describe('an account that is disabled while its owner is signed in (M13, SES-5)', () => {
  test.each([
    [
      'by the help desk',
      async (accountCip: string) =>
        void (await idp.services.accountActions.disable(await idp.account(accountCip), operator, 'left')),
    ],
    [
      'in the database alone, its sessions left behind',
      async (accountCip: string) =>
        void (await idp.services.store.accounts.setDisabled((await idp.account(accountCip)).id, clock.now())),
    ],
  ])('%s: sign-in page, invalid_grant, 401, and no fault of ours', async (_how, disable) => {
    const { browser, person, callback, verifier } = await signedIn()
    const tokens = await shared.tokens(callback, verifier)
    const unused = shared.begin()
    const pending = await browser.request(unused.url)
    await disable(person.cip)

    await browser.open(shared.begin().url)
    expect({ status: browser.shown.status, step: browser.step() }).toEqual({ status: 200, step: 'password' })
    const silent = await browser.request(shared.begin({ prompt: 'none' }).url)
    expect(errorOf(silent.headers.get('location'))).toBe('login_required')
    const exchange = await shared.exchange(codeOf(pending.headers.get('location') ?? ''), unused.verifier)
    expect({ status: exchange.status, body: await exchange.json() }).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    const userinfo = await fetch(`${idp.url}/me`, {
      headers: { Authorization: `Bearer ${tokens.access_token}` },
    })
    expect(userinfo.status).toBe(401)
    const signOut = await browser.request(
      `/session/end?${new URLSearchParams({ id_token_hint: tokens.id_token }).toString()}`,
    )
    expect(signOut.status).toBeLessThan(500)
  })

  test('enabled again, the session from before does not come back to life', async () => {
    const { browser, person } = await signedIn()
    await idp.services.accountActions.disable(await idp.account(person.cip), operator, 'left')
    await idp.services.accountActions.enable(await idp.account(person.cip), operator, 'back')
    const silent = await browser.request(shared.begin({ prompt: 'none' }).url)
    expect(errorOf(silent.headers.get('location'))).toBe('login_required')
  })

  test.each(['password', 'device'])('a reset of the %s ends sessions and tokens too', async (what) => {
    const { browser, person, callback, verifier } = await signedIn()
    const tokens = await shared.tokens(callback, verifier)
    const account = await idp.account(person.cip)
    if (what === 'password')
      await idp.services.accountActions.resetPassword(account, operator, 'asked', { delivery: 'print' })
    else await idp.services.accountActions.resetSecondFactor(account, operator, 'lost')
    const silent = await browser.request(shared.begin({ prompt: 'none' }).url)
    expect(errorOf(silent.headers.get('location'))).toBe('login_required')
    expect(
      (await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${tokens.access_token}` } })).status,
    ).toBe(401)
  })
})

describe('a session', () => {
  test('gets a new id at each sign-in, and a planted one is never adopted (SES-1)', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await givePassword(browser, shared, person)
    const before = browser.cookie('laissez-passer-session')
    clock.nextStep()
    await browser.submit({ code: phone.code() })
    expect(browser.cookie('laissez-passer-session')).toBeDefined()
    expect(browser.cookie('laissez-passer-session')).not.toBe(before)
  })

  test('ends after half an hour of rest and after twelve hours of work (SES-3)', async () => {
    const idle = await signedIn()
    clock.advance({ minutes: 31 })
    expect(
      errorOf((await idle.browser.request(shared.begin({ prompt: 'none' }).url)).headers.get('location')),
    ).toBe('login_required')

    const busy = await signedIn()
    for (let minutes = 0; minutes < 12 * 60 - 20; minutes += 20) {
      clock.advance({ minutes: 20 })
      expect(
        errorOf((await busy.browser.request(shared.begin({ prompt: 'none' }).url)).headers.get('location')),
      ).toBeNull()
    }
    clock.advance({ minutes: 25 })
    expect(
      errorOf((await busy.browser.request(shared.begin({ prompt: 'none' }).url)).headers.get('location')),
    ).toBe('login_required')
  })
})
