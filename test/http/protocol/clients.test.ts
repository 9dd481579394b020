// Threat: a record that promises what the provider does not keep: algorithms, subjects, origins, pushed
// requests (OIDC-6, OIDC-11, OIDC-12).

import { describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { rotateMasterKey } from '../../../src/keys/master-keys.js'
import { Browser } from '../../support/browser.js'
import { startIdp, type Idp } from '../../support/idp.js'
import { createEnrolled } from '../../support/people.js'
import { access, answerOf, ask, read, verify } from '../../support/protocol.js'
import {
  claimsOf,
  registerRelyingParty,
  REDIRECT_URI,
  type RelyingParty,
} from '../../support/relying-party.js'
import { useIdp } from '../../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }
const ORIGIN = 'https://paie.exemple.ca'

const idp = await useIdp()
const somebody = await createEnrolled(idp)

async function signIn(rp: RelyingParty, parameters: Record<string, string> = {}, who = somebody) {
  const browser = new Browser(idp)
  const { callback, verifier } = await access(rp, who, browser, parameters)
  return { browser, tokens: await rp.tokens(callback, verifier) }
}

describe('signatures', () => {
  test.each(['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'])(
    '%s: the ID token and userinfo are signed so, by a published key',
    async (alg) => {
      const rp = await registerRelyingParty(idp, {
        client_id: `signed-${alg}`,
        id_token_signed_response_alg: alg,
        userinfo_signed_response_alg: alg,
      })
      const { tokens } = await signIn(rp)
      const idToken = await verify(idp, tokens.id_token, { audience: rp.clientId, algorithms: [alg] })
      expect(idToken.header).toMatchObject({ alg, kid: expect.any(String) })

      const answer = await fetch(`${idp.url}/me`, {
        headers: { Authorization: `Bearer ${tokens.access_token}` },
      })
      expect(answer.headers.get('content-type')).toMatch(/^application\/jwt/)
      const userinfo = await verify(idp, await answer.text(), { audience: rp.clientId, algorithms: [alg] })
      expect(userinfo.payload).toMatchObject({ sub: somebody.person.id, name: somebody.person.name })
    },
  )

  test.each([
    ['id_token_signed_response_alg', 'none'],
    ['id_token_signed_response_alg', 'HS256'],
    ['id_token_signed_response_alg', 'RS512'],
    ['userinfo_signed_response_alg', 'HS256'],
    ['userinfo_signed_response_alg', 'none'],
    ['token_endpoint_auth_signing_alg', 'HS256'],
    ['token_endpoint_auth_method', 'client_secret_jwt'],
    ['response_types', ['id_token']],
    ['grant_types', ['implicit']],
    ['grant_types', ['password']],
  ])('a record with %s %j is refused when it is made', async (member, value) => {
    const record = { client_id: 'refused', redirect_uris: [REDIRECT_URI], [member]: value }
    expect(await idp.services.clients.create(record, operator)).toMatchObject({
      ok: false,
      fault: expect.any(String),
    })
  })
})

describe('pairwise subjects (OpenID Connect Core §8.1)', () => {
  const sub = async (rp: RelyingParty, who = somebody) =>
    String(claimsOf((await signIn(rp, {}, who)).tokens.id_token)['sub'])
  const pairwise = (client_id: string, host: string) => {
    const redirectUri = `https://${host}/callback`
    return registerRelyingParty(idp, {
      client_id,
      subject_type: 'pairwise',
      redirect_uris: [redirectUri],
    }).then((rp) => ({
      ...rp,
      begin: (parameters: Record<string, string | undefined> = {}) =>
        rp.begin({ redirect_uri: redirectUri, ...parameters }),
      exchange: (code: string, verifier: string) =>
        rp.post('/token', {
          grant_type: 'authorization_code',
          code,
          redirect_uri: redirectUri,
          code_verifier: verifier,
        }),
    }))
  }

  test('are the same at each sign-in and in one sector, another in another, and never the account’s own id', async () => {
    const [first, sister, elsewhere] = [
      await pairwise('first', 'paie.exemple.ca'),
      await pairwise('sister', 'paie.exemple.ca'),
      await pairwise('elsewhere', 'horaire.exemple.ca'),
    ]
    const own = await sub(first)
    expect(await sub(first)).toBe(own)
    expect(await sub(sister)).toBe(own)
    expect(await sub(elsewhere)).not.toBe(own)
    expect(own).not.toContain(somebody.person.id)
    expect(await sub(first, await createEnrolled(idp))).not.toBe(own)
  })

  test('userinfo and introspection say the same', async () => {
    const rp = await pairwise('same', 'same.exemple.ca')
    const { tokens } = await signIn(rp)
    const own = claimsOf(tokens.id_token)['sub']
    expect((await rp.userinfo(tokens.access_token))['sub']).toBe(own)
    expect((await read(rp.post('/token/introspection', { token: tokens.access_token }))).body['sub']).toBe(
      own,
    )
  })

  test('survive a change of the master key', async () => {
    const before = await startIdp()
    const record = { client_id: 'lasting', subject_type: 'pairwise' }
    const rp = await registerRelyingParty(before, record)
    const who = await createEnrolled(before)
    const subBefore = async (idpNow: Idp) => {
      const { callback, verifier } = await access({ ...rp, begin: rp.begin }, who, new Browser(idpNow))
      return claimsOf((await rp.tokens(callback, verifier)).id_token)['sub']
    }
    const own = await subBefore(before)
    const [old] = before.config.masterKeys
    const oldKey = `${old?.id}:${old?.key.toString('base64')}`
    await before.restart({ MASTER_KEYS: `new:${randomBytes(32).toString('base64')},${oldKey}` })
    await rotateMasterKey(before.services, operator)
    expect(await subBefore(before)).toBe(own)
    await before.stop()
  })
})

describe('sign_in_every_time', () => {
  test('asks for everything each time, once, and leaves the other applications their session', async () => {
    const strict = await registerRelyingParty(idp, { client_id: 'every-time', sign_in_every_time: true })
    const easy = await registerRelyingParty(idp, { client_id: 'easy' })
    const { browser } = await signIn(easy)
    expect(answerOf((await ask(strict, browser, { prompt: 'none' })).callback)['error']).toBe(
      'login_required',
    )
    expect(answerOf((await access(strict, somebody, browser)).callback)).toHaveProperty('code')
    expect((await ask(strict, browser)).browser.step()).toBe('password')
    expect(answerOf((await ask(easy, browser)).callback)).toHaveProperty('code')
  })

  test('with a consent page it ends too, in one round (M31)', async () => {
    const strict = await registerRelyingParty(idp, {
      client_id: 'every-time-asks',
      sign_in_every_time: true,
      consent: 'ask',
    })
    const first = await access(strict, somebody, new Browser(idp))
    expect(answerOf(first.callback)).toHaveProperty('code')
    expect((await strict.tokens(first.callback, first.verifier)).id_token).toEqual(expect.any(String))
    expect(answerOf((await access(strict, somebody, first.browser)).callback)).toHaveProperty('code')
  })
})

describe('pushed authorization requests (RFC 9126)', () => {
  const push = (rp: RelyingParty, parameters: Record<string, string | undefined> = {}) => {
    const request = rp.begin(parameters)
    const form = Object.fromEntries(new URL(request.url).searchParams)
    return rp.post('/request', form).then(async (answer) => ({ ...request, ...(await read(answer)) }))
  }

  test('the browser carries a reference alone, good once', async () => {
    const rp = await registerRelyingParty(idp, {
      client_id: 'pushed',
      require_pushed_authorization_requests: true,
    })
    const { status, body, verifier } = await push(rp)
    expect({ status, body }).toMatchObject({ status: 201, body: { expires_in: 60 } })
    const address = `${idp.url}/auth?${new URLSearchParams({ client_id: 'pushed', request_uri: String(body['request_uri']) }).toString()}`
    const browser = new Browser(idp)
    await access(
      { ...rp, begin: () => ({ url: address, verifier, nonce: '', state: '' }) },
      somebody,
      browser,
    )
    expect((await rp.tokens(browser.shown.url, verifier)).id_token).toEqual(expect.any(String))
    const again = await new Browser(idp).request(address)
    expect(again.headers.get('location') ?? '').not.toContain('/interaction/')
  })

  test('a client that must push is refused when it does not', async () => {
    const rp = await registerRelyingParty(idp, {
      client_id: 'must-push',
      require_pushed_authorization_requests: true,
    })
    expect(answerOf((await ask(rp, new Browser(idp))).callback)['error']).toBe('invalid_request')
  })

  test('what is pushed is checked at once, and only for who authenticates', async () => {
    const rp = await registerRelyingParty(idp, { client_id: 'checked' })
    expect((await push(rp, { redirect_uri: 'https://evil.example/' })).status).toBe(400)
    expect((await push(rp, { code_challenge: undefined, code_challenge_method: undefined })).status).toBe(400)
    const stranger = await fetch(`${idp.url}/request`, {
      method: 'POST',
      body: new URL(rp.begin().url).searchParams,
    })
    expect(stranger.status).toBe(401)
  })

  test('a reference of one client is nothing to another', async () => {
    const [mine, other] = [
      await registerRelyingParty(idp, { client_id: 'mine' }),
      await registerRelyingParty(idp, { client_id: 'not-mine' }),
    ]
    const { body } = await push(mine)
    const query = new URLSearchParams({ client_id: other.clientId, request_uri: String(body['request_uri']) })
    const answer = await new Browser(idp).request(`/auth?${query.toString()}`)
    expect(answer.headers.get('location') ?? '').not.toContain('/interaction/')
  })
})

describe('scripts of other origins (CORS)', () => {
  const allowed = async (path: string, init: RequestInit = {}) =>
    (await fetch(`${idp.url}${path}`, init)).headers.get('access-control-allow-origin')
  const preflight = (origin: string) => ({
    method: 'OPTIONS',
    headers: {
      'Origin': origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'authorization',
    },
  })

  test('may read discovery and the keys, whoever they are', async () => {
    for (const path of ['/.well-known/openid-configuration', '/jwks'])
      expect(await allowed(path, { headers: { Origin: 'https://evil.example' } })).toBe(
        'https://evil.example',
      )
  })

  test.each(['/token', '/me', '/token/introspection', '/token/revocation', '/request'])(
    '%s: only an origin of some record may even ask',
    async (path) => {
      if ((await idp.services.clients.show('script')) === undefined)
        await registerRelyingParty(idp, {
          client_id: 'script',
          token_endpoint_auth_method: 'none',
          allowed_origins: [ORIGIN],
        })
      expect(await allowed(path, preflight(ORIGIN))).toBe(ORIGIN)
      expect(await allowed(path, preflight('https://evil.example'))).toBeNull()
      expect(await allowed(path, preflight('null'))).toBeNull()
      const form = { method: 'POST', body: new URLSearchParams({ client_id: 'script', token: 'x' }) }
      expect(await allowed(path, form)).toBeNull()
      expect(await allowed(path, { ...form, headers: { Origin: 'https://evil.example' } })).toBeNull()
    },
  )

  test('a stranger’s origin costs one look at an index, and no record of a client is read', async () => {
    const headers = { Origin: 'https://evil.example' }
    const statementsOf = async (path: string, init: RequestInit): Promise<string[]> => {
      const statements: string[] = []
      const note = ({ sql }: { sql: string }) => void statements.push(sql.replaceAll(/["`]|\$\d|\?/g, ''))
      idp.db.on('query', note)
      await fetch(`${idp.url}${path}`, init)
      idp.db.off('query', note)
      return statements
    }
    const LOOK = expect.stringMatching(/^select client_id from client_origins where origin =  limit /)
    expect(await statementsOf('/token', preflight('https://evil.example'))).toEqual([LOOK])
    expect(await statementsOf('/token/revocation', { method: 'POST', headers })).toEqual([LOOK])
    // What permits nothing looks nothing up.
    expect(await statementsOf('/help', { headers })).toEqual([])
    expect(await statementsOf('/jwks', { headers })).toEqual([])
  })

  test('an origin follows its record: given, taken, and gone with it', async () => {
    const { clients } = idp.services
    const origin = 'https://horaire.exemple.ca'
    const isAllowed = async () => (await allowed('/token', preflight(origin))) === origin
    const record = {
      client_id: 'moving',
      token_endpoint_auth_method: 'none',
      redirect_uris: [REDIRECT_URI],
    }
    await clients.create(record, operator)
    expect(await isAllowed()).toBe(false)
    await clients.apply([{ ...record, allowed_origins: [origin] }], operator, true)
    expect(await isAllowed()).toBe(false)
    await clients.apply([{ ...record, allowed_origins: [origin] }], operator, false)
    expect(await isAllowed()).toBe(true)
    await clients.apply([record], operator, false)
    expect(await isAllowed()).toBe(false)
    await clients.apply([{ ...record, allowed_origins: [origin] }], operator, false)
    await clients.remove('moving', operator)
    expect(await isAllowed()).toBe(false)
  })

  test('an application in the browser signs in, and reads its tokens and claims from its own origin alone', async () => {
    const script = { client_id: 'script-too', token_endpoint_auth_method: 'none', allowed_origins: [ORIGIN] }
    const rp = await registerRelyingParty(idp, script)
    await registerRelyingParty(idp, { client_id: 'another', allowed_origins: ['https://autre.exemple.ca'] })
    const exchange = async (origin: string) => {
      const { callback, verifier } = await access(rp, somebody, new Browser(idp))
      const form = {
        client_id: 'script-too',
        grant_type: 'authorization_code',
        redirect_uri: REDIRECT_URI,
        code_verifier: verifier,
      }
      const body = new URLSearchParams({ ...form, code: answerOf(callback)['code'] ?? '' })
      return fetch(`${idp.url}/token`, { method: 'POST', body, headers: { Origin: origin } })
    }
    // Another client's origin is refused for this one.
    const refused = await exchange('https://autre.exemple.ca')
    expect({ status: refused.status, allowed: refused.headers.get('access-control-allow-origin') }).toEqual({
      status: 400,
      allowed: null,
    })
    const answer = await exchange(ORIGIN)
    expect({ status: answer.status, allowed: answer.headers.get('access-control-allow-origin') }).toEqual({
      status: 200,
      allowed: ORIGIN,
    })
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull()
    const { access_token: token } = (await answer.json()) as { access_token: string }
    const userinfo = await fetch(`${idp.url}/me`, {
      headers: { Authorization: `Bearer ${token}`, Origin: ORIGIN },
    })
    expect({ status: userinfo.status, allowed: userinfo.headers.get('access-control-allow-origin') }).toEqual(
      { status: 200, allowed: ORIGIN },
    )
  })
})
