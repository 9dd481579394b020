// APIs (RFC 8707) and what they ask of us (RFC 7662, RFC 9701). Threat: an API that learns of tokens meant
// for others, one that is told of a token whose person is gone, a scope that is dropped without a word
// (OIDC-11).

import { describe, expect, test } from '@jest/globals'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { createEnrolled, type EnrolledPerson } from '../../support/people.js'
import { access, answerOf, ask, read, verify } from '../../support/protocol.js'
import { claimsOf, registerRelyingParty, type RelyingParty } from '../../support/relying-party.js'
import { useIdp } from '../../support/use-idp.js'

const SCHEDULE = 'https://horaire.exemple.ca/api'
const LABORATORY = 'https://laboratoire.exemple.ca/api'
const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp()
await idp.services.resourceServers.create(
  { indicator: SCHEDULE, name: 'Horaire', scopes: ['read', 'write'], tokenSeconds: 300 },
  operator,
)
await idp.services.resourceServers.create(
  {
    indicator: LABORATORY,
    name: 'Laboratoire',
    scopes: ['read', 'analyse'],
    tokenSeconds: 300,
    tokenFormat: 'opaque',
  },
  operator,
)
const apis = { [SCHEDULE]: ['read'], [LABORATORY]: ['read', 'analyse'] }
const rp = await registerRelyingParty(idp, {
  client_id: 'horaire',
  grant_types: ['authorization_code', 'refresh_token'],
  apis,
})
const program = await registerRelyingParty(idp, {
  client_id: 'programme',
  redirect_uris: [],
  grant_types: ['client_credentials'],
  apis,
})
const apiClient = (clientId: string, indicator: string) =>
  registerRelyingParty(idp, {
    client_id: clientId,
    redirect_uris: [],
    grant_types: [],
    resource_server: indicator,
  })
const schedule = await apiClient('horaire-api', SCHEDULE)
const laboratory = await apiClient('laboratoire-api', LABORATORY)

const introspect = (who: RelyingParty, token: string) => read(who.post('/token/introspection', { token }))
const inactive = { status: 200, body: { active: false } }

async function personalToken(
  resource: string,
  somebody: EnrolledPerson,
  client = rp,
): Promise<{ token: string; browser: Browser; verifier: string }> {
  const browser = new Browser(idp)
  const { callback, verifier } = await access(client, somebody, browser, { scope: 'openid read', resource })
  return { token: (await client.tokens(callback, verifier)).access_token, browser, verifier }
}

async function programToken(resource: string, client = program): Promise<string> {
  const form = { grant_type: 'client_credentials', scope: 'read', resource }
  return String((await read(client.post('/token', form))).body['access_token'])
}

