// Step-up: whoever is signed in gives both factors once more before a delicate operation. `max_age` and
// `acr_values` are only wishes until the ID token has been looked at (OpenID Connect Core §3.1.3.7, points 12
// and 13). Pure.

import type { IDToken } from 'openid-client'
import { CLOCK_DIFFERENCE_SECONDS } from './provider.js'

export const MFA_ACR = 'https://refeds.org/profile/mfa'

/** What the authorization request says of it. */
export const STEP_UP_PARAMETERS = { prompt: 'login', max_age: '0', acr_values: MFA_ACR }

export interface StepUp {
  /** who must confirm */
  sub: string
  /** when their identity must have been verified at the earliest, in seconds by the provider's clock */
  notBefore: number
}

/** The person whom these claims name, after this moment. */
export function stepUpOf({ sub, auth_time }: IDToken, now: number): StepUp {
  // Compared with the last auth_time, the provider's clock meets only itself; without one, our clock must do.
  const notBefore =
    auth_time === undefined ? Math.floor(now / 1000) - CLOCK_DIFFERENCE_SECONDS : auth_time + 1
  return { sub, notBefore }
}

/** Why these claims don't confirm it, if they don't. */
export function stepUpProblem(
  { sub, notBefore }: StepUp,
  claims: IDToken,
): 'other-person' | 'not-fresh' | undefined {
  if (claims.sub !== sub) return 'other-person'
  const isFresh = claims.auth_time !== undefined && claims.auth_time >= notBefore
  return isFresh && claims.acr === MFA_ACR ? undefined : 'not-fresh'
}
