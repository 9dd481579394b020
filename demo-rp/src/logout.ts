// The two ways a session ends besides idling: the person signs out here (OpenID Connect RP-Initiated Logout 1.0), or the
// provider says the session is over (Back-Channel Logout 1.0 §2.6). A logout token is believed only when all of it holds.

import { jwtVerify, type JWTPayload } from 'jose'
import * as oidc from 'openid-client'
import type { Settings } from './config.js'
import { SESSION_COOKIE, type Cookies } from './cookies.js'
import type { Provider } from './provider.js'
import type { Sessions } from './sessions.js'
import { seeOther, type Reply, type Visit } from './visit.js'

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const MAX_AGE_SECONDS = 120
const CLOCK_DIFFERENCE_SECONDS = 30
/** Only signatures the provider alone can make: with HS256 anyone who holds the client secret could sign. */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']

export interface Logout {
  signOut: (visit: Visit) => Promise<Reply>
  backChannel: (visit: Visit) => Promise<Reply>
}

export interface LogoutDeps {
  settings: Settings
  discover: () => Promise<Provider>
  sessions: Sessions
  cookies: Cookies
  now: () => number
}

export function createLogout({ settings, discover, sessions, cookies, now }: LogoutDeps): Logout {
  const tokensSeen = new Map<string, number>()

  async function signOut({ session, cookies: sent, chosenLanguage, language }: Visit): Promise<Reply> {
    sessions.end(sent.get(SESSION_COOKIE))
    const signedOut = `${settings.baseUrl}/signed-out`
    if (session === undefined) return seeOther(signedOut, [cookies.noSession()])

    const { configuration } = await discover()
    if (configuration.serverMetadata().end_session_endpoint === undefined)
      return seeOther(signedOut, [cookies.noSession()])
    const address = oidc.buildEndSessionUrl(configuration, {
      id_token_hint: session.idToken,
      post_logout_redirect_uri: signedOut,
      state: language, // the session that knew the language is gone; the last page still has to be in it
      ...(chosenLanguage && { ui_locales: chosenLanguage }),
    })
    return seeOther(address.href, [cookies.noSession()])
  }

  async function backChannel({ form }: Visit): Promise<Reply> {
    const logoutToken = form.get('logout_token')
    if (logoutToken === null) return refused('logout_token is missing')
    try {
      const { configuration, keys } = await discover()
      const { payload } = await jwtVerify(logoutToken, keys, {
        issuer: configuration.serverMetadata().issuer,
        audience: settings.clientId,
        algorithms: ALGORITHMS,
        typ: 'logout+jwt', // so that an ID token, which the browser holds, can never pass for a logout token
        requiredClaims: ['iat', 'jti', 'events'],
        maxTokenAge: MAX_AGE_SECONDS,
        clockTolerance: CLOCK_DIFFERENCE_SECONDS,
        currentDate: new Date(now()),
      })
      const problem = problemOf(payload) ?? replayOf(payload)
      if (problem !== undefined) return refused(problem)
      sessions.endBySubject(subjectOf(payload))
      return { status: 200 }
    } catch {
      // §2.8: whether the token is false or the keys cannot be fetched, the answer to a failed logout is 400.
      return refused('logout_token could not be verified')
    }
  }

  /** Remembers a token for as long as its age would still be accepted. */
  function replayOf({ jti = '' }: JWTPayload): string | undefined {
    for (const [seen, until] of tokensSeen) if (until < now()) tokensSeen.delete(seen)
    if (tokensSeen.has(jti)) return 'logout_token was used before'
    tokensSeen.set(jti, now() + (MAX_AGE_SECONDS + 2 * CLOCK_DIFFERENCE_SECONDS) * 1000)
    return undefined
  }

  return { signOut, backChannel }
}

function problemOf(payload: JWTPayload): string | undefined {
  if ('nonce' in payload) return 'logout_token must not carry a nonce'
  const { events } = payload
  const event: unknown = isObject(events) ? events[LOGOUT_EVENT] : undefined
  if (!isObject(event)) return 'logout_token lacks the logout event'
  const { sid, sub } = subjectOf(payload)
  return sid === undefined && sub === undefined ? 'logout_token names neither sid nor sub' : undefined
}

function subjectOf({ sid, sub }: JWTPayload): { sid?: string; sub?: string } {
  return { ...(typeof sid === 'string' && { sid }), ...(typeof sub === 'string' && { sub }) }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(description: string): Reply {
  const body = JSON.stringify({ error: 'invalid_request', error_description: description })
  return { status: 400, headers: { 'content-type': 'application/json' }, body }
}
