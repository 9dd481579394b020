// What src/oidc/library relies on without a promise of oidc-provider's. An upgrade fails the first test: read
// the library's changes, see the others green, then write the new version here.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import Koa from 'koa'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { errors, interactionPolicy, Provider } from 'oidc-provider'
import type { Adapter, AdapterPayload, JWK, KoaContextWithOIDC } from 'oidc-provider'
import { confirm } from 'oidc-provider/lib/actions/end_session.js'
import internalsOf from 'oidc-provider/lib/helpers/weak_cache.js'
import { packageRoot } from '../../../src/config/package-root.js'
import { BASE_CONFIGURATION } from '../../../src/oidc/configuration.js'
import { createGrant, fixSid, grantIdOf, sessionId } from '../../../src/oidc/library/authorizations.js'
import { sendLogoutToken } from '../../../src/oidc/library/backchannel-logout.js'
import { expectedPersonChecks } from '../../../src/oidc/library/expected-person.js'
import { refusedJwt } from '../../../src/oidc/library/structured-tokens.js'
import { Browser } from '../../support/browser.js'
import { exposeSsrfGuard } from '../../support/ssrf-guard.js'

const CALLBACK = 'https://paie.exemple.ca/callback'
const CLIENT = {
  client_id: 'paie',
  token_endpoint_auth_method: 'none',
  redirect_uris: [CALLBACK],
  id_token_signed_response_alg: 'ES256',
  introspection_signed_response_alg: 'ES256',
  userinfo_signed_response_alg: undefined,
  backchannel_logout_uri: 'https://paie.exemple.ca/notice',
} as const
const AUTHORIZATION = new URLSearchParams({
  client_id: 'paie',
  response_type: 'code',
  redirect_uri: CALLBACK,
  scope: 'openid',
  state: 's',
  code_challenge: 'E9Melhoa2OwvFrEGTJguCHaoeK1t8URWBuGJSstw-cM',
  code_challenge_method: 'S256',
})

let server: Server
let url: string
let provider: Provider
/** The person who signs in next, as soon as she is asked. */
let person = 'marie'
let logoutSource: (ctx: KoaContextWithOIDC, form: string) => void | Promise<void>
let failure: Error | undefined
/** The last request, when the library had answered it. */
let seen: KoaContextWithOIDC
const fetched: { url: string; options: RequestInit & { dispatcher?: unknown } }[] = []
let statusOfNotice = 200

beforeAll(async () => {
  exposeSsrfGuard()
  server = createServer()
  server.listen(0, 'localhost')
  await once(server, 'listening')
  url = `http://localhost:${(server.address() as AddressInfo).port}`
  provider = createBareProvider()
  const app = new Koa()
  app.keys = ['keys']
  app.use(async (ctx, next) => {
    await next()
    seen = ctx as unknown as KoaContextWithOIDC
  })
  provider.middleware.forEach((middleware) => app.use(middleware))
  const handle = app.callback()
  server.on('request', (request, response) => void handle(request, response))
})
beforeEach(() => {
  person = 'marie'
  failure = undefined
  fetched.length = 0
  statusOfNotice = 200
  logoutSource = (ctx) => void (ctx.body = 'asked')
})
afterAll(() => void server.close())

function createBareProvider(): Provider {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const bare = new Provider(url, {
    ...BASE_CONFIGURATION,
    adapter: createMemory(),
    clients: [CLIENT],
    clientDefaults: {},
    cookies: { keys: ['keys'] },
    jwks: { keys: [{ ...(privateKey.export({ format: 'jwk' }) as JWK), use: 'sig' }] },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    pairwiseIdentifier: async (_ctx, accountId) => accountId,
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    async loadExistingGrant({ oidc }) {
      if (failure !== undefined) throw failure
      const { client, account } = oidc
      if (client === undefined || account === undefined) return undefined
      const grant = createGrant(bare, {
        clientId: client.clientId,
        accountId: account.accountId,
        id: undefined,
      })
      grant.addOIDCScope('openid')
      await grant.save()
      return grant
    },
    fetch: async (to, options) => {
      fetched.push({ url: new Request(to).url, options: options ?? {} })
      return new Response(null, { status: statusOfNotice })
    },
    renderError(ctx, { error }) {
      expect(ctx.status).toBe(error === 'server_error' ? 500 : 400)
      ctx.body = { rendered: error }
    },
    ttl: { Grant: 600, Interaction: 600, Session: 600 },
    features: {
      ...BASE_CONFIGURATION.features,
      rpInitiatedLogout: { enabled: true, logoutSource: (ctx, form) => logoutSource(ctx, form) },
    },
  })
  bare.use(async (ctx, next) => {
    if (!ctx.path.startsWith('/interaction/')) await next()
    else ctx.redirect(await bare.interactionResult(ctx.req, ctx.res, { login: { accountId: person } }))
  })
  return bare
}

