// Threat: a library that everybody uses, and that cannot sign anybody in here. Each as it comes from its
// registry; the applications of docs/relying-parties.md are run as they stand there.

import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { exportJWK } from 'jose'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import frCA from '../../../interactions/locales/fr-CA.json' with { type: 'json' }
import { CLAIMS_BY_SCOPE } from '../../../src/oidc/claims-by-scope.js'
import { packageRoot } from '../../../src/config/package-root.js'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { createEnrolled, type EnrolledPerson } from '../../support/people.js'
import { registerRelyingParty, REDIRECT_URI, SIGNED_OUT_URI } from '../../support/relying-party.js'
import { exposeSsrfGuard } from '../../support/ssrf-guard.js'
import { useIdp } from '../../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }
const API = 'https://horaire.exemple.ca/api'

exposeSsrfGuard()
const application = await openPort()
const idp = await useIdp({ settings: { INTERNAL_HOSTS: new URL(application.url).host } })
const somebody = await createEnrolled(idp)
await idp.services.resourceServers.create(
  { indicator: API, name: 'Horaire', scopes: ['read'], tokenSeconds: 300 },
  operator,
)
afterEach(() => application.serve(undefined))
afterAll(() => application.stop())

type Settings = {
  issuer: string
  clientId: string
  clientSecret: string
  baseUrl: string
  cookieSecret: string
}

/** What the documentation's programs export, in their own words. */
type Examples = {
  'openid-client.js': { createApp: (settings: Settings) => Promise<RequestListener> }
  'api.js': { createApi: (settings: { issuer: string; api: string }) => RequestListener }
  'service.js': { getToken: (settings: Settings & { api: string; scope: string }) => Promise<string> }
}

const EXAMPLES = join(packageRoot(), 'docs', 'examples')
const example = <Name extends keyof Examples>(name: Name): Promise<Examples[Name]> =>
  import(join(EXAMPLES, name)) as Promise<Examples[Name]>

