// Threat: an ordinary application, or an old one without PKCE, that cannot delegate its sign-in. What OpenID
// Foundation's plans «Basic OP» and «Form Post OP» ask (OIDC-1, OIDC-2, OIDC-5, OIDC-14).

import { describe, expect, test } from '@jest/globals'
import { SignJWT, UnsecuredJWT } from 'jose'
import { setColumns } from '../../support/sealed.js'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { createEnrolled } from '../../support/people.js'
import { access, answerOf, ask, read, verify, type Access } from '../../support/protocol.js'
import {
  claimsOf,
  registerRelyingParty,
  REDIRECT_URI,
  type RelyingParty,
  type TokenResponse,
} from '../../support/relying-party.js'
import { useIdp } from '../../support/use-idp.js'

const WITHOUT_PKCE = { code_challenge: undefined, code_challenge_method: undefined }
const SCOPES = 'openid profile email address phone cip'
const ADDRESS = {
  street_address: '580, rue Bowen Sud',
  locality: 'Sherbrooke',
  region: 'Québec',
  postal_code: 'J1G 2E8',
  country: 'Canada',
}

const idp = await useIdp()
const old = { pkce: 'optional', scope: SCOPES, redirect_uris: [REDIRECT_URI, `${REDIRECT_URI}?kept=1`] }
const rp = await registerRelyingParty(idp, { client_id: 'basic', ...old })
const byPost = await registerRelyingParty(idp, {
  client_id: 'by-post',
  token_endpoint_auth_method: 'client_secret_post',
  ...old,
})
const somebody = await createEnrolled(idp)
await setColumns(idp.db, idp.services, somebody.person.id, {
  phoneNumber: '+1 819 829-3232',
  address: JSON.stringify(ADDRESS),
})

const codeOf = (callback: string): string => answerOf(callback)['code'] ?? ''
const errorOf = (callback: string): string | undefined => answerOf(callback)['error']

/** As an old application does it: the code, the address, the secret. */
async function exchange(
  { callback }: Pick<Access, 'callback'>,
  client: RelyingParty = rp,
  isByPost = false,
): Promise<Response> {
  const parameters = { grant_type: 'authorization_code', code: codeOf(callback), redirect_uri: REDIRECT_URI }
  if (!isByPost) return client.post('/token', parameters)
  const body = new URLSearchParams({
    ...parameters,
    client_id: client.clientId,
    client_secret: client.secret,
  })
  return fetch(`${idp.url}/token`, { method: 'POST', body })
}

async function tokensOf(from: Pick<Access, 'callback'>): Promise<TokenResponse> {
  const answer = await read(exchange(from))
  expect(answer.status).toBe(200)
  return answer.body as unknown as TokenResponse
}

/** A session of somebody in a browser, with the tokens of its first sign-in. */
async function signedIn(parameters: Record<string, string | undefined> = {}) {
  const first = await access(rp, somebody, new Browser(idp), { ...WITHOUT_PKCE, ...parameters })
  return { ...first, tokens: await tokensOf(first) }
}

const again = (browser: Browser, parameters: Record<string, string | undefined> = {}) =>
  ask(rp, browser, { ...WITHOUT_PKCE, ...parameters })

describe('a request that must not be answered to its address', () => {
  test.each<[string, Record<string, string | undefined>]>([
    ['an address that is not registered', { redirect_uri: 'https://evil.example/callback' }],
    ['a registered address and a query more', { redirect_uri: `${REDIRECT_URI}?x=1` }],
    ['no address, where two are registered', { redirect_uri: undefined }],
    ['a client nobody knows', { client_id: 'nobody' }],
    ['no client', { client_id: undefined }],
  ])('%s: an error page, no redirect', async (_what, parameters) => {
    const answer = await new Browser(idp).request(rp.begin({ ...WITHOUT_PKCE, ...parameters }).url)
    expect({ status: answer.status, location: answer.headers.get('location') }).toEqual({
      status: 400,
      location: null,
    })
    expect(await answer.text()).toContain('<html lang="fr-CA">')
  })

  test('an error is never sent to an address that is not registered', async () => {
    const answer = await new Browser(idp).request(
      rp.begin({ redirect_uri: 'https://evil.example/', response_type: 'token' }).url,
    )
    expect({ status: answer.status, location: answer.headers.get('location') }).toEqual({
      status: 400,
      location: null,
    })
  })
})