function createMemory(): (model: string) => Adapter {
  const rows = new Map<string, AdapterPayload>()
  return (model) => ({
    upsert: async (id, payload) => void rows.set(`${model}:${id}`, payload),
    find: async (id) => rows.get(`${model}:${id}`),
    findByUid: async (uid) =>
      [...rows].find(([key, row]) => key.startsWith(`${model}:`) && row.uid === uid)?.[1],
    findByUserCode: async () => undefined,
    consume: async (id) => void Object.assign(rows.get(`${model}:${id}`) ?? {}, { consumed: 1 }),
    destroy: async (id) => void rows.delete(`${model}:${id}`),
    revokeByGrantId: async () => {},
  })
}

/** A browser with this person's session, back at the application. */
async function signedIn(who = 'marie'): Promise<Browser> {
  person = who
  const browser = new Browser({ url })
  await browser.open(`/auth?${AUTHORIZATION.toString()}`)
  expect(browser.shown.url).toContain(`${CALLBACK}?code=`)
  return browser
}

test('the version is the one that somebody has looked at', () => {
  const installed = readFileSync(join(packageRoot(), 'node_modules/oidc-provider/package.json'), 'utf8')
  expect((JSON.parse(installed) as { version: string }).version).toBe('9.13.3')
})

describe('routes.ts: the router', () => {
  const named = (method: string, path: string) => internalsOf(provider).router.match(method, path)?.route.name

  test('names the route of a method and a path', () => {
    const paths = ['/token', '/token/introspection', '/token/revocation', '/request', '/me']
    expect(paths.map((path) => named('POST', path))).toEqual([
      'token',
      'introspection',
      'revocation',
      'pushed_authorization_request',
      'userinfo',
    ])
    expect(['/auth', '/auth/uid', '/session/end', '/jwks'].map((path) => named('GET', path))).toEqual([
      'authorization',
      'resume',
      'end_session',
      'jwks',
    ])
    expect(named('GET', '/.well-known/openid-configuration')).toBe('discovery')
    expect(named('GET', '/.well-known/oauth-authorization-server')).toBe('discovery')
    expect(named('POST', '/session/end/confirm')).toBe('end_session_confirm')
  })

  test('reads capitals and a last slash as the answer does, and knows nothing else', () => {
    expect([named('POST', '/TOKEN'), named('POST', '/token/')]).toEqual(['token', 'token'])
    expect([named('POST', '/auth'), named('GET', '/token'), named('POST', '/token/x')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('form-post.ts: the response modes', () => {
  test('are looked up at each answer, and handed the address and what goes there', async () => {
    const { responseModes } = internalsOf(provider)
    const own = responseModes.get('form_post')
    expect([...responseModes.keys()]).toEqual(['query', 'fragment', 'form_post'])
    expect(provider.registerResponseMode('form_post', () => {})).toBeUndefined()
    expect(responseModes.get('form_post')).toBe(own) // the public way replaces none
    const got: unknown[] = []
    responseModes.set('form_post', (ctx, ...rest) => {
      got.push(...rest)
      ctx.body = 'posted'
    })
    const browser = await signedIn()
    await browser.open(`/auth?${AUTHORIZATION.toString()}&response_mode=form_post`)
    await browser.open(`/auth?${AUTHORIZATION.toString()}&response_mode=form_post&prompt=consent%20none`)
    if (own !== undefined) responseModes.set('form_post', own)
    expect(browser.shown.html).toBe('posted')
    expect(got).toEqual([
      CALLBACK,
      { code: expect.any(String), state: 's', iss: url },
      CALLBACK,
      { error: 'invalid_request', error_description: expect.any(String), state: 's', iss: url },
    ])
  })
})

describe('sign-out.ts: the end of a session', () => {
  test('is the last of the confirmation’s middleware; those before it only check', () => {
    expect(confirm.map(({ name }) => name)).toEqual([
      'noCache',
      'sessionHandler',
      'urlencoded',
      'bound assembleParams',
      'bound rejectDupes',
      'verifyXsrf',
      'endSession',
    ])
  })

  test('is prepared in the session before the question is rendered; its form holds the same', async () => {
    const browser = await signedIn()
    let form = ''
    let state: unknown
    logoutSource = (ctx, html) => {
      form = html
      state = { ...ctx.oidc.session?.state }
      ctx.body = 'asked'
    }
    await browser.open('/session/end?state=x')
    expect(state).toEqual({ secret: expect.any(String), state: 'x' })
    const { secret } = state as { secret: string }
    expect(form).toBe(
      `<form id="op.logoutForm" method="post" action="${url}/session/end/confirm"><input type="hidden" name="xsrf" value="${secret}"/></form>`,
    )
    expect(seen.oidc.urlFor('end_session_confirm')).toBe(`${url}/session/end/confirm`)
  })

  test('run at the question it tells the application, drops the cookie, leads on, and says so', async () => {
    const browser = await signedIn()
    const told: unknown[] = []
    provider.once('end_session.success', ({ oidc }) =>
      told.push(oidc.params?.['logout'], oidc.session?.accountId),
    )
    logoutSource = async (ctx) => {
      Object.assign(ctx.oidc, { params: { logout: 'yes' } })
      await confirm.at(-1)?.(ctx, async () => {})
    }
    const answer = await browser.request('/session/end')
    expect({ status: answer.status, to: answer.headers.get('location') }).toEqual({
      status: 303,
      to: `${url}/session/end/success`,
    })
    expect(told).toEqual(['yes', 'marie'])
    expect(fetched.map((request) => request.url)).toEqual([CLIENT.backchannel_logout_uri])
    expect(browser.cookies().map(({ name }) => name)).not.toContain('_session')
    expect(await provider.Session.find(seen.oidc.session?.jti ?? '')).toBeUndefined()
  })

  test('of nobody: a page that submits itself, and nothing of the question', async () => {
    const browser = new Browser({ url })
    let isAsked = false
    logoutSource = () => void (isAsked = true)
    await browser.open('/session/end')
    expect(isAsked).toBe(false)
    expect(browser.shown.html).toContain('<title>Submitting Callback</title>')
    expect([seen.status, seen.oidc.route, seen.oidc.session?.accountId]).toEqual([
      200,
      'end_session',
      undefined,
    ])
    expect(seen.oidc.session?.state).toEqual({ secret: expect.any(String) })
  })

  test('when another person signs in: the same page, and the way back lies in the session', async () => {
    const browser = await signedIn('marie')
    person = 'jean'
    await browser.open(`/auth?${AUTHORIZATION.toString()}&prompt=login`)
    expect(browser.shown.html).toContain('<title>Submitting Callback</title>')
    const { status, oidc } = seen
    expect([status, oidc.route, oidc.session?.accountId]).toEqual([200, 'resume', 'marie'])
    expect(oidc.entities.Interaction?.result?.login?.accountId).toBe('jean')
    expect(oidc.session?.state).toMatchObject({
      secret: expect.any(String),
      postLogoutRedirectUri: expect.stringContaining(`${url}/auth/`),
    })
  })

  test('when the same person signs in again: none, and the session is hers', async () => {
    const browser = await signedIn('marie')
    await browser.open(`/auth?${AUTHORIZATION.toString()}&prompt=login`)
    expect(browser.shown.url).toContain(`${CALLBACK}?code=`)
    expect(seen.oidc.route).toBe('resume')
    expect(seen.oidc.session?.accountId).toBe(seen.oidc.entities.Interaction?.result?.login?.accountId)
  })
})

describe('client-check.ts: the constructor of a client', () => {
  test('checks a record, and throws what it finds', () => {
    const construct = (metadata: object) => Reflect.construct(provider.Client, [metadata]) as unknown
    expect(() => construct(CLIENT)).not.toThrow()
    expect(() => construct({ ...CLIENT, redirect_uris: ['/relative'] })).toThrow(errors.InvalidClientMetadata)
  })
})

describe('backchannel-logout.ts and ssrf-guard.ts: the library’s own requests', () => {
  const send = async () => {
    const client = await provider.Client.find('paie')
    if (client === undefined) throw new Error('no client')
    await sendLogoutToken(client, 'marie', 'sid')
  }

  test('a logout token goes to the client’s address, by a guarded dispatcher', async () => {
    await send()
    expect(fetched).toHaveLength(1)
    const [request] = fetched
    const body = request?.options.body as URLSearchParams | undefined
    expect(body?.get('logout_token')).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    expect(request?.options.dispatcher).toHaveProperty('dispatch')
  })

  test('one that is not taken rejects', async () => {
    statusOfNotice = 503
    await expect(send()).rejects.toThrow('expected 200 OK')
  })
})

describe('authorizations.ts: what a session remembers', () => {
  test('a `sid` and an id of a grant stay as they were given', async () => {
    const session = new provider.Session()
    fixSid(session, 'paie', 'first')
    fixSid(session, 'paie', 'second')
    session.ensureClientContainer('paie')
    session.grantIdFor('paie', 'granted')
    expect([session.sidFor('paie'), grantIdOf(session, 'paie'), sessionId(session)]).toEqual([
      'first',
      'granted',
      expect.any(String),
    ])
    const grant = createGrant(provider, { clientId: 'paie', accountId: 'marie', id: 'chosen' })
    expect(await grant.save()).toBe('chosen')
    expect(await provider.Grant.find('chosen')).toMatchObject({ jti: 'chosen', accountId: 'marie' })
  })

  test('an id is new after each sign-in', async () => {
    const browser = await signedIn()
    const before = seen.oidc.session?.jti
    await browser.open(`/auth?${AUTHORIZATION.toString()}&prompt=login`)
    expect(seen.oidc.session?.jti).not.toBe(before)
  })
})

describe('expected-person.ts: the library’s checks', () => {
  const hint = (sub: string) => `x.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.x`

  test('stand in the login prompt by these names, and say whether somebody else is there', async () => {
    const login = interactionPolicy.base().get('login')
    if (login === undefined) throw new Error('no login prompt')
    const checks = expectedPersonChecks(login)
    const verdicts = (oidc: object) => {
      const ctx = { oidc: { entities: {}, claims: {}, params: {}, client: {}, ...oidc } }
      return Promise.all(
        checks.map(({ isSomebodyElse }) => isSomebodyElse(ctx as unknown as KoaContextWithOIDC)),
      )
    }
    const entities: Record<string, unknown> = {}
    const entity = (name: string, value: unknown) => void (entities[name] = value)
    const session = { accountId: 'marie' }
    expect(checks.map(({ reason }) => reason)).toEqual(['id_token_hint', 'claims_id_token_sub_value'])
    expect(await verdicts({ session })).toEqual([false, false])
    expect(await verdicts({ session, params: { id_token_hint: hint('jean') }, entities, entity })).toEqual([
      true,
      false,
    ])
    expect(entities).toEqual({ IdTokenHint: { header: {}, payload: { sub: 'jean' } } })
    expect(await verdicts({ session, claims: { id_token: { sub: { value: 'jean' } } } })).toEqual([
      false,
      true,
    ])
    expect(await verdicts({ session, claims: { id_token: { sub: { value: 'marie' } } } })).toEqual([
      false,
      false,
    ])
  })
})

describe('client-check.ts and policy.ts: what the library makes of a record', () => {
  test('it lists the members it knows once Client was made, and none of ours', () => {
    void provider.Client
    const { RECOGNIZED_METADATA } = internalsOf(provider)
    expect(RECOGNIZED_METADATA).toEqual(
      expect.arrayContaining(['redirect_uris', 'post_logout_redirect_uris']),
    )
    expect(RECOGNIZED_METADATA).not.toContain('sign_in_every_time')
  })

  test('its question for native applications stands in the consent prompt by this name', () => {
    const check = interactionPolicy.base().get('consent')?.checks.get('native_client_prompt')
    expect(check).toMatchObject({ error: 'interaction_required', check: expect.any(Function) })
  })
})

describe('failures.ts and pages.ts: what the library could not do', () => {
  test.each([
    ['/auth', `/auth?${AUTHORIZATION.toString()}`],
    ['/session/end', '/session/end'],
  ])('%s: it tells of it with the request, then answers by itself', async (_path, address) => {
    const browser = await signedIn()
    const told: unknown[] = []
    provider.once('server_error', (ctx, error) => {
      Object.assign(ctx.state, { kept: true })
      told.push(error)
    })
    const thrown = new Error('made by a test')
    failure = thrown
    logoutSource = () => {
      throw thrown
    }
    await browser.open(address)
    expect(told).toEqual([thrown])
    expect(seen.state['kept']).toBe(true)
    expect(browser.shown).toMatchObject({ status: 500, html: '{"rendered":"server_error"}' })
  })

  test('a request that it refuses has its status when the page is made', async () => {
    const browser = new Browser({ url })
    await browser.open('/auth?client_id=inconnue')
    expect(browser.shown).toMatchObject({ status: 400, html: '{"rendered":"invalid_client"}' })
  })
})

describe('structured-tokens.ts: an introspection of a JWT', () => {
  test('is refused by the library once it knows who asks, and not before', async () => {
    const token = 'eyJhbGciOiJub25lIn0.e30.'
    const ask = async (clientId: string) => {
      const body = new URLSearchParams({ token, client_id: clientId })
      const { status } = await fetch(`${url}/token/introspection`, { method: 'POST', body })
      return { status, refused: refusedJwt(seen) }
    }
    expect(await ask('inconnue')).toEqual({ status: 401, refused: undefined })
    const { status, refused } = await ask('paie')
    expect([status, refused?.client.clientId, refused?.token]).toEqual([400, 'paie', token])
  })
})