/** A port where one application after the other listens. */
async function openPort() {
  let current: RequestListener | undefined
  const server = createServer((request, response) =>
    current === undefined ? response.writeHead(503).end() : current(request, response),
  )
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    serve: (listener: RequestListener | undefined) => void (current = listener),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/**
 * The person's part: from the application's authorization request to the address the browser is sent back to.
 */
async function signInAt(address: string, browser = new Browser(idp), who = somebody): Promise<string> {
  await browser.open(address)
  if (browser.step() === 'password') {
    await browser.submit({ cip: who.person.cip, password: who.person.password })
    if (who === somebody) clock.nextStep()
    await browser.submit({ code: who.phone.code() })
  }
  if (browser.step() === 'consent') await browser.submit({ decision: 'allow' })
  return browser.shown.url
}

const settingsFor = async (clientId: string, metadata: Record<string, unknown> = {}) => {
  const baseUrl = application.url
  const { secret } = await registerRelyingParty(idp, {
    client_id: clientId,
    redirect_uris: [`${baseUrl}/callback`],
    ...metadata,
  })
  return {
    issuer: idp.url,
    clientId,
    clientSecret: secret,
    baseUrl,
    cookieSecret: 'a secret of the application alone',
  }
}

/** One person, one browser, two cookie jars: the application’s and the provider’s. */
async function visit(baseUrl: string, who = somebody) {
  const [atApplication, atProvider] = [new Browser({ url: baseUrl }), new Browser(idp)]
  await atApplication.open('/')
  await atApplication.open(await signInAt(atApplication.shown.url, atProvider, who))
  return { atApplication, atProvider }
}
const shown = (browser: Browser) => JSON.parse(browser.shown.html) as Record<string, unknown>

describe('oauth4webapi 3', () => {
  const insecure = { [oauth.allowInsecureRequests]: true } // oxlint-disable-line typescript/no-deprecated -- marked so to stand out; loopback alone gets here
  const discover = async () => {
    const issuer = new URL(idp.url)
    return oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, insecure))
  }

  /** The whole life of tokens, with every check the library has. */
  async function expectWholeLife(
    as: oauth.AuthorizationServer,
    rp: oauth.Client,
    auth: oauth.ClientAuth,
    isPushed: boolean,
  ): Promise<void> {
    const [codeVerifier, state, nonce] = [
      oauth.generateRandomCodeVerifier(),
      oauth.generateRandomState(),
      oauth.generateRandomNonce(),
    ]
    const parameters = new URLSearchParams({
      client_id: rp.client_id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid profile email offline_access',
      prompt: 'consent',
      code_challenge: await oauth.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      max_age: '600',
      state,
      nonce,
    })
    let query = parameters
    if (isPushed) {
      const pushed = await oauth.processPushedAuthorizationResponse(
        as,
        rp,
        await oauth.pushedAuthorizationRequest(as, rp, auth, parameters, insecure),
      )
      query = new URLSearchParams({ client_id: rp.client_id, request_uri: pushed.request_uri })
    }
    const browser = new Browser(idp)
    const callback = await signInAt(`${as.authorization_endpoint}?${query.toString()}`, browser)
    const answer = oauth.validateAuthResponse(as, rp, new URL(callback), state)
    const codeResponse = await oauth.authorizationCodeGrantRequest(
      as,
      rp,
      auth,
      answer,
      REDIRECT_URI,
      codeVerifier,
      insecure,
    )
    const expected = { expectedNonce: nonce, maxAge: 600, requireIdToken: true }
    const tokens = await oauth.processAuthorizationCodeResponse(as, rp, codeResponse, expected)
    await oauth.validateApplicationLevelSignature(as, codeResponse, insecure)
    const claims = oauth.getValidatedIdTokenClaims(tokens)
    expect(claims).toMatchObject({ sub: somebody.person.id, amr: ['pwd', 'otp', 'mfa'] })

    const userinfo = await oauth.userInfoRequest(as, rp, tokens.access_token, insecure)
    expect(await oauth.processUserInfoResponse(as, rp, claims?.sub ?? '', userinfo)).toMatchObject({
      name: somebody.person.name,
    })

    const refreshed = await oauth.processRefreshTokenResponse(
      as,
      rp,
      await oauth.refreshTokenGrantRequest(as, rp, auth, tokens.refresh_token ?? '', insecure),
    )
    expect(refreshed.refresh_token).not.toBe(tokens.refresh_token)

    if (rp.token_endpoint_auth_method !== 'none') {
      const introspection = await oauth.introspectionRequest(as, rp, auth, refreshed.access_token, insecure)
      expect(await oauth.processIntrospectionResponse(as, rp, introspection)).toMatchObject({
        active: true,
        client_id: rp.client_id,
      })
    }
    await oauth.processRevocationResponse(
      await oauth.revocationRequest(as, rp, auth, refreshed.refresh_token ?? '', insecure),
    )
    await expect(
      oauth
        .refreshTokenGrantRequest(as, rp, auth, refreshed.refresh_token ?? '', insecure)
        .then((response) => oauth.processRefreshTokenResponse(as, rp, response)),
    ).rejects.toMatchObject({ error: 'invalid_grant' })

    const end = new URLSearchParams({
      id_token_hint: tokens.id_token ?? '',
      post_logout_redirect_uri: SIGNED_OUT_URI,
      state,
    })
    await browser.open(`${as.end_session_endpoint}?${end.toString()}`)
    expect(browser.shown.url).toBe(`${SIGNED_OUT_URI}?state=${state}`)
  }

  const REFRESHING = {
    grant_types: ['authorization_code', 'refresh_token'],
    scope: 'openid profile email offline_access',
  }

  test.each([
    ['client_secret_basic', false],
    ['client_secret_post', false],
    ['client_secret_basic', true],
  ])(
    '%s, pushed: %s: sign-in, userinfo, refresh, introspection, revocation, sign-out',
    async (method, isPushed) => {
      const clientId = `o4w-${method}-${isPushed}`
      const { secret } = await registerRelyingParty(idp, {
        client_id: clientId,
        token_endpoint_auth_method: method,
        ...REFRESHING,
      })
      const auth =
        method === 'client_secret_basic' ? oauth.ClientSecretBasic(secret) : oauth.ClientSecretPost(secret)
      await expectWholeLife(await discover(), { client_id: clientId }, auth, isPushed)
    },
  )

  test('a public client', async () => {
    await registerRelyingParty(idp, {
      client_id: 'o4w-public',
      token_endpoint_auth_method: 'none',
      ...REFRESHING,
    })
    await expectWholeLife(
      await discover(),
      { client_id: 'o4w-public', token_endpoint_auth_method: 'none' },
      oauth.None(),
      false,
    )
  })

  test.each(['PS256', 'ES256', 'Ed25519'])('private_key_jwt, everything signed %s', async (alg) => {
    const { publicKey, privateKey } = keyPair(alg)
    const jwks = { keys: [{ ...(await exportJWK(publicKey)), alg, use: 'sig', kid: alg }] }
    const clientId = `o4w-${alg}`
    const signed = {
      token_endpoint_auth_method: 'private_key_jwt',
      id_token_signed_response_alg: alg,
      userinfo_signed_response_alg: alg,
    }
    await registerRelyingParty(idp, { client_id: clientId, jwks, ...signed, ...REFRESHING })
    const key = await importKey(alg, privateKey.export({ format: 'der', type: 'pkcs8' }))
    await expectWholeLife(
      await discover(),
      { client_id: clientId, ...signed },
      oauth.PrivateKeyJwt({ key, kid: alg }),
      false,
    )
  })

  const keyPair = (alg: string) =>
    alg === 'PS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : alg === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519')
  const KEY_TYPES = {
    PS256: { name: 'RSA-PSS', hash: 'SHA-256' },
    ES256: { name: 'ECDSA', namedCurve: 'P-256' },
    Ed25519: { name: 'Ed25519' },
  }
  const importKey = (alg: string, pkcs8: Buffer) =>
    crypto.subtle.importKey('pkcs8', new Uint8Array(pkcs8), KEY_TYPES[alg as keyof typeof KEY_TYPES], false, [
      'sign',
    ])
})