describe('a request that cannot be granted', () => {
  const object = new UnsecuredJWT({ response_type: 'code', client_id: 'basic' }).encode()
  test.each<[string, Record<string, string | undefined>, string]>([
    ['no response_type', { response_type: undefined }, 'invalid_request'],
    ['response_type=id_token', { response_type: 'id_token' }, 'unsupported_response_type'],
    ['response_type=code id_token', { response_type: 'code id_token' }, 'unsupported_response_type'],
    ['response_type=token', { response_type: 'token' }, 'unsupported_response_type'],
    ['response_type=none', { response_type: 'none' }, 'unsupported_response_type'],
    ['a request object that is not signed', { request: object }, 'invalid_request_object'],
    [
      'a request object elsewhere',
      { request_uri: 'https://paie.exemple.ca/request.jwt' },
      'request_uri_not_supported',
    ],
    ['a registration', { registration: '{}' }, 'registration_not_supported'],
    ['a prompt that is none', { prompt: 'choose' }, 'invalid_request'],
    ['a prompt to make an account', { prompt: 'create' }, 'invalid_request'],
    ['prompt=none and a choice of persons', { prompt: 'none select_account' }, 'invalid_request'],
    ['prompt=none and another', { prompt: 'none login' }, 'invalid_request'],
    ['max_age below zero', { max_age: '-1' }, 'invalid_request'],
    ['claims that are no JSON', { claims: '{' }, 'invalid_request'],
    ['a hint that is no token', { id_token_hint: 'nonsense' }, 'invalid_request'],
    ['a scope its record lacks', { scope: 'openid offline_access', prompt: 'consent' }, ''],
  ])('%s: %o', async (_what, parameters, error) => {
    const answer = await again(new Browser(idp), parameters)
    if (error === '') expect(answer.browser.step()).toBe('password')
    else expect(answerOf(answer.callback)).toMatchObject({ error, state: answer.state, iss: idp.url })
  })

  test('an application whose record names fewer scopes gets no more', async () => {
    const modest = await registerRelyingParty(idp, { client_id: 'modest', scope: 'openid' })
    expect(errorOf((await ask(modest, new Browser(idp), { scope: 'openid phone' })).callback)).toBe(
      'invalid_scope',
    )
  })

  test('parameters of no known name are ignored, and so are display and claims_locales', async () => {
    const extra = { extra: 'foobar', display: 'popup', claims_locales: 'se', acr_values: '1 2' }
    const { tokens } = await signedIn(extra)
    expect(claimsOf(tokens.id_token)['sub']).toBe(somebody.person.id)
  })
})

