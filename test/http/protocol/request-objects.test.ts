// Signed requests (JAR, RFC 9101). Threat: a request that somebody else has made or altered passes for the
// application's own; a refusal that the application never sees.

import { afterAll, describe, expect, test } from '@jest/globals'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSecretKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto'
import * as oidc from 'openid-client'
import { EncryptJWT, exportJWK, importJWK, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { createEnrolled } from '../../support/people.js'
import { access, answerOf, read } from '../../support/protocol.js'
import {
  claimsOf,
  registerRelyingParty,
  REDIRECT_URI,
  type RelyingParty,
} from '../../support/relying-party.js'
import { exposeSsrfGuard } from '../../support/ssrf-guard.js'
import { useIdp } from '../../support/use-idp.js'

const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: generateKeyPairSync('ed25519'),
}
type Alg = keyof typeof pairs
const publicJwk = async (alg: Alg) => ({
  ...(await exportJWK(pairs[alg].publicKey)),
  alg,
  kid: alg,
  use: 'sig',
})
const register = async (clientId: string, metadata: Record<string, unknown> = {}) =>
  registerRelyingParty(idp, { client_id: clientId, jwks: { keys: [await publicJwk('ES256')] }, ...metadata })

/** Where an application publishes its keys. */
const publisher = createServer((_request, response) => {
  void publicJwk('ES256').then((key) =>
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ keys: [key] })),
  )
})
await new Promise<void>((resolve) => publisher.listen(0, 'localhost', resolve))
const host = `localhost:${(publisher.address() as AddressInfo).port}`
afterAll(() => publisher.close().closeAllConnections())

exposeSsrfGuard()
const idp = await useIdp({ settings: { INTERNAL_HOSTS: host } })
const somebody = await createEnrolled(idp)
const rp = await register('signs')
const other = await register('other', { jwks: { keys: [await publicJwk('EdDSA')] } })

type Signing = { key?: KeyObject; alg?: string; kid?: string; typ?: string }

/** The claims of an object, beside what every request has; `undefined` leaves one out. */
const claims = (client: RelyingParty, parameters: Record<string, unknown> = {}) => {
  const { url, ...secrets } = client.begin()
  const plain = Object.fromEntries(new URL(url).searchParams)
  const at = Math.floor(clock.now() / 1000)
  const all = { ...plain, iss: client.clientId, aud: idp.url, exp: at + 60, jti: randomUUID(), ...parameters }
  const payload = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return { payload: payload as JWTPayload, ...secrets }
}

const sign = (
  payload: JWTPayload,
  { key = pairs.ES256.privateKey, alg = 'ES256', kid = alg, typ = 'oauth-authz-req+jwt' }: Signing = {},
) => new SignJWT(payload).setProtectedHeader({ alg, kid, typ }).sign(key)

/** As OpenID Connect asks it: what OAuth 2.0 requires stands beside the object too. */
const beside = (object: string, more: Record<string, string> = {}, client = rp) => {
  const address = { redirect_uri: REDIRECT_URI, response_type: 'code', scope: 'openid' }
  const all = { client_id: client.clientId, ...address, request: object, ...more }
  return `${idp.url}/auth?${new URLSearchParams(all).toString()}`
}

async function answerTo(url: string) {
  const answer = await new Browser(idp).request(url)
  return { status: answer.status, location: answer.headers.get('location') ?? '' }
}

const refused = { error: 'invalid_request_object', iss: idp.url }

