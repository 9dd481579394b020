// A provider to sign in at, in memory, and a browser of a few verbs. Whoever asks is signed in at once as
// `next.accountId`.

import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'
import Provider, { type Configuration } from 'oidc-provider'
import { createDemoRp } from '../src/app.js'

export const CLIENT_SECRET = 'a-secret-that-only-the-tests-know-0123456789'
const MFA_ACR = 'https://refeds.org/profile/mfa'

export interface World {
  rp: string
  issuer: string
  clock: { now: number }
  reports: string[]
  /** what the provider does with the next person who comes to sign in */
  next: { accountId: string; authTime: number; refusal?: string }
  logoutToken: (claims?: JWTPayload, key?: CryptoKey, typ?: string) => Promise<string>
  openProvider: () => Promise<void>
  closeProvider: () => Promise<void>
  close: () => Promise<void>
}

export async function startWorld(features: Configuration['features'] = {}): Promise<World> {
  const clock = { now: Date.now() }
  const reports: string[] = []
  const [rpServer, issuerServer] = [createServer(), createServer()]
  const rp = await listen(rpServer)
  const issuer = await listen(issuerServer)

  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const next: World['next'] = { accountId: 'marie', authTime: Math.floor(clock.now / 1000) - 60 }
  const settings = { baseUrl: rp, issuerUrl: issuer, clientId: 'eespresso', clientSecret: CLIENT_SECRET }
  const demo = createDemoRp(settings, () => clock.now)
  demo.on('error', (error: Error) => void reports.push(error.message))
  rpServer.on('request', demo.callback())
  const signingKey = { ...(await exportJWK(privateKey)), kid: 'key-1', alg: 'RS256', use: 'sig' }
  issuerServer.on('request', signInAtOnce(createProvider({ issuer, rp, key: signingKey, features }), next))

  let jti = 0
  return {
    rp,
    issuer,
    clock,
    reports,
    next,
    logoutToken: (claims = {}, key = privateKey, typ = 'logout+jwt') =>
      new SignJWT({
        iss: issuer,
        aud: 'eespresso',
        iat: Math.floor(clock.now / 1000),
        jti: `logout-${(jti += 1)}`,
        sub: 'marie',
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
        ...claims,
      })
        .setProtectedHeader({ alg: 'RS256', kid: 'key-1', typ })
        .sign(key),
    openProvider: async () => void (await listen(issuerServer, Number(new URL(issuer).port))),
    closeProvider: () => close(issuerServer),
    close: async () => void (await Promise.all([close(rpServer), close(issuerServer)])),
  }
}

interface ProviderSettings {
  issuer: string
  rp: string
  key: object
  features: Configuration['features']
}

function createProvider({ issuer, rp, key, features }: ProviderSettings): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: 'eespresso',
        client_secret: CLIENT_SECRET,
        redirect_uris: [`${rp}/callback`],
        post_logout_redirect_uris: [`${rp}/signed-out`],
        require_auth_time: true,
        backchannel_logout_uri: `${rp}/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    acrValues: [MFA_ACR],
    claims: {
      openid: ['sub', 'acr', 'amr'],
      profile: ['name', 'locale', 'preferred_username'],
      email: ['email', 'email_verified'],
      cip: ['cip'],
    },
    cookies: { keys: ['only-for-tests'] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true }, ...features },
    findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => claimsOf(sub) }),
    interactions: { url: (_ctx, { uid }) => `/interaction/${uid}` },
    jwks: { keys: [key] },
    loadExistingGrant: async (ctx) => {
      const known = ctx.oidc.session?.grantIdFor('eespresso')
      if (known !== undefined) return ctx.oidc.provider.Grant.find(known)
      const grant = new ctx.oidc.provider.Grant({
        accountId: ctx.oidc.session?.accountId,
        clientId: 'eespresso',
      })
      grant.addOIDCScope('openid profile email cip')
      await grant.save()
      return grant
    },
    scopes: ['openid', 'profile', 'email', 'cip'],
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
  })
}

function claimsOf(sub: string) {
  const name = sub === 'marie' ? 'Marie Tremblay' : '<b>John</b> Smith'
  const email = `${sub}@exemple.ca`
  return {
    sub,
    name,
    email,
    email_verified: true,
    cip: sub,
    preferred_username: sub,
    locale: sub === 'marie' ? 'fr-CA' : 'en',
  }
}

function signInAtOnce(provider: Provider, next: World['next']): RequestListener {
  const callback = provider.callback()
  return (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void callback(request, response)
    const { accountId, authTime, refusal } = next
    const login = { accountId, ts: authTime, acr: MFA_ACR, amr: ['pwd', 'otp', 'mfa'] }
    void provider.interactionFinished(request, response, refusal ? { error: refusal } : { login })
  }
}

async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections()
  if (server.listening) await new Promise((resolve) => server.close(resolve))
}

interface Request {
  method?: string
  headers?: Record<string, string>
  body?: URLSearchParams
}

export interface Page {
  status: number
  url: string
  headers: Headers
  text: string
}

/** Keeps cookies by host alone, as browsers do, so that the provider's and eEspresso's meet in one jar. */
export class Browser {
  readonly cookies = new Map<string, string>()
  readonly headers: Record<string, string>

  constructor(headers: Record<string, string> = {}) {
    this.headers = headers
  }

  /** One request, no redirect followed. */
  async step(url: string, init: Request = {}): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      ...init,
      headers: { ...this.headers, ...init.headers, cookie },
    })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return { status: response.status, url, headers: response.headers, text: await response.text() }
  }

  /** Follows redirects until a page, or until `stopAt` is about to be opened. */
  async open(url: string, { stopAt, ...init }: Request & { stopAt?: string } = {}): Promise<Page> {
    let page = await this.step(url, init)
    while (page.headers.has('location')) {
      const target = new URL(page.headers.get('location') ?? '', page.url).href
      if (stopAt !== undefined && target.startsWith(stopAt)) return { ...page, url: target }
      page = await this.step(target)
    }
    return page
  }

  forget(prefix: string): void {
    for (const name of this.cookies.keys()) if (name.startsWith(prefix)) this.cookies.delete(name)
  }

  post(url: string, headers: Record<string, string> = {}): Promise<Page> {
    return this.open(url, { method: 'POST', headers: { 'sec-fetch-site': 'same-origin', ...headers } })
  }
}
