// Threat: a token that lives on after its session, its owner or its theft; one shown to the wrong application
// (OIDC-7, OIDC-11, SES-5).

import { describe, expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'
import { exportJWK, SignJWT, type JWK } from 'jose'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { createEnrolled, type EnrolledPerson } from '../../support/people.js'
import { access, ask, read, startTwin, verify } from '../../support/protocol.js'
import { claimsOf, registerRelyingParty, type RelyingParty } from '../../support/relying-party.js'
import { useIdp } from '../../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }
const API = 'https://horaire.exemple.ca/api'
const REFRESHING = {
  grant_types: ['authorization_code', 'refresh_token'],
  scope: 'openid profile offline_access',
  apis: { [API]: ['read'] },
}

const idp = await useIdp()
await idp.services.resourceServers.create(
  { indicator: API, name: 'Horaire', scopes: ['read', 'write'], tokenSeconds: 300 },
  operator,
)
const rp = await registerRelyingParty(idp, { client_id: 'refreshing', ...REFRESHING })
const other = await registerRelyingParty(idp, { client_id: 'other', ...REFRESHING })
const service = await registerRelyingParty(idp, {
  client_id: 'service',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  apis: { [API]: ['read', 'write'] },
})
const person = await createEnrolled(idp)

async function signedIn(
  client: RelyingParty = rp,
  parameters: Record<string, string> = {},
  somebody: EnrolledPerson = person,
) {
  const browser = new Browser(idp)
  const { callback, verifier } = await access(client, somebody, browser, {
    scope: 'openid profile',
    ...parameters,
  })
  return { browser, tokens: await client.tokens(callback, verifier) }
}

const refresh = (token: string | undefined, client: RelyingParty = rp, more: Record<string, string> = {}) =>
  read(client.post('/token', { grant_type: 'refresh_token', refresh_token: token ?? '', ...more }))
const userinfoStatus = async (token: unknown) =>
  (await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${String(token)}` } })).status
const tokenOf = (answer: { body: Record<string, unknown> }): string => String(answer.body['refresh_token'])
const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } }

describe('a refresh token', () => {
  test('used by twenty at once gives tokens to one at most, and no fault of ours', async () => {
    const { tokens } = await signedIn()
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(tokens.refresh_token)))
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
    expect(
      new Set(
        answers
          .filter(({ status }) => status !== 200)
          .map(({ status, body }) => `${status} ${String(body['error'])}`),
      ),
    ).toEqual(new Set(['400 invalid_grant']))
  })

  test('used a second time kills its whole family: the thief’s and the owner’s', async () => {
    const { tokens } = await signedIn()
    const next = await refresh(tokens.refresh_token)
    expect(next.status).toBe(200)
    expect(await refresh(tokens.refresh_token)).toMatchObject(INVALID_GRANT)
    expect(await refresh(tokenOf(next))).toMatchObject(INVALID_GRANT)
    expect(await userinfoStatus(next.body['access_token'])).toBe(401)
  })

  test('is replaced at each use, and brings an ID token of the same sign-in', async () => {
    const { tokens } = await signedIn()
    clock.advance({ minutes: 10 })
    const next = await refresh(tokens.refresh_token)
    expect(tokenOf(next)).not.toBe(tokens.refresh_token)
    const before = claimsOf(tokens.id_token)
    const after = claimsOf(String(next.body['id_token']))
    for (const claim of ['sub', 'aud', 'iss', 'auth_time', 'acr', 'amr', 'nonce'])
      expect(after[claim]).toEqual(before[claim])
    expect(Number(after['iat'])).toBeGreaterThan(Number(before['iat']))
    expect(await userinfoStatus(next.body['access_token'])).toBe(200)
  })

  test('ends with the session of its person, when `offline_access` was not asked for', async () => {
    const { tokens, browser } = await signedIn()
    await browser.open('/session/end')
    await browser.submit({ logout: 'yes' })
    expect(await refresh(tokens.refresh_token)).toMatchObject(INVALID_GRANT)
    const idle = await signedIn()
    clock.advance({ minutes: 31 })
    expect(await refresh(idle.tokens.refresh_token)).toMatchObject(INVALID_GRANT)
  })

  test('outlives the session with `offline_access`, which the person is asked for', async () => {
    const browser = new Browser(idp)
    const first = await access(rp, person, browser, { scope: 'openid offline_access', prompt: 'consent' })
    const tokens = await rp.tokens(first.callback, first.verifier)
    expect(tokens.scope.split(' ')).toContain('offline_access')
    clock.advance({ hours: 13 })
    const next = await refresh(tokens.refresh_token)
    expect(next.status).toBe(200)
    // Its end does not move, however often it is used.
    let latest = next
    for (let day = 1; day < 14; day += 1) {
      clock.advance({ hours: 23 })
      latest = await refresh(tokenOf(latest))
      expect({ day, status: latest.status }).toEqual({ day, status: 200 })
    }
    clock.advance({ hours: 48 })
    expect(await refresh(tokenOf(latest))).toMatchObject(INVALID_GRANT)
  })

  test('without prompt=consent, `offline_access` is not given', async () => {
    const { tokens } = await signedIn(rp, { scope: 'openid offline_access' })
    expect(tokens.scope).toBe('openid')
  })

  test('is good for a whole fortnight, even when it is given at the end of a session', async () => {
    const { browser } = await signedIn()
    for (let minutes = 0; minutes < 11 * 60; minutes += 25) {
      clock.advance({ minutes: 25 })
      await browser.open(rp.begin({ prompt: 'none' }).url)
    }
    const request = rp.begin({ scope: 'openid offline_access', prompt: 'consent' })
    await browser.open(request.url)
    await browser.submit({ decision: 'allow' })
    const tokens = await rp.tokens(browser.shown.url, request.verifier)
    clock.advance({ days: 13, hours: 22 })
    expect((await refresh(tokens.refresh_token)).status).toBe(200)
  })

  test('is not given to an application that has not asked for the grant', async () => {
    const plain = await registerRelyingParty(idp, { client_id: 'plain' })
    const { tokens } = await signedIn(plain)
    expect(tokens).not.toHaveProperty('refresh_token')
    expect((await refresh('x', plain)).status).toBe(400)
  })

  test('of one application is nothing to another', async () => {
    const { tokens } = await signedIn()
    expect(await refresh(tokens.refresh_token, other)).toMatchObject(INVALID_GRANT)
    expect((await refresh(tokens.refresh_token)).status).toBe(200)
  })

  test('gives no more scopes than it has, and fewer when asked', async () => {
    const { tokens } = await signedIn()
    expect((await refresh(tokens.refresh_token, rp, { scope: 'openid email' })).body['error']).toBe(
      'invalid_scope',
    )
    const fewer = await refresh(tokens.refresh_token, rp, { scope: 'openid' })
    expect(fewer.body).toMatchObject({ scope: 'openid' })
  })

  test.each(['disable', 'reset-password', 'sign-out'])('ends at «account %s»', async (command) => {
    const somebody = await createEnrolled(idp)
    const { tokens } = await signedIn(rp, { scope: 'openid offline_access', prompt: 'consent' }, somebody)
    const account = await idp.account(somebody.person.cip)
    if (command === 'disable') await idp.services.accountActions.disable(account, operator, 'left')
    else if (command === 'reset-password')
      await idp.services.accountActions.resetPassword(account, operator, 'asked', { delivery: 'print' })
    else await idp.services.accountActions.signOutEverywhere(account, operator, 'asked')
    expect(await refresh(tokens.refresh_token)).toMatchObject(INVALID_GRANT)
    expect(await userinfoStatus(tokens.access_token)).toBe(401)
  })
})

describe('an access token', () => {
  test('lives five minutes', async () => {
    const { tokens } = await signedIn()
    clock.advance({ seconds: 299 })
    expect(await userinfoStatus(tokens.access_token)).toBe(200)
    clock.advance({ seconds: 2 })
    expect(await userinfoStatus(tokens.access_token)).toBe(401)
  })

  test('introspection tells its own application, and nobody else', async () => {
    const { tokens } = await signedIn()
    const token = tokens.access_token
    expect((await read(rp.post('/token/introspection', { token }))).body).toMatchObject({
      active: true,
      client_id: 'refreshing',
      sub: person.person.id,
      scope: 'openid profile',
      token_type: 'Bearer',
      iss: idp.url,
    })
    expect((await read(other.post('/token/introspection', { token }))).body).toEqual({ active: false })
    expect((await read(rp.post('/token/introspection', { token: 'nonsense' }))).body).toEqual({
      active: false,
    })
    const stranger = await fetch(`${idp.url}/token/introspection`, {
      method: 'POST',
      body: new URLSearchParams({ token, client_id: 'refreshing' }),
    })
    expect(stranger.status).toBe(401)
  })

  test('introspection needs a client that can authenticate', async () => {
    const publicClient = await registerRelyingParty(idp, {
      client_id: 'public',
      token_endpoint_auth_method: 'none',
    })
    const first = await access(publicClient, person, new Browser(idp))
    const body = {
      grant_type: 'authorization_code',
      code: new URL(first.callback).searchParams.get('code') ?? '',
      code_verifier: first.verifier,
    }
    const asPublic = (path: string, more: Record<string, string>) =>
      read(
        fetch(`${idp.url}${path}`, {
          method: 'POST',
          body: new URLSearchParams({ client_id: 'public', ...more }),
        }),
      )
    const { body: tokens } = await asPublic('/token', {
      ...body,
      redirect_uri: 'http://localhost:9/callback',
    })
    const token = String(tokens['access_token'])
    expect(await userinfoStatus(token)).toBe(200)
    expect((await asPublic('/token/introspection', { token })).body).toEqual({ active: false })
    expect((await asPublic('/token/revocation', { token })).status).toBe(200)
    expect(await userinfoStatus(token)).toBe(401)
  })

  test('revocation ends it; a refresh token takes its whole family along', async () => {
    const { tokens } = await signedIn()
    expect((await other.post('/token/revocation', { token: tokens.access_token })).status).toBe(400)
    expect(await userinfoStatus(tokens.access_token)).toBe(200)
    expect((await rp.post('/token/revocation', { token: tokens.refresh_token ?? '' })).status).toBe(200)
    expect(await refresh(tokens.refresh_token)).toMatchObject(INVALID_GRANT)
    expect(await userinfoStatus(tokens.access_token)).toBe(401)
    expect((await read(rp.post('/token/introspection', { token: tokens.access_token }))).body).toEqual({
      active: false,
    })
    expect((await rp.post('/token/revocation', { token: 'nonsense' })).status).toBe(200)
  })

  test('revocation answers with nothing, and says no type of it (RFC 7009 §2.2)', async () => {
    const { tokens } = await signedIn()
    for (const token of [tokens.access_token, 'nonsense']) {
      const answer = await rp.post('/token/revocation', { token })
      expect([answer.status, answer.headers.get('content-type'), await answer.text()]).toEqual([
        200,
        null,
        '',
      ])
    }
  })
})

describe('a token for an API (RFC 8707, RFC 9068)', () => {
  const reading = { scope: 'read', resource: API }

  test('a service gets a JWT for the API it names, for five minutes', async () => {
    const { body } = await read(service.post('/token', { grant_type: 'client_credentials', ...reading }))
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 300, scope: 'read' })
    const { payload, header } = await verify(idp, String(body['access_token']), {
      audience: API,
      typ: 'at+jwt',
    })
    expect(header.alg).toBe('RS256')
    expect(payload).toMatchObject({
      client_id: 'service',
      sub: 'service',
      scope: 'read',
      jti: expect.any(String),
      iat: expect.any(Number),
    })
    expect(Number(payload.exp) - Number(payload.iat)).toBe(300)
  })

  test('a service without an API gets nothing it could use on anybody', async () => {
    const { body } = await read(service.post('/token', { grant_type: 'client_credentials' }))
    expect(body).not.toHaveProperty('id_token')
    expect(body).not.toHaveProperty('refresh_token')
    expect(await userinfoStatus(body['access_token'])).toBe(401)
  })

  test.each(['https://inconnu.exemple.ca/', `${API}/`, 'horaire', `${API}#x`])(
    '%s, which nobody registered, is invalid_target',
    async (resource) => {
      const answer = await read(
        service.post('/token', { grant_type: 'client_credentials', scope: 'read', resource }),
      )
      expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } })
      const asked = await ask(
        await registerRelyingParty(idp, { client_id: `api-${Buffer.from(resource).toString('hex')}` }),
        new Browser(idp),
        {
          resource,
        },
      )
      expect(new URL(asked.callback).searchParams.get('error')).toBe('invalid_target')
    },
  )

  test('a scope the API does not know, or the application’s record does not name, is refused', async () => {
    const unknown = await read(
      service.post('/token', { grant_type: 'client_credentials', scope: 'read write delete', resource: API }),
    )
    expect(unknown).toMatchObject({ status: 400, body: { error: 'invalid_scope' } })
    const asked = await ask(rp, new Browser(idp), { scope: 'openid read write', resource: API })
    expect(new URL(asked.callback).searchParams.get('error')).toBe('invalid_scope')
  })

  test('an application whose record names no API gets tokens for none', async () => {
    const plain = await registerRelyingParty(idp, {
      client_id: 'no-api',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      apis: { [API]: ['read'] },
    })
    // A record from before this was checked.
    const { apis: _none, ...metadata } = (await idp.services.clients.show('no-api')) ?? {}
    await idp.services.store.clients.update('no-api', { metadata: JSON.stringify(metadata) })
    const answer = await read(
      plain.post('/token', { grant_type: 'client_credentials', scope: 'read', resource: API }),
    )
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_target' } })
  })

  test('in a person’s name it carries that person, and opens the API alone', async () => {
    const { tokens } = await signedIn(rp, { scope: 'openid read', resource: API })
    const { payload } = await verify(idp, tokens.access_token, { audience: API, typ: 'at+jwt' })
    expect(payload).toMatchObject({ sub: person.person.id, client_id: 'refreshing', scope: 'read' })
    expect(Number(payload.exp) - Number(payload.iat)).toBeLessThanOrEqual(300)
    expect(await userinfoStatus(tokens.access_token)).toBe(401)
    const next = await refresh(tokens.refresh_token, rp, { resource: API })
    expect(claimsOf(String(next.body['access_token']))['aud']).toBe(API)
  })

  test('it cannot be called back, and says so', async () => {
    const { tokens } = await signedIn(rp, { scope: 'openid read', resource: API })
    expect((await read(rp.post('/token/revocation', { token: tokens.access_token }))).body['error']).toBe(
      'unsupported_token_type',
    )
  })

  test('no API may ask for a longer life', async () => {
    const long = { indicator: 'https://long.exemple.ca/', name: 'Long', scopes: ['read'], tokenSeconds: 301 }
    expect((await idp.services.resourceServers.create(long, operator)).ok).toBe(false)
  })

  test('an application without the grant gets none', async () => {
    expect((await rp.post('/token', { grant_type: 'client_credentials', ...reading })).status).toBe(400)
  })
})

