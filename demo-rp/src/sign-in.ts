// Signing in at the provider: authorization code with PKCE, state and nonce (OpenID Connect Core §3.1). `begin` sends the
// person there, `finish` receives them back. What is refused is a value; neither writes a page.

import { randomBytes } from 'node:crypto'
import * as oidc from 'openid-client'
import type { Attempt, Attempts, StepUp } from './attempts.js'
import type { Settings } from './config.js'
import { BROWSER_COOKIE, SESSION_COOKIE, type Cookies } from './cookies.js'
import { isProviderFault, type Provider } from './provider.js'
import type { Sessions } from './sessions.js'
import { seeOther, type Reply, type Visit } from './visit.js'

export const MFA_ACR = 'https://refeds.org/profile/mfa'
const SCOPE = 'openid profile email cip'
const CLOCK_DIFFERENCE_SECONDS = 30

export type Refusal =
  | { reason: 'attempt-unknown' }
  | { reason: 'refused'; code: string }
  | { reason: 'not-fresh' }
  | { reason: 'other-person' }
  | { reason: 'provider-unavailable'; error: unknown }

export type SignInResult = { ok: true; reply: Reply } | ({ ok: false } & Refusal)

export interface SignInOptions {
  loginHint?: string | undefined
  returnTo?: string | undefined
  stepUp?: StepUp | undefined
}

export interface SignIn {
  begin: (visit: Visit, options?: SignInOptions) => Promise<Reply>
  confirmAgain: (visit: Visit) => Promise<Reply>
  finish: (visit: Visit) => Promise<SignInResult>
}

export interface SignInDeps {
  settings: Settings
  discover: () => Promise<Provider>
  attempts: Attempts
  sessions: Sessions
  cookies: Cookies
  now: () => number
}

export function createSignIn({ settings, discover, attempts, sessions, cookies, now }: SignInDeps): SignIn {
  async function begin(visit: Visit, options: SignInOptions = {}): Promise<Reply> {
    const { configuration } = await discover()
    const state = oidc.randomState()
    const nonce = oidc.randomNonce()
    const codeVerifier = oidc.randomPKCECodeVerifier()
    const browser = knownBrowser(visit) ?? randomBytes(32).toString('base64url')
    const returnTo = options.returnTo ?? `${settings.baseUrl}/`
    attempts.keep(state, { browser, nonce, codeVerifier, startedAt: now(), returnTo, stepUp: options.stepUp })

    const address = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: `${settings.baseUrl}/callback`,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      ...(visit.chosenLanguage && { ui_locales: visit.chosenLanguage }),
      ...(options.loginHint && { login_hint: options.loginHint }),
      ...(options.stepUp && { prompt: 'login', max_age: '0', acr_values: MFA_ACR }),
    })
    return seeOther(address.href, [cookies.browser(browser)])
  }

  /** Step-up: both factors once more, by the same person, after this moment. */
  async function confirmAgain(visit: Visit): Promise<Reply> {
    const { session } = visit
    if (session === undefined) return begin(visit)
    const { sub, auth_time } = session.claims
    // Compared with the last auth_time, the provider's clock meets only itself; without one, our clock must do.
    const notBefore =
      auth_time === undefined ? Math.floor(now() / 1000) - CLOCK_DIFFERENCE_SECONDS : auth_time + 1
    return begin(visit, { stepUp: { sub, notBefore } })
  }

  async function finish(visit: Visit): Promise<SignInResult> {
    const state = visit.url.searchParams.get('state') ?? ''
    const attempt = attempts.take(state, knownBrowser(visit))
    if (attempt === undefined) return { ok: false, reason: 'attempt-unknown' }

    try {
      const { configuration } = await discover()
      const tokens = await oidc.authorizationCodeGrant(configuration, visit.url, {
        expectedState: state,
        expectedNonce: attempt.nonce,
        pkceCodeVerifier: attempt.codeVerifier,
        idTokenExpected: true,
      })
      const { id_token: idToken } = tokens
      const claims = tokens.claims()
      if (idToken === undefined || claims === undefined)
        return { ok: false, reason: 'refused', code: 'no_id_token' }

      const refusal = stepUpRefusal(attempt, claims)
      if (refusal !== undefined) return { ok: false, ...refusal }

      const userInfo = await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)
      sessions.end(visit.cookies.get(SESSION_COOKIE))
      const session = sessions.create({ idToken, claims, userInfo, isFresh: attempt.stepUp !== undefined })
      return { ok: true, reply: seeOther(attempt.returnTo, [cookies.session(session.id)]) }
    } catch (error) {
      return { ok: false, ...refusalOf(error) }
    }
  }

  return { begin, confirmAgain, finish }
}

function knownBrowser(visit: Visit): string | undefined {
  const browser = visit.cookies.get(BROWSER_COOKIE) ?? ''
  return /^[\w-]{43}$/.test(browser) ? browser : undefined
}

/** max_age and acr_values are only wishes until the ID token has been looked at (OpenID Connect Core §3.1.3.7, points 12 and 13). */
function stepUpRefusal({ stepUp }: Attempt, claims: oidc.IDToken): Refusal | undefined {
  if (stepUp === undefined) return undefined
  if (claims.sub !== stepUp.sub) return { reason: 'other-person' }
  const isFresh = claims.auth_time !== undefined && claims.auth_time >= stepUp.notBefore
  return isFresh && claims.acr === MFA_ACR ? undefined : { reason: 'not-fresh' }
}

function refusalOf(error: unknown): Refusal {
  if (isProviderFault(error)) return { reason: 'provider-unavailable', error }
  if (error instanceof oidc.AuthorizationResponseError) return { reason: 'refused', code: error.error }
  if (error instanceof oidc.ResponseBodyError) return { reason: 'refused', code: error.error }
  if (error instanceof oidc.ClientError) return { reason: 'refused', code: 'invalid_response' }
  throw error
}