describe('the answer', () => {
  test('brings the code, the state and the issuer, and leaves the address as it was', async () => {
    const { browser, state } = await signedIn()
    const answer = await again(browser, { redirect_uri: `${REDIRECT_URI}?kept=1`, state: 'a b&c=d/é' })
    expect(answerOf(answer.callback)).toMatchObject({ kept: '1', state: 'a b&c=d/é', iss: idp.url })
    expect(state).not.toBe('')
  })

  test('the ID token is for this application and this request: nonce, iss, aud, exp', async () => {
    const { tokens, nonce } = await signedIn()
    const { payload, header } = await verify(idp, tokens.id_token, { audience: 'basic' })
    expect(payload).toMatchObject({ iss: idp.url, aud: 'basic', nonce, sub: somebody.person.id })
    expect(Number(payload.exp) - Number(payload.iat)).toBe(3600)
    expect(header).toMatchObject({ alg: 'RS256', kid: 'test-key' })
  })

  test('the token endpoint says what it gave, and lets nobody keep it', async () => {
    const answer = await exchange(await access(rp, somebody, new Browser(idp), WITHOUT_PKCE))
    expect(answer.headers.get('cache-control')).toContain('no-store')
    expect(await answer.json()).toEqual({
      access_token: expect.any(String),
      expires_in: 300,
      id_token: expect.any(String),
      scope: 'openid profile email cip',
      token_type: 'Bearer',
    })
  })

  test('a request without a nonce is answered without one', async () => {
    const { tokens } = await signedIn({ nonce: undefined })
    expect(claimsOf(tokens.id_token)).not.toHaveProperty('nonce')
  })

  test('a secret may come in the header or in the form, whichever of the two the record names; a wrong one is refused in both', async () => {
    const first = await access(byPost, somebody, new Browser(idp), WITHOUT_PKCE)
    const wrong = { ...byPost, secret: rp.secret }
    expect(await read(exchange(first, wrong, true))).toMatchObject({
      status: 401,
      body: { error: 'invalid_client' },
    })
    expect((await exchange(first, byPost, true)).status).toBe(200)
    expect(
      (await exchange(await access(byPost, somebody, new Browser(idp), WITHOUT_PKCE), byPost)).status,
    ).toBe(200)
    expect(
      (await exchange(await access(rp, somebody, new Browser(idp), WITHOUT_PKCE), rp, true)).status,
    ).toBe(200)
  })

  test('by form_post it is a page that sends itself, with a button for those without script', async () => {
    const browser = new Browser(idp)
    await access(rp, somebody, browser, { ...WITHOUT_PKCE, response_mode: 'form_post' })
    expect(browser.shown.status).toBe(200)
    expect(browser.shown.html).toContain('data-sends-itself')
    expect(browser.heading()).not.toBe('')
    const [url, body] = browser.prepare({})
    expect(url).toBe(REDIRECT_URI)
    const form = Object.fromEntries(new URLSearchParams(body))
    expect(form).toMatchObject({ code: expect.any(String), state: expect.any(String), iss: idp.url })
    expect((await exchange({ callback: `${REDIRECT_URI}?code=${form['code']}` })).status).toBe(200)
  })

  test('by form_post, a state stays what it was: no markup comes out of it', async () => {
    const { browser } = await signedIn()
    const state = `"><script>alert(1)</script>&amp;'é`
    await again(browser, { response_mode: 'form_post', state })
    expect(browser.shown.html).not.toContain('<script>alert')
    expect(browser.hidden('state')).toBe(state)
  })

  test('by form_post an error comes in the same way', async () => {
    const browser = new Browser(idp)
    await again(browser, { response_mode: 'form_post', prompt: 'none' })
    expect(browser.hidden('error')).toBe('login_required')
  })
})

describe('a code', () => {
  test.each([1, 30, 61, 3600])(
    'used again after %i s gives nothing and revokes what it gave',
    async (seconds) => {
      const refreshing = await registerRelyingParty(idp, {
        client_id: `reuse-${seconds}`,
        grant_types: ['authorization_code', 'refresh_token'],
      })
      const first = await access(refreshing, somebody, new Browser(idp))
      const tokens = await refreshing.tokens(first.callback, first.verifier)
      clock.advance({ seconds })
      expect(await read(refreshing.exchange(codeOf(first.callback), first.verifier))).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      })
      const userinfo = await fetch(`${idp.url}/me`, {
        headers: { Authorization: `Bearer ${tokens.access_token}` },
      })
      expect(userinfo.status).toBe(401)
      const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }
      expect((await read(refreshing.post('/token', refresh))).body).toMatchObject({ error: 'invalid_grant' })
    },
  )

  test('brought by another application gives nothing, and is not spent by it', async () => {
    const first = await access(rp, somebody, new Browser(idp), WITHOUT_PKCE)
    expect(await read(exchange(first, byPost, true))).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    })
    expect((await exchange(first)).status).toBe(200)
  })

  test.each(['https://evil.example/', `${REDIRECT_URI}/`, ''])(
    'brought with the address %j gives nothing',
    async (redirectUri) => {
      const { callback } = await access(rp, somebody, new Browser(idp), WITHOUT_PKCE)
      const answer = await read(
        rp.post('/token', {
          grant_type: 'authorization_code',
          code: codeOf(callback),
          redirect_uri: redirectUri,
        }),
      )
      expect(answer.status).toBe(400)
    },
  )

  test('asked for with a challenge is not given without the verifier, even where PKCE is optional', async () => {
    expect((await exchange(await access(rp, somebody, new Browser(idp)))).status).toBe(400)
  })

  test.each(['password', 'implicit', 'urn:ietf:params:oauth:grant-type:device_code', ''])(
    'there is no grant %j',
    async (grantType) => {
      const answer = await read(
        rp.post('/token', {
          grant_type: grantType,
          username: somebody.person.cip,
          password: somebody.person.password,
        }),
      )
      expect(answer.status).toBe(400)
      expect(answer.body['error']).toMatch(/^(unsupported_grant_type|unauthorized_client|invalid_request)$/)
    },
  )
})

