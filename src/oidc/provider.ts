// The running oidc-provider, read from top to bottom: what it speaks is in configuration.ts, who it asks and
// how long things live is here.

import {
  errors,
  Provider,
  type AdapterFactory,
  type Client,
  type Configuration,
  type FindAccount,
  type interactionPolicy,
  type JWKS,
  type KoaContextWithOIDC,
  type ResourceServer,
} from 'oidc-provider'
import type { Middleware } from 'koa'
import type { Config } from '../config/config.js'
import { checkProgramScopes, createMissingApiCheck } from './api-scopes.js'
import { BASE_CONFIGURATION } from './configuration.js'
import { claimsOfScopes } from './claims-by-scope.js'
import { answerFormPosts } from './library/form-post.js'
import { extendIdTokens } from './library/id-token.js'
import { createPageSources, type KeepRefusal, type ProviderPages } from './library/pages.js'
import type { Fetch } from './library/ssrf-guard.js'
import { introspectJwts, mayIntrospect, type IsSignInAlive } from './introspection.js'
import { checkRequestObject, lendRedirectUri } from './request-objects.js'
import { signInClaims } from './sign-in-of-token.js'

type Dependencies = {
  config: Pick<
    Config,
    'issuerUrl' | 'interactionMinutes' | 'sessionIdleMinutes' | 'sessionMaxHours' | 'trustedProxyHops'
  >
  adapter: AdapterFactory
  policy: interactionPolicy.DefaultPolicy
  findAccount: FindAccount
  isSignInAlive: IsSignInAlive
  loadGrant: NonNullable<Configuration['loadExistingGrant']>
  findResourceServer: (indicator: string, client: Client) => Promise<ResourceServer | undefined>
  isScopeOfApi: (scope: string) => Promise<boolean>
  pairwiseSubject: (accountId: string, sector: string) => string
  jwks: JWKS
  cookieKeys: string[]
  pages: ProviderPages
  keepRefusal: KeepRefusal
  guardedFetch: Fetch
  now: () => number
}

const HOUR = 3600
const DAY = 24 * HOUR
const REFRESH_TOKEN_SECONDS = 14 * DAY
/** Of nobody: it only carries the question that was just asked. */
const ANONYMOUS_SESSION_SECONDS = 120

