// Signing out is the library's work; the audit log must hear of it before the answer leaves.

import type { KoaContextWithOIDC } from 'oidc-provider'

type State = { state: Record<string, unknown> }

const KEPT = 'signedOutAccountId'

/** Called when the library has finished a sign-out request, confirmed or not. */
export function noteSignOut({ oidc, state }: Pick<KoaContextWithOIDC, 'oidc'> & State): void {
  if (oidc.params?.['logout'] !== undefined) state[KEPT] = oidc.session?.accountId
}

/** Whose session this request has ended, if it has. */
export function signedOutAccountId({ state }: State): string | undefined {
  return typeof state[KEPT] === 'string' ? state[KEPT] : undefined
}
