// Which claims a scope stands for: one table, which the documentation repeats. Pure.

/** How an application may want its people's groups called. */
export const GROUP_CLAIMS = ['groups', 'roles'] as const

export const CLAIMS_BY_SCOPE = {
  // Without these here, acr, amr and auth_time would reach the ID token only when asked for by name.
  openid: ['sub', 'acr', 'amr', 'auth_time'],
  profile: ['name', 'given_name', 'family_name', 'locale', 'zoneinfo', 'preferred_username', 'updated_at'],
  email: ['email', 'email_verified'],
  phone: ['phone_number', 'phone_number_verified'],
  address: ['address'],
  cip: ['cip'],
  groups: [...GROUP_CLAIMS],
}

/** The scopes that a client's record may name. */
export const CLAIMED_SCOPES = [...new Set(['openid', 'offline_access', ...Object.keys(CLAIMS_BY_SCOPE)])]

/** All that these scopes give together; what else stands among them (offline_access) gives none. */
export const claimsOfScopes = (scopes: Iterable<string>): Set<string> => {
  const known = new Map<string, readonly string[]>(Object.entries(CLAIMS_BY_SCOPE))
  return new Set([...scopes].flatMap((scope) => known.get(scope) ?? []))
}