describe.each([
  ['a JWT', SCHEDULE, schedule, laboratory],
  ['an opaque token', LABORATORY, laboratory, schedule],
])('%s, introspected', (_format, indicator, own, stranger) => {
  test('by its API: who, for whom, what for and until when', async () => {
    const somebody = await createEnrolled(idp)
    const { token } = await personalToken(indicator, somebody)
    expect(await introspect(own, token)).toEqual({
      status: 200,
      body: {
        active: true,
        iss: idp.url,
        sub: somebody.person.id,
        client_id: 'horaire',
        aud: indicator,
        scope: 'read',
        token_type: 'Bearer',
        exp: expect.any(Number),
        iat: expect.any(Number),
        auth_time: expect.any(Number),
        ...(indicator === SCHEDULE && { jti: expect.any(String) }),
      },
    })
    expect((await introspect(own, await programToken(indicator))).body).toMatchObject({
      active: true,
      client_id: 'programme',
      aud: indicator,
      scope: 'read',
    })
  })

  test('by the API of another, by another application, or without credentials: nothing', async () => {
    const token = await programToken(indicator)
    for (const who of [stranger, rp]) expect(await introspect(who, token)).toEqual(inactive)
    expect((await introspect({ ...own, post: withWrongSecret(own.clientId) }, token)).status).toBe(401)
  })

  test('is no refusal that an operator is told of', async () => {
    const refusals = () => idp.db('refused_requests').where({ clientId: own.clientId })
    const before = await refusals()
    await introspect(own, await programToken(indicator))
    expect(await refusals()).toEqual(before)
  })

  test('by the application that got it: its own', async () => {
    expect((await introspect(program, await programToken(indicator))).body['active']).toBe(true)
  })

  test('after its time, or of a person whose account is disabled or whose sessions were ended: not active', async () => {
    const [late, disabled, ended] = [
      await createEnrolled(idp),
      await createEnrolled(idp),
      await createEnrolled(idp),
    ]
    const old = await personalToken(indicator, late)
    expect((await introspect(own, old.token)).body['active']).toBe(true)
    clock.advance({ seconds: 320 })
    expect(await introspect(own, old.token)).toEqual(inactive)
    const tokens = [await personalToken(indicator, disabled), await personalToken(indicator, ended)]
    await idp.services.accountActions.disable(await idp.account(disabled.person.cip), operator, 'left')
    await idp.services.accountActions.resetSecondFactor(await idp.account(ended.person.cip), operator, 'lost')
    for (const { token } of tokens) expect(await introspect(own, token)).toEqual(inactive)
  })

  test('of an application that was removed: not active, and no fault of ours', async () => {
    const gone = await registerRelyingParty(idp, {
      client_id: `gone-${own.clientId}`,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      apis,
    })
    const token = await programToken(indicator, gone)
    expect((await introspect(own, token)).body['active']).toBe(true)
    await idp.services.clients.remove(gone.clientId, operator)
    expect(await introspect(own, token)).toEqual(inactive)
  })

  test('asked for as a JWT, the answer is signed, for that API alone (RFC 9701)', async () => {
    const ask9701 = async (token: string) => {
      const answer = await fetch(`${idp.url}/token/introspection`, {
        method: 'POST',
        headers: { Authorization: basicOf(own), Accept: 'application/token-introspection+jwt' },
        body: new URLSearchParams({ token }),
      })
      expect(answer.headers.get('content-type')).toContain('application/token-introspection+jwt')
      return verify(idp, await answer.text(), { audience: own.clientId, typ: 'token-introspection+jwt' })
    }
    const { payload } = await ask9701(await programToken(indicator))
    expect(payload).toMatchObject({
      iat: expect.any(Number),
      token_introspection: { active: true, aud: indicator, client_id: 'programme' },
    })
    const foreign = await programToken(indicator === SCHEDULE ? LABORATORY : SCHEDULE)
    expect((await ask9701(foreign)).payload['token_introspection']).toEqual({ active: false })
  })
})

const basicOf = ({ clientId, secret }: RelyingParty) =>
  `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`
const withWrongSecret = (clientId: string) => (path: string, parameters: Record<string, string>) =>
  fetch(`${idp.url}${path}`, {
    method: 'POST',
    body: new URLSearchParams(parameters),
    headers: { Authorization: `Basic ${Buffer.from(`${clientId}:wrong`).toString('base64')}` },
  })

describe('a JWT that is none of ours', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  test.each<[string, (token: string) => Promise<string>]>([
    [
      'signed by somebody else',
      (token) =>
        new SignJWT(claimsOf(token)).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt' }).sign(privateKey),
    ],
    [
      'ours, but of another type',
      async (token) => {
        const { keys } = await idp.services.signingKeys.jwks()
        const jwk = keys.find(({ kty }) => kty === 'RSA')
        if (jwk === undefined) throw new Error('no RSA key')
        return new SignJWT(claimsOf(token))
          .setProtectedHeader({ alg: 'RS256', kid: jwk.kid, typ: 'JWT' })
          .sign(createPrivateKey({ key: jwk, format: 'jwk' }))
      },
    ],
    ['altered', async (token) => `${token.slice(0, -8)}AAAAAAAA`],
    [
      'an ID token',
      async () => {
        const { callback, verifier } = await access(rp, await createEnrolled(idp), new Browser(idp))
        return (await rp.tokens(callback, verifier)).id_token
      },
    ],
    ['nonsense in three parts', async () => 'eyJhbGciOiJub25lIn0.e30.'],
  ])('%s is not active', async (_what, make) => {
    expect(await introspect(schedule, await make(await programToken(SCHEDULE)))).toEqual(inactive)
  })
})