const LOOPBACK = { execute: [client.allowInsecureRequests] } // oxlint-disable-line typescript/no-deprecated -- marked so to stand out; loopback alone gets here

describe('openid-client 6', () => {
  test('introspection, refresh and revocation with the claims of a request', async () => {
    const { secret } = await registerRelyingParty(idp, {
      client_id: 'oc6',
      grant_types: ['authorization_code', 'refresh_token'],
    })
    const config = await client.discovery(new URL(idp.url), 'oc6', secret, undefined, LOOPBACK)
    const verifier = client.randomPKCECodeVerifier()
    const expectedState = client.randomState()
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
      state: expectedState,
      claims: JSON.stringify({ id_token: { cip: { essential: true } } }),
      code_challenge: await client.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    })
    const callback = await signInAt(address.href)
    const tokens = await client.authorizationCodeGrant(config, new URL(callback), {
      pkceCodeVerifier: verifier,
      expectedState,
      idTokenExpected: true,
    })
    expect(tokens.claims()).toMatchObject({ sub: somebody.person.id, cip: somebody.person.cip })
    const next = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
    expect(await client.tokenIntrospection(config, next.access_token)).toMatchObject({ active: true })
    await client.tokenRevocation(config, next.access_token)
    expect(await client.tokenIntrospection(config, next.access_token)).toEqual({ active: false })
  })

  test('an old application, without PKCE', async () => {
    const { secret } = await registerRelyingParty(idp, { client_id: 'oc6-old', pkce: 'optional' })
    const config = await client.discovery(new URL(idp.url), 'oc6-old', secret, undefined, LOOPBACK)
    const expectedNonce = client.randomNonce()
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'openid',
      nonce: expectedNonce,
    })
    const tokens = await client.authorizationCodeGrant(config, new URL(await signInAt(address.href)), {
      expectedNonce,
    })
    expect(tokens.claims()?.sub).toBe(somebody.person.id)
  })
})