describe('a request that its application has signed', () => {
  test.each<Alg>(['RS256', 'PS256', 'ES256', 'EdDSA'])('%s: leads to a code', async (alg) => {
    const client = await register(`signs-${alg}`, { jwks: { keys: [await publicJwk(alg)] } })
    const { payload, verifier, state, nonce } = claims(client)
    const object = await sign(payload, { key: pairs[alg].privateKey, alg })
    const url = beside(object, {}, client)
    const done = await access(
      { ...client, begin: () => ({ url, verifier, state, nonce }) },
      somebody,
      new Browser(idp),
    )
    expect(answerOf(done.callback)).toMatchObject({ code: expect.any(String), state, iss: idp.url })
    expect((await client.tokens(done.callback, verifier)).id_token).toEqual(expect.any(String))
  })

  test('its keys may be published by the application (jwks_uri)', async () => {
    const client = await register('publishes', { jwks: undefined, jwks_uri: `http://${host}/jwks` })
    const browser = new Browser(idp)
    await browser.open(beside(await sign(claims(client).payload), {}, client))
    expect(browser.step()).toBe('password')
  })

  test('as openid-client makes it', async () => {
    const config = await oidc.discovery(
      new URL(idp.url),
      rp.clientId,
      undefined,
      oidc.ClientSecretBasic(rp.secret),
      // oxlint-disable-next-line typescript/no-deprecated -- marked so to stand out; this is http on loopback
      { execute: [oidc.allowInsecureRequests] },
    )
    const plain = new URL(rp.begin().url).searchParams
    const key = (await importJWK(await exportJWK(pairs.ES256.privateKey), 'ES256')) as CryptoKey
    const address = await oidc.buildAuthorizationUrlWithJAR(config, plain, { key, kid: 'ES256' })
    expect((await answerTo(address.href)).location).toContain('/interaction/')
  })

  test('counts alone: what stands beside it is nothing', async () => {
    const { payload, verifier, state, nonce } = claims(rp, { scope: 'openid cip', login_hint: undefined })
    const strangers = {
      state: 'another',
      nonce: 'another',
      scope: 'openid profile email cip',
      login_hint: 'quelquun',
      redirect_uri: 'https://evil.example/callback',
      code_challenge: 'x'.repeat(43),
      claims: '{"id_token":{"cip":null}}',
    }
    const url = beside(await sign(payload), strangers)
    const browser = new Browser(idp)
    await browser.open(url)
    expect(browser.shown.html).not.toContain('quelquun')
    const begin = () => ({ url, verifier, state, nonce })
    const { callback } = await access({ ...rp, begin }, somebody, browser)
    expect(callback.startsWith(`${REDIRECT_URI}?`)).toBe(true)
    expect(answerOf(callback)['state']).toBe(state)
    const tokens = await rp.tokens(callback, verifier)
    expect(tokens.scope).toBe('openid cip')
    expect(claimsOf(tokens.id_token)).toMatchObject({ nonce })
    expect(claimsOf(tokens.id_token)).not.toHaveProperty('cip')
  })

  test('the address may stand in it alone; response_type and client_id stay beside it', async () => {
    const query = new URLSearchParams({ client_id: 'signs', request: await sign(claims(rp).payload) })
    const browser = new Browser(idp)
    await browser.open(`/auth?${query.toString()}`)
    expect(browser.step()).toBe('password')
  })

  test('may come again while it lives, as by a reload', async () => {
    const url = beside(await sign(claims(rp).payload))
    for (const browser of [new Browser(idp), new Browser(idp)]) {
      await browser.open(url)
      expect(browser.step()).toBe('password')
    }
    clock.advance({ seconds: 76 })
    expect(answerOf((await answerTo(url)).location)).toMatchObject(refused)
  })

  test('has the limits of every other request', async () => {
    const long = await sign(claims(rp, { state: 'x'.repeat(1025) }).payload)
    expect(answerOf((await answerTo(beside(long))).location)).toMatchObject({
      error: 'invalid_request',
      error_description: 'state must not be longer than 1024 bytes',
    })
    const padded = await sign(claims(rp, { filler: 'x'.repeat(6000) }).payload)
    expect(answerOf((await answerTo(beside(padded))).location)).toMatchObject(refused)
    expect(await read(rp.post('/request', { request: padded }))).toMatchObject({
      status: 400,
      body: { error: 'invalid_request_object' },
    })
  })

  test('asks for no more than its record allows', async () => {
    const evil = await sign(claims(rp, { redirect_uri: 'https://evil.example/' }).payload)
    expect(await answerTo(beside(evil))).toEqual({ status: 400, location: '' })
    const more = await sign(
      claims(rp, { code_challenge: undefined, code_challenge_method: undefined }).payload,
    )
    expect(answerOf((await answerTo(beside(more))).location)['error']).toBe('invalid_request')
  })
})