test('the credentials of an API are good for nothing else', async () => {
  for (const grant of ['client_credentials', 'authorization_code', 'refresh_token'])
    expect((await schedule.post('/token', { grant_type: grant, resource: SCHEDULE })).status).toBe(400)
  expect(await new Browser(idp).request(schedule.begin().url)).toMatchObject({ status: 400 })
  const refused = { client_id: 'refused', redirect_uris: [], grant_types: [] }
  expect((await idp.services.clients.create(refused, operator)).ok).toBe(false)
  const open = { ...refused, resource_server: SCHEDULE, token_endpoint_auth_method: 'none' }
  expect((await idp.services.clients.create(open, operator)).ok).toBe(false)
})

test('an opaque token for an API is called back at once, by its own application', async () => {
  const token = await programToken(LABORATORY)
  expect((await read(laboratory.post('/token/revocation', { token }))).status).toBe(400)
  expect((await introspect(laboratory, token)).body['active']).toBe(true)
  await program.post('/token/revocation', { token })
  expect(await introspect(laboratory, token)).toEqual(inactive)
})

describe('a scope that no API of the request gives is refused, never dropped', () => {
  test.each<[string, string, string | undefined]>([
    ['one nobody knows', 'read everything', SCHEDULE],
    ['one its record does not name', 'read write', SCHEDULE],
    ['one of another API', 'read analyse', SCHEDULE],
    ['one of OpenID Connect', 'openid read', SCHEDULE],
    ['one of an API that is not named', 'read', undefined],
  ])('to a program: %s', async (_what, scope, resource) => {
    const form = { grant_type: 'client_credentials', scope, ...(resource !== undefined && { resource }) }
    expect(await read(program.post('/token', form))).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    })
  })

  test.each<[string, string, string | undefined]>([
    ['one nobody knows', 'openid read everything', SCHEDULE],
    ['one its record does not name', 'openid read write', SCHEDULE],
    ['one of another API', 'openid read analyse', SCHEDULE],
    ['one of an API that is not named', 'openid read', undefined],
  ])('to an application: %s', async (_what, scope, resource) => {
    const asked = await ask(rp, new Browser(idp), { scope, resource })
    expect(answerOf(asked.callback)).toMatchObject({ error: 'invalid_scope', state: asked.state })
    const form = Object.fromEntries(new URL(rp.begin({ scope, resource }).url).searchParams)
    expect(await read(rp.post('/request', form))).toMatchObject({
      status: 400,
      body: { error: 'invalid_scope' },
    })
  })

  test('a scope that nobody here knows, beside OpenID Connect’s own, is ignored (Core §3.1.2.1)', async () => {
    expect((await ask(rp, new Browser(idp), { scope: 'openid inconnu' })).browser.step()).toBe('password')
  })
})

describe('userinfo beside an API', () => {
  test('a request without `resource` gives a token for it, and no page', async () => {
    const somebody = await createEnrolled(idp)
    const { token, browser } = await personalToken(SCHEDULE, somebody)
    expect((await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${token}` } })).status).toBe(401)
    const second = await ask(rp, browser, { prompt: 'none' })
    const tokens = await rp.tokens(second.callback, second.verifier)
    expect(await rp.userinfo(tokens.access_token)).toMatchObject({ cip: somebody.person.cip })
  })

  test('or the claims come in the ID token of the same request', async () => {
    const somebody = await createEnrolled(idp)
    const claims = JSON.stringify({ id_token: { cip: null, name: null } })
    const parameters = { scope: 'openid read', resource: SCHEDULE, claims }
    const { callback, verifier } = await access(rp, somebody, new Browser(idp), parameters)
    const { cip, name } = somebody.person
    expect(claimsOf((await rp.tokens(callback, verifier)).id_token)).toMatchObject({ cip, name })
  })
})