export function createProvider(dependencies: Dependencies): Provider {
  const {
    config,
    adapter,
    policy,
    findAccount,
    isSignInAlive,
    loadGrant,
    findResourceServer,
    isScopeOfApi,
    pairwiseSubject,
    jwks,
    cookieKeys,
    pages,
    keepRefusal,
    guardedFetch,
    now,
  } = dependencies
  const isHttps = config.issuerUrl.startsWith('https:')
  const cookie = { httpOnly: true, sameSite: 'lax', signed: true, secure: isHttps } as const
  const sessionSeconds = config.sessionMaxHours * HOUR

  const pairwise = (accountId: string, client: Client) =>
    pairwiseSubject(
      accountId,
      typeof client['sectorIdentifier'] === 'string' ? client['sectorIdentifier'] : client.clientId,
    )

  /** An ID token of the very person who is signed in: no question is needed (RP-Initiated Logout 1.0 §2). */
  function isVouchedFor({ oidc: { client, session, entities } }: KoaContextWithOIDC): boolean {
    const { accountId } = session ?? {}
    if (client === undefined || accountId === undefined) return false
    return (
      entities.IdTokenHint?.payload['sub'] ===
      (client.subjectType === 'pairwise' ? pairwise(accountId, client) : accountId)
    )
  }

  const checkMissingApi = createMissingApiCheck(isScopeOfApi)
  const { renderError, ...signOutSources } = createPageSources(pages, isVouchedFor, keepRefusal)
  const provider = new Provider(config.issuerUrl, {
    ...BASE_CONFIGURATION,
    adapter,
    findAccount,
    jwks,
    pkce: { required: (_ctx, client) => client['pkce'] !== 'optional' },
    cookies: {
      keys: cookieKeys,
      // The prefixes make a browser refuse such a cookie from a sibling domain or over http (RFC 6265bis
      // §4.1.3). On http our own name stands in front: cookies know no ports (RFC 6265 §8.5), and half of the
      // applications on the same host call theirs `session`.
      names: isHttps
        ? { session: '__Host-session', interaction: '__Secure-interaction', resume: '__Secure-resume' }
        : {
            session: 'laissez-passer-session',
            interaction: 'laissez-passer-interaction',
            resume: 'laissez-passer-resume',
          },
      long: { ...cookie, path: '/' },
      short: cookie,
    },
    interactions: { policy, url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: loadGrant,
    pairwiseIdentifier: async (_ctx, accountId, client) => pairwise(accountId, client),
    // A client that may refresh gets a refresh token; each use replaces it, and its end does not move (RFC
    // 9700 §4.14).
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    extraTokenClaims: signInClaims,
    // Asked for with `offline_access` it outlives the session; otherwise it ends with it.
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    clientBasedCORS: (_ctx, origin, client) =>
      (client['allowed_origins'] as string[] | undefined)?.includes(origin) === true,
    fetch: guardedFetch,
    ttl: {
      AccessToken: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 300,
      AuthorizationCode: 60,
      ClientCredentials: (_ctx, token) => token.resourceServer?.accessTokenTTL ?? 300,
      // Made when the session begins; a refresh token may be given at its very end.
      Grant: sessionSeconds + REFRESH_TOKEN_SECONDS,
      IdToken: HOUR,
      Interaction: config.interactionMinutes * 60,
      RefreshToken: (ctx, token) => {
        const earlier = ctx.oidc.entities.RotatedRefreshToken
        if (earlier !== undefined) return Math.max(1, earlier.remainingTTL)
        return token.scopes.has('offline_access') ? REFRESH_TOKEN_SECONDS : sessionSeconds
      },
      Session: (_ctx, session) => {
        if (session.loginTs === undefined) return ANONYMOUS_SESSION_SECONDS
        const idle = config.sessionIdleMinutes * 60
        const left = session.loginTs + sessionSeconds - Math.floor(now() / 1000)
        return Math.max(1, Math.min(idle, left))
      },
    },
    features: {
      ...BASE_CONFIGURATION.features,
      introspection: {
        enabled: true,
        // The library looks neither at the client, the account nor the end of its sessions here.
        allowedPolicy: async (ctx, client, token) =>
          mayIntrospect(client, token) &&
          (await ctx.oidc.provider.Client.find(token.clientId ?? '')) !== undefined &&
          (!('accountId' in token) || (await findAccount(ctx, token.accountId, token)) !== undefined),
      },
      requestObjects: { enabled: true, assertJwtClaimsAndHeader: checkRequestObject(now) },
      rpInitiatedLogout: { enabled: true, ...signOutSources },
      resourceIndicators: {
        enabled: true,
        // Asked for in the middle of a request; its answer is none, but a scope may need one.
        async defaultResource(ctx) {
          await checkMissingApi(ctx)
          return []
        },
        useGrantedResource: async () => true,
        async getResourceServerInfo(ctx, indicator, client) {
          const server = await findResourceServer(indicator, client)
          if (server === undefined)
            throw new errors.InvalidTarget('this API is not registered, or not for this application')
          checkProgramScopes(ctx, server)
          return server
        },
      },
    },
    renderError,
  })
  answerFormPosts(provider, pages.sendFormPost)
  extendIdTokens(provider, idTokenClaims)
  provider.proxy = config.trustedProxyHops > 0
  provider.use(withoutTypeOfNothing)
  provider.use(lendRedirectUri)
  provider.use(introspectJwts({ jwks, issuer: config.issuerUrl, isSignInAlive, now }))
  return provider
}

/** Those that the record names, of the scopes that were asked for and given. */
function idTokenClaims(client: Client, scopes: ReadonlySet<string>): string[] {
  const given = claimsOfScopes(scopes)
  return ((client['id_token_claims'] ?? []) as string[]).filter((claim) => given.has(claim))
}

/** A revocation answers 200 with nothing (RFC 7009 §2.2), and nothing is no text: oidc-client-ts stumbles. */
const withoutTypeOfNothing: Middleware = async (ctx, next) => {
  await next()
  if (ctx.body === '') ctx.remove('Content-Type')
}