describe('an object that is not the application’s own', () => {
  const soon = (seconds: number) => Math.floor(clock.now() / 1000) + seconds
  test.each<[string, () => Record<string, unknown>]>([
    ['for another audience', () => ({ aud: 'https://evil.example' })],
    ['for nobody', () => ({ aud: undefined })],
    ['in another client’s name', () => ({ iss: 'other' })],
    ['by nobody', () => ({ iss: undefined })],
    ['that has ended', () => ({ exp: soon(-16) })],
    ['that never ends', () => ({ exp: undefined })],
    ['good for longer than five minutes', () => ({ exp: soon(302) })],
    ['not good yet', () => ({ nbf: soon(60) })],
    ['that says another client', () => ({ client_id: 'other' })],
    ['that says no client', () => ({ client_id: undefined })],
    ['that could be an assertion of its client', () => ({ sub: 'signs' })],
    ['with an object in it', () => ({ request: 'x.y.z' })],
    ['with the address of one in it', () => ({ request_uri: 'https://evil.example/object' })],
    ['of another response_type than beside it', () => ({ response_type: 'none' })],
  ])('%s is refused, and the application is told', async (_what, change) => {
    const object = await sign(claims(rp, change()).payload)
    const { location } = await answerTo(beside(object))
    expect(location.startsWith(`${REDIRECT_URI}?`)).toBe(true)
    expect(answerOf(location)).toMatchObject(refused)
  })

  const hmac = createSecretKey(Buffer.alloc(32, 1))
  test.each<[string, (payload: JWTPayload) => Promise<string> | string]>([
    ['unsigned', (payload) => new UnsecuredJWT(payload).encode()],
    ['signed by a secret', (payload) => sign(payload, { key: hmac, alg: 'HS256' })],
    [
      'signed by the client’s secret',
      (payload) => sign(payload, { key: createSecretKey(Buffer.from(rp.secret)), alg: 'HS256' }),
    ],
    [
      'signed by another client’s key',
      (payload) => sign(payload, { key: pairs.EdDSA.privateKey, alg: 'EdDSA' }),
    ],
    [
      'signed by a key of nobody, under the name of the client’s own',
      (payload) => sign(payload, { key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }),
    ],
    [
      'signed by its key, but altered afterwards',
      async (payload) => {
        const [head, , signature] = (await sign(payload)).split('.')
        const altered = JSON.stringify({ ...payload, scope: 'openid' })
        return `${head}.${Buffer.from(altered).toString('base64url')}.${signature}`
      },
    ],
    ['signed for something else', (payload) => sign(payload, { typ: 'dpop+jwt' })],
    [
      'encrypted',
      (payload) =>
        new EncryptJWT(payload)
          .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
          .encrypt(pairs.RS256.publicKey),
    ],
    ['no JWT at all', () => 'nonsense'],
  ])('%s: invalid_request_object, where the application sees it', async (_what, make) => {
    const object = await make(claims(rp).payload)
    expect(answerOf((await answerTo(beside(object))).location)).toMatchObject(refused)
    expect(await read(rp.post('/request', { request: object }))).toMatchObject({
      status: 400,
      body: { error: 'invalid_request_object' },
    })
  })

  test('that has its address inside alone is told there too, if it is one of the record', async () => {
    const only = (request: string) =>
      `${idp.url}/auth?${new URLSearchParams({ client_id: 'signs', request }).toString()}`
    const mine = new UnsecuredJWT(claims(rp).payload).encode()
    expect(answerOf((await answerTo(only(mine))).location)).toMatchObject(refused)
    const evil = new UnsecuredJWT(claims(rp, { redirect_uri: 'https://evil.example/' }).payload).encode()
    expect(await answerTo(only(evil))).toEqual({ status: 400, location: '' })
  })

  test('by reference is not fetched', async () => {
    const { url } = rp.begin({ request_uri: `http://${host}/object` })
    expect(answerOf((await answerTo(url)).location)['error']).toBe('request_uri_not_supported')
  })

  // OpenID Foundation, «Form Post OP»:
  // oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported
  test('unsigned, and hiding response_mode: the answer still comes by the mode it asks for', async () => {
    const payload = { response_mode: 'form_post', state: 'hidden', aud: idp.url, iss: 'signs' }
    const url = beside(new UnsecuredJWT({ ...claims(rp).payload, ...payload }).encode())
    const browser = new Browser(idp)
    await browser.open(url)
    expect([browser.hidden('error'), browser.hidden('state')]).toEqual(['invalid_request_object', 'hidden'])
  })
})

