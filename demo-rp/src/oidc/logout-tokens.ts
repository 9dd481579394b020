// By a logout token the provider says that a session is over (Back-Channel Logout 1.0 §2.4). It is believed
// only when all of §2.6 holds, and only once.

import { jwtVerify, type JWTPayload } from 'jose'
import type { Settings } from '../config.js'
import { CLOCK_DIFFERENCE_SECONDS, type Discover } from './provider.js'

const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const MAX_AGE_SECONDS = 120
/** Signed by a private key of the provider; never by a secret that two know (HS256). */
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']

/** Whose sessions are over: those of the provider's session `sid`, or all those of the person `sub`. */
export interface LogoutSubject {
  sid?: string
  sub?: string
}

export type LogoutTokenResult = { ok: true; subject: LogoutSubject } | { ok: false; problem: string }

export interface LogoutTokens {
  /** `token` is null when none was sent. */
  verify: (token: string | null) => Promise<LogoutTokenResult>
}

export interface LogoutTokensDeps {
  settings: Settings
  discover: Discover
  now: () => number
}

export function createLogoutTokens({ settings, discover, now }: LogoutTokensDeps): LogoutTokens {
  const seenUntil = new Map<string, number>()

  async function verify(token: string | null): Promise<LogoutTokenResult> {
    if (token === null) return { ok: false, problem: 'logout_token is missing' }
    try {
      const { configuration, keys } = await discover()
      const { payload } = await jwtVerify(token, keys, {
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
      return problem === undefined ? { ok: true, subject: subjectOf(payload) } : { ok: false, problem }
    } catch {
      // §2.8: whether the token is false or the keys cannot be fetched, the logout has failed.
      return { ok: false, problem: 'logout_token could not be verified' }
    }
  }

  /** Remembers a token for as long as its age would still be accepted. */
  function replayOf({ jti = '' }: JWTPayload): string | undefined {
    for (const [seen, until] of seenUntil) if (until < now()) seenUntil.delete(seen)
    if (seenUntil.has(jti)) return 'logout_token was used before'
    seenUntil.set(jti, now() + (MAX_AGE_SECONDS + 2 * CLOCK_DIFFERENCE_SECONDS) * 1000)
    return undefined
  }

  return { verify }
}

function problemOf(payload: JWTPayload): string | undefined {
  if ('nonce' in payload) return 'logout_token must not carry a nonce'
  const { events } = payload
  const event: unknown = isObject(events) ? events[LOGOUT_EVENT] : undefined
  if (!isObject(event)) return 'logout_token lacks the logout event'
  const { sid, sub } = subjectOf(payload)
  return sid === undefined && sub === undefined ? 'logout_token names neither sid nor sub' : undefined
}

function subjectOf({ sid, sub }: JWTPayload): LogoutSubject {
  return { ...(typeof sid === 'string' && { sid }), ...(typeof sub === 'string' && { sub }) }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
