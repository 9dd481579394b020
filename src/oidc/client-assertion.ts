// Whom a client's assertion is meant for: this issuer, named by one string, or a server that it was also sent
// to could use it here (RFC 7523bis §4.2, FAPI 2.0 §5.3.3). The library takes any endpoint's address, and
// lists.

import { errors, type Configuration } from 'oidc-provider'

export const checkAssertionAudience: NonNullable<Configuration['assertJwtClientAuthClaimsAndHeader']> = (
  { oidc },
  { aud },
  _header,
  client,
) => {
  if (aud === oidc.issuer) return
  // For one client that cannot: its record says so. Never under a FAPI profile, which forbids it.
  if (client['client_assertion_audience'] === 'token_endpoint' && aud === oidc.urlFor('token')) return
  throw new errors.InvalidClientAuth('the audience (aud) must be the issuer, as one string')
}