describe('an application with a key of its own (private_key_jwt)', () => {
  const keys: Record<string, JWK> = {}
  const makeKey = async (alg: string) => {
    const { privateKey, publicKey } =
      alg === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : alg === 'EdDSA'
          ? generateKeyPairSync('ed25519')
          : rsa
    keys[alg] = { ...(await exportJWK(publicKey)), alg, kid: alg, use: 'sig' }
    return privateKey
  }
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const assertion = async (alg: string, claims: Record<string, unknown> = {}) => {
    const key = await makeKey(alg)
    const all = { iss: `key-${alg}`, sub: `key-${alg}`, aud: idp.url, jti: crypto.randomUUID(), ...claims }
    return new SignJWT(all)
      .setProtectedHeader({ alg, kid: alg })
      .setIssuedAt(clock.now() / 1000)
      .setExpirationTime(clock.now() / 1000 + 60)
      .sign(key)
  }
  const formWith = (jwt: string) => ({
    grant_type: 'client_credentials',
    scope: 'read',
    resource: API,
    client_assertion: jwt,
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  })
  const bring = (jwt: string) =>
    read(fetch(`${idp.url}/token`, { method: 'POST', body: new URLSearchParams(formWith(jwt)) }))
  const registered = async (alg: string) => {
    const jwt = await assertion(alg)
    const jwks = { keys: [keys[alg]] }
    const metadata = {
      grant_types: ['client_credentials'],
      redirect_uris: [],
      apis: { [API]: ['read'] },
      token_endpoint_auth_method: 'private_key_jwt',
      jwks,
    }
    const created = await idp.services.clients.create({ client_id: `key-${alg}`, ...metadata }, operator)
    expect(created).toEqual({ ok: true, clientSecret: undefined })
    return jwt
  }

  test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('%s: comes in with an assertion, once', async (alg) => {
    const jwt = await registered(alg)
    expect((await bring(jwt)).status).toBe(200)
    expect(await bring(jwt)).toMatchObject({ status: 401, body: { error: 'invalid_client' } })
  })

  test('one assertion at two providers over one database, twenty times at once, opens one door (M21)', async () => {
    const second = await startTwin(idp)
    const jwt = await assertion('RS256')
    await idp
      .db('clients')
      .where({ clientId: 'key-RS256' })
      .update({ metadata: await withKey('key-RS256', keys['RS256']) })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        index % 2 === 0 ? bring(jwt) : second.post('/token', formWith(jwt)),
      ),
    )
    await second.stop()
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(
      new Set(
        answers
          .filter(({ status }) => status !== 200)
          .map(({ status, body }) => `${status} ${String(body['error'])}`),
      ),
    ).toEqual(new Set(['401 invalid_client']))
  })

  const withKey = async (clientId: string, key: JWK | undefined): Promise<string> => {
    const client = await idp.services.clients.show(clientId)
    return JSON.stringify({ ...client, jwks: { keys: [key] } })
  }

  test.each<[string, Record<string, unknown>]>([
    ['for another audience', { aud: 'https://evil.example' }],
    ['in another client’s name', { iss: 'service', sub: 'service' }],
    ['without an id', { jti: undefined }],
  ])('%s it is refused', async (_what, claims) => {
    const jwt = await assertion('RS256', claims)
    await idp
      .db('clients')
      .where({ clientId: 'key-RS256' })
      .update({ metadata: await withKey('key-RS256', keys['RS256']) })
    expect((await bring(jwt)).status).toBe(401)
  })

  describe('is meant for this issuer, named by one string (RFC 7523bis)', () => {
    const audiences: Record<string, unknown> = {
      'the issuer': idp.url,
      'the token endpoint': `${idp.url}/token`,
      'another endpoint': `${idp.url}/token/introspection`,
      'the issuer with a slash': `${idp.url}/`,
      'a list of the issuer': [idp.url],
      'a list of issuer and token endpoint': [idp.url, `${idp.url}/token`],
      'a list with a stranger': [idp.url, 'https://evil.example'],
      'nobody': undefined,
    }
    const withAudience = async (aud: unknown, member: Record<string, string>) => {
      const jwt = await assertion('RS256', { aud })
      const client = JSON.parse(await withKey('key-RS256', keys['RS256'])) as Record<string, unknown>
      await idp
        .db('clients')
        .where({ clientId: 'key-RS256' })
        .update({ metadata: JSON.stringify({ ...client, client_assertion_audience: undefined, ...member }) })
      return (await bring(jwt)).status
    }

    test.each(Object.keys(audiences))('%s', async (name) => {
      expect(await withAudience(audiences[name], {})).toBe(name === 'the issuer' ? 200 : 401)
    })

    test.each(Object.keys(audiences))('%s, where the record allows the token endpoint', async (name) => {
      const isGood = name === 'the issuer' || name === 'the token endpoint'
      const member = { client_assertion_audience: 'token_endpoint' }
      expect(await withAudience(audiences[name], member)).toBe(isGood ? 200 : 401)
    })
  })

  test('signed with the client’s secret or with none, it is refused', async () => {
    const claims = { iss: 'refreshing', sub: 'refreshing', aud: idp.url, jti: crypto.randomUUID() }
    const withSecret = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime(clock.now() / 1000 + 60)
      .sign(Buffer.from(rp.secret))
    expect((await bring(withSecret)).status).toBe(401)
  })
})