describe('userinfo', () => {
  const headers = (token: string) => ({ Authorization: `Bearer ${token}` })

  test.each<[string, (token: string) => Promise<Response>]>([
    ['GET with the header', (token) => fetch(`${idp.url}/me`, { headers: headers(token) })],
    ['POST with the header', (token) => fetch(`${idp.url}/me`, { method: 'POST', headers: headers(token) })],
    [
      'POST with the token in the form',
      (token) =>
        fetch(`${idp.url}/me`, { method: 'POST', body: new URLSearchParams({ access_token: token }) }),
    ],
  ])('%s: all that the scopes promise', async (_how, request) => {
    const { tokens } = await signedIn({ scope: SCOPES })
    const { id, cip, name, email } = somebody.person
    expect(await read(request(tokens.access_token))).toEqual({
      status: 200,
      body: {
        sub: id,
        name,
        locale: 'fr-CA',
        preferred_username: cip,
        cip,
        email,
        email_verified: true,
        phone_number: '+1 819 829-3232',
        phone_number_verified: false,
        address: ADDRESS,
        updated_at: expect.any(Number),
      },
    })
  })

  test.each<[string, string[]]>([
    ['openid', ['sub']],
    ['openid profile', ['locale', 'name', 'preferred_username', 'sub', 'updated_at']],
    ['openid email', ['email', 'email_verified', 'sub']],
    ['openid phone', ['phone_number', 'phone_number_verified', 'sub']],
    ['openid address', ['address', 'sub']],
    ['openid cip', ['cip', 'sub']],
  ])('scope %s gives %j and no more', async (scope, names) => {
    const { tokens } = await signedIn({ scope })
    expect(Object.keys(await rp.userinfo(tokens.access_token)).toSorted()).toEqual(names)
    const { sub, name, email, cip } = claimsOf(tokens.id_token)
    expect({ sub, name, email, cip }).toEqual({
      sub: somebody.person.id,
      name: undefined,
      email: undefined,
      cip: undefined,
    })
  })

  test('a token in the address, or in two places, is refused', async () => {
    const { tokens } = await signedIn()
    expect((await fetch(`${idp.url}/me?access_token=${tokens.access_token}`)).status).not.toBe(200)
    const both = {
      method: 'POST',
      headers: headers(tokens.access_token),
      body: new URLSearchParams({ access_token: tokens.access_token }),
    }
    expect((await fetch(`${idp.url}/me`, both)).status).toBe(400)
  })

  test('an ID token is no access token', async () => {
    const { tokens } = await signedIn()
    const answer = await fetch(`${idp.url}/me`, { headers: headers(tokens.id_token) })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"')
  })
})

describe('the claims parameter', () => {
  const claims = (request: object) => JSON.stringify(request)

  test('an essential name, in userinfo and in the ID token', async () => {
    const request = {
      userinfo: { name: { essential: true } },
      id_token: { email: null, cip: { essential: true } },
    }
    const { tokens } = await signedIn({ scope: 'openid', claims: claims(request) })
    expect(await rp.userinfo(tokens.access_token)).toEqual({
      sub: somebody.person.id,
      name: somebody.person.name,
    })
    expect(claimsOf(tokens.id_token)).toMatchObject({
      email: somebody.person.email,
      cip: somebody.person.cip,
    })
    expect(claimsOf(tokens.id_token)).not.toHaveProperty('name')
  })

  test('a claim there is no such thing of is left out', async () => {
    const { tokens } = await signedIn({ claims: claims({ id_token: { birthdate: { essential: true } } }) })
    expect(claimsOf(tokens.id_token)).not.toHaveProperty('birthdate')
  })

  test('a `sub` that is somebody else ends in login_required, not in a loop', async () => {
    const request = { ...WITHOUT_PKCE, claims: claims({ id_token: { sub: { value: 'somebody-else' } } }) }
    expect(errorOf((await access(rp, somebody, new Browser(idp), request)).callback)).toBe('login_required')
  })
})

