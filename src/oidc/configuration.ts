// What of OpenID Connect and OAuth this provider speaks: the same for the running provider and for checking a
// client record.

import { errors, type Configuration } from 'oidc-provider'
import { LOCALES } from '../i18n.js'
import { FULL_SIGN_IN } from '../second-factors/authentication-context.js'
import { CLAIMED_SCOPES, CLAIMS_BY_SCOPE } from './claims-by-scope.js'
import { checkAssertionAudience } from './client-assertion.js'
import { CLIENT_AUTH_METHODS, OWN_METADATA, SIGNING_ALGORITHMS } from './client-metadata.js'
import { mayIntrospect } from './introspection.js'
import { REQUEST_CHECK } from './request-limits.js'

const algorithms = [...SIGNING_ALGORITHMS]

export const BASE_CONFIGURATION = {
  // What the library does not say of itself.
  discovery: {
    ui_locales_supported: LOCALES,
    prompt_values_supported: ['none', 'login', 'consent', 'select_account'],
    introspection_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS.filter((method) => method !== 'none'),
    revocation_endpoint_auth_methods_supported: CLIENT_AUTH_METHODS,
  },
  acrValues: [FULL_SIGN_IN.acr],
  claims: CLAIMS_BY_SCOPE,
  scopes: CLAIMED_SCOPES,
  extraParams: REQUEST_CHECK,
  // OpenID Connect Core §3.1.2.1: always there, even when a client has one alone.
  allowOmittingSingleRegisteredRedirectUri: false,
  responseTypes: ['code'],
  subjectTypes: ['public', 'pairwise'],
  clientAuthMethods: [...CLIENT_AUTH_METHODS],
  assertJwtClientAuthClaimsAndHeader: checkAssertionAudience,
  extraClientMetadata: { properties: OWN_METADATA },
  clientDefaults: {
    id_token_signed_response_alg: 'RS256',
    grant_types: ['authorization_code'],
    response_types: ['code'],
  },
  enabledJWA: {
    idTokenSigningAlgValues: algorithms,
    userinfoSigningAlgValues: algorithms,
    clientAuthSigningAlgValues: algorithms,
    requestObjectSigningAlgValues: algorithms,
    introspectionSigningAlgValues: algorithms,
  },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    clientCredentials: { enabled: true },
    dPoP: { enabled: false },
    introspection: { enabled: true, allowedPolicy: (_ctx, client, token) => mayIntrospect(client, token) },
    jwtIntrospection: { enabled: true },
    jwtUserinfo: { enabled: true },
    pushedAuthorizationRequests: { enabled: true },
    requestObjects: { enabled: true },
    revocation: {
      enabled: true,
      allowedPolicy(_ctx, client, token) {
        if (token.clientId !== client.clientId)
          throw new errors.InvalidRequest('the token is not one of this client')
        return true
      },
    },
    userinfo: { enabled: true },
  },
} satisfies Configuration