describe('an object that is pushed', () => {
  const follow = (body: Record<string, unknown>) =>
    `${idp.url}/auth?${new URLSearchParams({ client_id: 'signs', request_uri: String(body['request_uri']) }).toString()}`

  test('counts alone too, and is good once', async () => {
    const { payload, verifier, state, nonce } = claims(rp)
    const { status, body } = await read(
      rp.post('/request', {
        request: await sign(payload),
        state: 'another',
        redirect_uri: 'https://evil.example/',
      }),
    )
    expect({ status, body }).toMatchObject({ status: 201, body: { expires_in: 60 } })
    const url = follow(body)
    const { callback } = await access(
      { ...rp, begin: () => ({ url, verifier, state, nonce }) },
      somebody,
      new Browser(idp),
    )
    expect(answerOf(callback)['state']).toBe(state)
    expect((await answerTo(url)).location).not.toContain('/interaction/')
  })

  test('plain parameters as long as allowed are not held to the limit of an object', async () => {
    const asked = rp.begin({ state: '\u0001'.repeat(1000) }) // six signs each in JSON
    const { body } = await read(rp.post('/request', Object.fromEntries(new URL(asked.url).searchParams)))
    expect((await answerTo(follow(body))).location).toContain('/interaction/')
  })

  test('of another client is refused, whoever signed it', async () => {
    const { payload } = claims(other)
    for (const object of [
      await sign(payload, { key: pairs.EdDSA.privateKey, alg: 'EdDSA' }),
      await sign(
        { ...payload, iss: 'signs', client_id: 'signs' },
        { key: pairs.EdDSA.privateKey, alg: 'EdDSA' },
      ),
    ])
      expect(await read(rp.post('/request', { request: object }))).toMatchObject({
        status: 400,
        body: { error: 'invalid_request_object' },
      })
  })

  test('and one beside a reference are too much', async () => {
    const { body } = await read(rp.post('/request', { request: await sign(claims(rp).payload) }))
    const both = `${follow(body)}&request=${await sign(claims(rp).payload)}`
    expect((await answerTo(both)).location).not.toContain('/interaction/')
  })
})

describe('a record', () => {
  test('may demand a signed request, and one algorithm', async () => {
    const strict = await register('strict', {
      require_signed_request_object: true,
      request_object_signing_alg: 'ES256',
      jwks: { keys: [await publicJwk('ES256'), await publicJwk('EdDSA')] },
    })
    expect(answerOf((await answerTo(strict.begin().url)).location)['error']).toBe('invalid_request')
    const { payload } = claims(strict)
    const foreign = await sign(payload, { key: pairs.EdDSA.privateKey, alg: 'EdDSA' })
    expect(answerOf((await answerTo(beside(foreign, {}, strict))).location)).toMatchObject(refused)
    expect((await answerTo(beside(await sign(payload), {}, strict))).location).toContain('/interaction/')
  })

  test.each<[string, unknown]>([
    ['request_object_signing_alg', 'none'],
    ['request_object_signing_alg', 'HS256'],
    ['require_signed_request_object', true],
  ])('with %s %j and no key is refused when it is made', async (member, value) => {
    const record = { client_id: 'refused', redirect_uris: [REDIRECT_URI], [member]: value }
    const operator = { name: 'operator:test', clientAddress: 'cli' }
    expect(await idp.services.clients.create(record, operator)).toMatchObject({
      ok: false,
      fault: expect.stringContaining(member),
    })
  })
})