describe('the applications of docs/relying-parties.md', () => {
  const documentation = readFileSync(join(packageRoot(), 'docs', 'relying-parties.md'), 'utf8')
  test.each(['openid-client.js', 'express-openid-connect.js', 'service.js', 'api.js', 'authlib_app.py'])(
    '%s stands there as it is run here',
    (file) => {
      expect(documentation).toContain(readFileSync(join(EXAMPLES, file), 'utf8').trimEnd())
    },
  )

  test('what it says people see is what they see, and its claims are ours', () => {
    const quoted = [...documentation.matchAll(/« (.+?) »/g)].map(([, text = '']) => text)
    const texts = new Set(Object.values(frCA))
    expect(quoted.filter((text) => !texts.has(text))).toEqual([])
    const table = [...documentation.matchAll(/^\| `(\w+)` +\| (.*?) *\| +(?:the ID token|userinfo) /gm)]
    const claims = table.map(([, scope = '', cell = '']) => [
      scope,
      [...cell.replace(/\(.*?\)|;.*/g, '').matchAll(/`(\w+)`/g)].map(([, claim]) => claim),
    ])
    expect(Object.fromEntries(claims)).toEqual(CLAIMS_BY_SCOPE)
  })

  test('openid-client with Express: sign-in, claims, sign-out, a sign-out from elsewhere', async () => {
    const settings = await settingsFor('docs-openid-client', {
      post_logout_redirect_uris: [`${application.url}/signed-out`],
      backchannel_logout_uri: `${application.url}/backchannel-logout`,
    })
    const { createApp } = await example('openid-client.js')
    application.serve(await createApp(settings))

    const { atApplication, atProvider } = await visit(application.url)
    expect(shown(atApplication)).toEqual({ cip: somebody.person.cip, name: somebody.person.name })
    await atApplication.post('/logout', '')
    await atProvider.open(atApplication.shown.url)
    expect(atProvider.shown.url).toBe(`${application.url}/signed-out`)
    await atApplication.open('/')
    expect(atApplication.shown.url).toContain(`${idp.url}/auth`)

    const second = await visit(application.url)
    expect(shown(second.atApplication)).toHaveProperty('cip')
    await idp.services.accountActions.signOutEverywhere(
      await idp.account(somebody.person.cip),
      operator,
      'asked',
    )
    expect(await idp.app.deliverLogoutNotices()).toBe(1)
    await second.atApplication.open('/')
    expect(second.atApplication.shown.url).toContain(`${idp.url}/auth`)
  })

  test('a program and an API', async () => {
    const service = { grant_types: ['client_credentials'], redirect_uris: [], apis: { [API]: ['read'] } }
    const settings = await settingsFor('docs-service', service)
    const [{ createApi }, { getToken }] = [await example('api.js'), await example('service.js')]
    application.serve(createApi({ issuer: idp.url, api: API }))
    const call = (token: string) =>
      fetch(`${application.url}/shifts`, { headers: { Authorization: `Bearer ${token}` } })
    const token = await getToken({ ...settings, api: API, scope: 'read' })
    expect(await (await call(token)).json()).toEqual({ for: 'docs-service' })
    expect((await call(`${token.slice(0, -8)}AAAAAAAA`)).status).toBe(401)
    expect((await call(await getToken({ ...settings, api: API, scope: '' }))).status).toBe(403)
  })
})

describe('the same, as programs of their own', () => {
  // They read the machine's clock, so the provider must go by it again; nothing moves it here.
  let newcomer: EnrolledPerson
  beforeEach(async () => {
    clock.reset()
    newcomer = await createEnrolled(idp)
  })

  // It mixes kinds of modules as jest cannot, so it runs as its readers run it.
  test('express-openid-connect 3: sign-in, claims, sign-out', async () => {
    const baseUrl = await freePort()
    const settings = await settingsFor('docs-express', {
      redirect_uris: [`${baseUrl}/callback`],
      post_logout_redirect_uris: [baseUrl],
    })
    const start = `import { createApp } from './docs/examples/express-openid-connect.js'
      const app = createApp(JSON.parse(process.env.SETTINGS))
      app.listen(${new URL(baseUrl).port}, 'localhost', () => console.log('ready'))`
    const program = spawn(process.execPath, ['--no-warnings', '--input-type=module', '--eval', start], {
      cwd: packageRoot(),
      env: { PATH: process.env['PATH'], SETTINGS: JSON.stringify({ ...settings, baseUrl }) },
    })
    try {
      await says(program, 'ready')
      const { atApplication, atProvider } = await visit(baseUrl, newcomer)
      expect(shown(atApplication)).toEqual({ cip: newcomer.person.cip, name: newcomer.person.name })
      await atApplication.open('/logout')
      await atProvider.open(atApplication.shown.url)
      expect(atProvider.shown.url.replace(/\/$/, '')).toBe(baseUrl)
      await atApplication.open('/')
      expect(atApplication.shown.url).toContain(`${idp.url}/auth`)
    } finally {
      program.kill()
    }
  })
})

async function freePort(): Promise<string> {
  const port = await openPort()
  await port.stop()
  return port.url
}

function says(program: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    program.on('exit', () => reject(new Error(said)))
    for (const stream of [program.stdout, program.stderr])
      stream?.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes(text)) resolve()
      })
  })
}
