// The configuration of oidc-provider, read from top to bottom. Pages it would render itself are handed in as functions.

import { Provider, type Account, type AdapterFactory, type ClientMetadata, type Configuration, type FindAccount, type JWKS, type KoaContextWithOIDC } from 'oidc-provider'
import type { interactionPolicy } from 'oidc-provider'
import type { Config } from '../config.js'
import { CLAIMS_BY_SCOPE, FULL_SIGN_IN } from './claims.js'
import { CLIENT_AUTH_METHODS, OWN_METADATA } from './clients.js'

export type ProviderPages = {
  renderError: NonNullable<Configuration['renderError']>
  /** Asks whether to sign out; `form` is the library's own form. */
  renderLogout: (ctx: KoaContextWithOIDC, form: string) => Promise<void>
  renderSignedOut: (ctx: KoaContextWithOIDC) => Promise<void>
}

type Dependencies = {
  config: Config
  adapter: AdapterFactory
  policy: interactionPolicy.DefaultPolicy
  findAccount: FindAccount
  jwks: JWKS
  cookieKeys: string[]
  pages: ProviderPages
  now: () => number
}

const SECONDS_PER_HOUR = 3600

export function createProvider({ config, adapter, policy, findAccount, jwks, cookieKeys, pages, now }: Dependencies): Provider {
  const isHttps = config.issuerUrl.startsWith('https:')
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true } as const

  const provider = new Provider(config.issuerUrl, {
    adapter,
    findAccount,
    jwks,
    acrValues: [FULL_SIGN_IN.acr],
    claims: CLAIMS_BY_SCOPE,
    scopes: ['openid', ...Object.keys(CLAIMS_BY_SCOPE).filter((scope) => scope !== 'openid')],
    responseTypes: ['code'],
    pkce: { required: (_ctx, client) => client['pkce'] !== 'optional' },
    clientAuthMethods: [...CLIENT_AUTH_METHODS],
    extraClientMetadata: { properties: OWN_METADATA },
    clientDefaults: { id_token_signed_response_alg: 'RS256', grant_types: ['authorization_code'], response_types: ['code'] } satisfies Partial<ClientMetadata>,
    cookies: {
      keys: cookieKeys,
      // The prefixes make a browser refuse such a cookie from a sibling domain or over http (RFC 6265bis §4.1.3).
      names: isHttps
        ? { session: '__Host-session', interaction: '__Secure-interaction', resume: '__Secure-resume' }
        : { session: 'session', interaction: 'interaction', resume: 'resume' },
      long: { ...cookie, secure: isHttps, path: '/' },
      short: { ...cookie, secure: isHttps },
    },
    interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: loadFirstPartyGrant,
    ttl: {
      AccessToken: 300,
      AuthorizationCode: 60,
      IdToken: 3600,
      Interaction: config.interactionMinutes * 60,
      Grant: config.sessionMaxHours * SECONDS_PER_HOUR,
      Session: (_ctx, session) => {
        const idle = config.sessionIdleMinutes * 60
        if (session.loginTs === undefined) return idle
        const left = session.loginTs + config.sessionMaxHours * SECONDS_PER_HOUR - Math.floor(now() / 1000)
        return Math.max(1, Math.min(idle, left))
      },
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: pages.renderLogout, postLogoutSuccessSource: pages.renderSignedOut },
      userinfo: { enabled: true },
      pushedAuthorizationRequests: { enabled: false },
      resourceIndicators: { enabled: false },
    },
    renderError: pages.renderError,
  } satisfies Configuration)
  provider.proxy = config.trustedProxyHops > 0
  return provider
}

/**
 * First-party clients need no consent page, but the library needs a grant: the session's own one for this client, else a
 * new one, saved. One per session and client, never one per request.
 */
async function loadFirstPartyGrant(ctx: KoaContextWithOIDC) {
  const { client, session, provider, account } = ctx.oidc
  if (client === undefined || session === undefined || account === undefined) return undefined
  const grantId = session.grantIdFor(client.clientId)
  const existing = grantId === undefined ? undefined : await provider.Grant.find(grantId)
  if (existing !== undefined && existing.accountId === account.accountId) return existing
  const grant = new provider.Grant({ clientId: client.clientId, accountId: account.accountId })
  grant.addOIDCScope(client.scope ?? 'openid')
  await grant.save()
  return grant
}

export type { Account }