describe('prompt=select_account: who signs in is asked, whoever is signed in', () => {
  const choosing = (browser: Browser, parameters: Record<string, string> = {}) =>
    again(browser, { prompt: 'select_account', ...parameters })
  const whoIsIn = async (browser: Browser): Promise<unknown> =>
    claimsOf((await tokensOf(await again(browser, { prompt: 'none' }))).id_token)['sub']

  test('the page shows nobody’s CIP, unless the application gives a hint', async () => {
    const { browser } = await signedIn()
    expect((await choosing(browser)).browser.step()).toBe('password')
    expect(browser.shown.html).not.toContain(somebody.person.cip)
    await choosing(browser, { login_hint: somebody.person.cip })
    expect(browser.shown.html).toContain(somebody.person.cip)
  })

  test('another person signs in, and the first one’s session has ended', async () => {
    const { browser, tokens } = await signedIn()
    const second = await createEnrolled(idp)
    const answer = await access(rp, second, browser, { ...WITHOUT_PKCE, prompt: 'select_account' })
    expect(claimsOf((await tokensOf(answer)).id_token)['sub']).toBe(second.person.id)
    expect(await whoIsIn(browser)).toBe(second.person.id)
    expect(
      (await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${tokens.access_token}` } })).status,
    ).toBe(401)
  })

  test('the same person signs in again, with both factors', async () => {
    const { browser, tokens } = await signedIn()
    clock.advance({ minutes: 1 })
    const answer = await access(rp, somebody, browser, { ...WITHOUT_PKCE, prompt: 'select_account' })
    const { sub, auth_time: at } = claimsOf((await tokensOf(answer)).id_token)
    expect(sub).toBe(somebody.person.id)
    expect(Number(at)).toBeGreaterThan(Number(claimsOf(tokens.id_token)['auth_time']))
  })

  test('whoever goes away keeps the session that was', async () => {
    const { browser } = await signedIn()
    await choosing(browser)
    expect(await whoIsIn(browser)).toBe(somebody.person.id)
  })

  test('with a hint of the person expected, nobody else comes in', async () => {
    const { browser, tokens } = await signedIn()
    const parameters = { ...WITHOUT_PKCE, prompt: 'select_account', id_token_hint: tokens.id_token }
    const second = await createEnrolled(idp)
    expect(errorOf((await access(rp, second, browser, parameters)).callback)).toBe('login_required')
  })

  test('beside consent it asks once each, and ends', async () => {
    const third = await registerRelyingParty(idp, { client_id: 'third', consent: 'ask' })
    const { browser } = await signedIn()
    const answer = await access(third, somebody, browser, { prompt: 'select_account consent' })
    expect(answerOf(answer.callback)).toHaveProperty('code')
  })
})

describe('who is signed in, and since when (OIDC-5)', () => {
  const authTime = (tokens: TokenResponse): number => Number(claimsOf(tokens.id_token)['auth_time'])

  test('auth_time is the moment of the second factor, with max_age as without', async () => {
    const request = await ask(rp, new Browser(idp), { ...WITHOUT_PKCE, max_age: '3600' })
    await request.browser.submit({ cip: somebody.person.cip, password: somebody.person.password })
    clock.advance({ minutes: 5 })
    clock.nextStep()
    const earliest = Math.floor(clock.now() / 1000)
    await request.browser.submit({ code: somebody.phone.code() })
    const latest = clock.now() / 1000
    clock.advance({ seconds: 30 })
    const tokens = await tokensOf({ ...request, callback: request.browser.shown.url })
    expect(authTime(tokens)).toBeGreaterThanOrEqual(earliest)
    expect(authTime(tokens)).toBeLessThanOrEqual(latest)
  })

  test('prompt=none is silent with a session, and login_required without', async () => {
    const { browser, tokens } = await signedIn()
    const silent = await again(browser, { prompt: 'none' })
    expect(claimsOf((await tokensOf(silent)).id_token)).toMatchObject({
      sub: somebody.person.id,
      auth_time: authTime(tokens),
    })
    expect(errorOf((await again(new Browser(idp), { prompt: 'none' })).callback)).toBe('login_required')
  })

  test.each<Record<string, string>>([{ prompt: 'login' }, { max_age: '1' }, { max_age: '0' }])(
    '%j asks again, and auth_time moves',
    async (parameters) => {
      const { browser, tokens } = await signedIn()
      clock.advance({ seconds: 5 })
      expect((await again(browser, parameters)).browser.step()).toBe('password')
      const second = await tokensOf(await access(rp, somebody, browser, { ...WITHOUT_PKCE, ...parameters }))
      expect(authTime(second)).toBeGreaterThan(authTime(tokens))
    },
  )

  test('max_age=10000 asks nothing, and auth_time stays', async () => {
    const { browser, tokens } = await signedIn()
    clock.advance({ seconds: 5 })
    expect(authTime(await tokensOf(await again(browser, { max_age: '10000' })))).toBe(authTime(tokens))
  })

  test('a record may ask for auth_time, or for a sign-in that is no older than so', async () => {
    const strict = await registerRelyingParty(idp, {
      client_id: 'strict',
      default_max_age: 600,
      require_auth_time: true,
    })
    const browser = new Browser(idp)
    const first = await access(strict, somebody, browser)
    expect(claimsOf((await strict.tokens(first.callback, first.verifier)).id_token)['auth_time']).toEqual(
      expect.any(Number),
    )
    clock.advance({ seconds: 590 })
    expect(answerOf((await ask(strict, browser)).callback)).toHaveProperty('code')
    clock.advance({ seconds: 11 })
    expect((await ask(strict, browser)).browser.step()).toBe('password')
  })

  test('an ID token as a hint: silent for its person, login_required for another', async () => {
    const { browser, tokens } = await signedIn()
    expect(
      answerOf((await again(browser, { prompt: 'none', id_token_hint: tokens.id_token })).callback),
    ).toHaveProperty('code')
    const other = await createEnrolled(idp)
    const foreign = await access(rp, other, new Browser(idp), WITHOUT_PKCE)
    expect(
      errorOf((await again(foreign.browser, { prompt: 'none', id_token_hint: tokens.id_token })).callback),
    ).toBe('login_required')
    const signedInAsAnother = await access(rp, other, foreign.browser, {
      ...WITHOUT_PKCE,
      id_token_hint: tokens.id_token,
    })
    expect(errorOf(signedInAsAnother.callback)).toBe('login_required')
  })

  test('a hint signed by somebody else is refused', async () => {
    const forged = await new SignJWT({ sub: somebody.person.id })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(Buffer.from(rp.secret))
    expect(errorOf((await again(new Browser(idp), { id_token_hint: forged })).callback)).toBe(
      'invalid_request',
    )
  })

  test('login_hint fills in the CIP; ui_locales chooses the language', async () => {
    const { browser } = await again(new Browser(idp), { login_hint: 'tram1234', ui_locales: 'en' })
    expect(browser.shown.html).toMatch(/name="cip"[^>]*value="tram1234"|value="tram1234"[^>]*name="cip"/)
    expect(browser.shown.html).toContain('<html lang="en">')
  })
})

describe('a request that is posted', () => {
  test('from another site keeps the browser’s session', async () => {
    const { browser } = await signedIn()
    const [path, query] = rp.begin({ ...WITHOUT_PKCE, prompt: 'none' }).url.split('?')
    const crossSite = {
      'Origin': 'https://paie.exemple.ca',
      'Sec-Fetch-Site': 'cross-site',
      'Content-Type': 'application/x-www-form-urlencoded',
    }
    // A browser sends no Lax cookie with such a post, and sends it with the GET that follows.
    const posted = await fetch(path ?? '', {
      method: 'POST',
      body: query ?? '',
      headers: crossSite,
      redirect: 'manual',
    })
    expect(posted.status).toBe(303)
    expect(posted.headers.getSetCookie()).toEqual([])
    await browser.open(posted.headers.get('location') ?? '')
    expect(answerOf(browser.shown.url)).toHaveProperty('code')
  })

  test('asks for a sign-in as a GET does', async () => {
    const [path = '', query = ''] = rp.begin(WITHOUT_PKCE).url.split('?')
    const browser = new Browser(idp)
    await browser.post(path, query)
    expect(browser.step()).toBe('password')
  })

  test('as anything but a form is refused', async () => {
    const answer = await fetch(`${idp.url}/auth`, {
      method: 'POST',
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
    })
    expect(answer.status).toBe(415)
  })
})
