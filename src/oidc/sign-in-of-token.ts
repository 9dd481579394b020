// Which sign-in a code or token rests on. Tokens that are saved by a request under way, after the person's
// sessions were ended, look like all others; the time of their sign-in gives them away.

import type { FindAccount, KoaContextWithOIDC, UnknownObject } from 'oidc-provider'

type Token = NonNullable<Parameters<FindAccount>[2]>

/** Seconds. An access token that an older version of this program has issued says only when that was. */
export function signInTimeOf(token: Token): number {
  if ('authTime' in token && typeof token.authTime === 'number') return token.authTime
  const { extra, iat = 0 } = token as { extra?: UnknownObject; iat?: number }
  const authTime = extra?.['auth_time']
  return typeof authTime === 'number' ? authTime : iat
}

/** What an access token says of it (RFC 9068 §2.2.1, RFC 9470 §6); nothing, when no person has signed in. */
export function signInClaims({ oidc: { entities } }: KoaContextWithOIDC): UnknownObject | undefined {
  const authTime = (entities.AuthorizationCode ?? entities.RefreshToken)?.authTime
  return authTime === undefined ? undefined : { auth_time: authTime }
}
