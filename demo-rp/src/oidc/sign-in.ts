// Signing in at the provider: authorization code with PKCE, state and nonce (OpenID Connect Core §3.1).
// `begin` says where to send the person, `finish` looks at what they come back with. A refusal is a value; no
// page or cookie here.

import * as oidc from 'openid-client'
import type { Settings } from '../config.js'
import type { Language } from '../language.js'
import type { Identity } from '../sessions.js'
import { createPendingSignIns } from './pending-sign-ins.js'
import { isProviderFault, ProviderUnavailable, type Discover } from './provider.js'
import { STEP_UP_PARAMETERS, stepUpOf, stepUpProblem } from './step-up.js'

const SCOPE = 'openid profile email cip'

export interface SignInOptions {
  language?: Language | undefined
  loginHint?: string | undefined
  /** an absolute address of this site; the start page without it */
  returnTo?: string | undefined
  /** step-up: what the session says of the person who must confirm who they are */
  toConfirm?: oidc.IDToken | undefined
}

export interface Refusal {
  reason: 'sign-in-unknown' | 'refused' | 'not-fresh' | 'other-person'
  /** an error code (RFC 6749 §4.1.2.1), which may have come by way of the browser */
  code?: string
}

export type SignInResult =
  | { ok: true; identity: Identity; returnTo: string }
  | { ok: false; refusal: Refusal }

export interface SignIn {
  /** Gives the address at the provider to which this browser is to go. */
  begin: (browser: string, options: SignInOptions) => Promise<string>
  /** @throws ProviderUnavailable when the failure is the provider's */
  finish: (browser: string | undefined, querystring: string) => Promise<SignInResult>
}

export interface SignInDeps {
  settings: Settings
  discover: Discover
  now: () => number
}

export function createSignIn({ settings, discover, now }: SignInDeps): SignIn {
  const pendingSignIns = createPendingSignIns(now)
  const redirectUri = `${settings.baseUrl}/callback`

  async function begin(browser: string, options: SignInOptions): Promise<string> {
    const { configuration } = await discover()
    const state = oidc.randomState()
    const nonce = oidc.randomNonce()
    const codeVerifier = oidc.randomPKCECodeVerifier()
    const returnTo = options.returnTo ?? `${settings.baseUrl}/`
    const stepUp = options.toConfirm && stepUpOf(options.toConfirm, now())
    pendingSignIns.keep(state, { browser, nonce, codeVerifier, startedAt: now(), returnTo, stepUp })

    const address = oidc.buildAuthorizationUrl(configuration, {
      redirect_uri: redirectUri,
      scope: SCOPE,
      state,
      nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      ...(options.language && { ui_locales: options.language }),
      ...(options.loginHint && { login_hint: options.loginHint }),
      ...(stepUp && STEP_UP_PARAMETERS),
    })
    return address.href
  }

  async function finish(browser: string | undefined, querystring: string): Promise<SignInResult> {
    const callback = new URL(`${redirectUri}?${querystring}`) // ours, whatever the Host header says
    const state = callback.searchParams.get('state') ?? ''
    const pending = pendingSignIns.take(state, browser)
    if (pending === undefined) return refused('sign-in-unknown')

    try {
      const { configuration } = await discover()
      const tokens = await oidc.authorizationCodeGrant(configuration, callback, {
        expectedState: state,
        expectedNonce: pending.nonce,
        pkceCodeVerifier: pending.codeVerifier,
        idTokenExpected: true,
      })
      const { id_token: idToken } = tokens
      const claims = tokens.claims()
      if (idToken === undefined || claims === undefined) return refused('refused', 'no_id_token')

      const problem = pending.stepUp && stepUpProblem(pending.stepUp, claims)
      if (problem) return refused(problem)

      const userInfo = await oidc.fetchUserInfo(configuration, tokens.access_token, claims.sub)
      const identity = { idToken, claims, userInfo, isConfirmed: pending.stepUp !== undefined }
      return { ok: true, identity, returnTo: pending.returnTo }
    } catch (error) {
      if (isProviderFault(error)) throw new ProviderUnavailable('a sign-in was not completed', error)
      return refused('refused', codeOf(error))
    }
  }

  return { begin, finish }
}

function refused(reason: Refusal['reason'], code?: string): SignInResult {
  return { ok: false, refusal: { reason, ...(code && { code }) } }
}

/** @throws what is no refusal but a bug */
function codeOf(error: unknown): string {
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError)
    return error.error
  if (error instanceof oidc.ClientError) return 'invalid_response'
  throw error
}
