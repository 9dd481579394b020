// What a relying party's record may say. OpenID Connect's own members are checked by the library's schema;
// here stand those of ours, our defaults, and what we refuse although the specification allows
// it. Pure.

import { z } from 'zod'

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Members of a client record that OpenID Connect does not know. */
export const OWN_METADATA = [
  'pkce',
  'sign_in_every_time',
  'consent',
  'allowed_origins',
  'apis',
  'resource_server',
  'client_assertion_audience',
  'client_name#en',
  'client_name#fr-CA',
  'logo_uri#en',
  'logo_uri#fr-CA',
]

/** How a relying party may authenticate at the token endpoint. */
export const CLIENT_AUTH_METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'none',
] as const

/**
 * Whom its assertions may be meant for; the issuer unless the record says otherwise (client-assertion.ts).
 */
const ASSERTION_AUDIENCES = ['issuer', 'token_endpoint'] as const

export const GRANT_TYPES = ['authorization_code', 'refresh_token', 'client_credentials'] as const

/**
 * What tokens may be signed with; the first is the default. Ed25519 is the newer name of the same (RFC 9864):
 * libraries use either.
 */
export const SIGNING_ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const

export const CLIENT_ID = /^[A-Za-z0-9._~-]{1,128}$/

const address = z.string().refine((value) => {
  const url = URL.parse(value)
  return (
    url !== null &&
    url.hash === '' &&
    url.username === '' &&
    (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname)))
  )
}, 'must be https (http for loopback only), without fragment or user name')

const webOrigin = z.string().refine((value) => {
  const url = URL.parse(value)
  return url !== null && url.origin === value && /^https?:$/.test(url.protocol)
}, 'must be a web origin such as https://paie.exemple.ca')

const name = z.string().min(1).max(100)

const record = z.looseObject({
  'client_id': z.string().regex(CLIENT_ID, 'must be 1 to 128 letters, digits, . _ ~ or -'),
  'client_name': name.optional(),
  'client_name#en': name.optional(),
  'client_name#fr-CA': name.optional(),
  'redirect_uris': z.array(address).default([]),
  'post_logout_redirect_uris': z.array(address).optional(),
  'initiate_login_uri': address.optional(),
  'client_uri': address.optional(),
  'backchannel_logout_uri': address.optional(),
  'backchannel_logout_session_required': z.boolean().optional(),
  'grant_types': z.array(z.enum(GRANT_TYPES)).default(['authorization_code']),
  'response_types': z.array(z.string()).optional(),
  'token_endpoint_auth_method': z.enum(CLIENT_AUTH_METHODS).default('client_secret_basic'),
  'client_assertion_audience': z.enum(ASSERTION_AUDIENCES).optional(),
  'id_token_signed_response_alg': z.enum(SIGNING_ALGORITHMS).default('RS256'),
  'scope': z.string().default('openid profile email cip'),
  'pkce': z.enum(['required', 'optional']).default('required'),
  /** `ask`: a third party, for whom the person is asked. */
  'consent': z.enum(['skip', 'ask']).default('skip'),
  'sign_in_every_time': z.boolean().default(false),
  'allowed_origins': z.array(webOrigin).optional(),
  /** The APIs it may ask tokens for, by resource indicator, and the scopes of each. */
  'apis': z.record(z.string(), z.array(z.string()).min(1)).optional(),
  /** The API that this client is, by resource indicator: it introspects the tokens meant for it. */
  'resource_server': z.string().optional(),
})

// What the members must be to one another: said here, when the client is made, rather than at somebody's
// first sign-in.
export const clientMetadata = record
  .superRefine((client, context) => {
    const fault = (member: string, message: string) =>
      context.addIssue({ code: 'custom', path: [member], message })
    const { token_endpoint_auth_method: authMethod } = client
    if (client.grant_types.length === 0 && client.resource_server === undefined)
      fault('grant_types', 'must name at least one, unless the client is an API (resource_server)')
    if (client.resource_server !== undefined && authMethod === 'none')
      fault('resource_server', 'needs a client that authenticates')
    if (client.grant_types.includes('authorization_code') && client.redirect_uris.length === 0)
      fault('redirect_uris', 'must name at least one address')
    if (client.grant_types.includes('client_credentials') && authMethod === 'none')
      fault('grant_types', 'client_credentials needs a client that authenticates')
    if (client.pkce === 'optional' && authMethod === 'none')
      fault('pkce', 'must be required of a public client (RFC 9700 §2.1.1)')
    if (authMethod === 'private_key_jwt' && !('jwks' in client) && !('jwks_uri' in client))
      fault('token_endpoint_auth_method', 'private_key_jwt needs jwks or jwks_uri')
    if (client['require_signed_request_object'] === true && !('jwks' in client) && !('jwks_uri' in client))
      fault('require_signed_request_object', 'needs jwks or jwks_uri')
    if (client.client_assertion_audience !== undefined && authMethod !== 'private_key_jwt')
      fault('client_assertion_audience', 'goes with private_key_jwt only')
    if ('client_secret' in client) fault('client_secret', 'is made here and cannot be given')
  })
  .transform((client) => ({
    ...client,
    // An application that is told of sign-outs can tell by `sid` which of a person's sessions has ended.
    ...(client.backchannel_logout_uri !== undefined && {
      backchannel_logout_session_required: client.backchannel_logout_session_required ?? true,
    }),
    response_types:
      client.response_types ?? (client.grant_types.includes('authorization_code') ? ['code'] : []),
  }))

export type ClientMetadata = z.infer<typeof clientMetadata>

/**
 * The record as the library takes it. It never uses `initiate_login_uri`, but insists on https, which a
 * loopback application has not; that address is checked here and used by our pages alone.
 */
export function forLibrary(metadata: ClientMetadata): Record<string, unknown> {
  const { initiate_login_uri: _ours, ...rest } = metadata
  return rest
}

export const faultLine = (error: z.ZodError): string =>
  error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')

/** The names of the members that differ, in order. */
export function differences(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const members = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...members]
    .filter((member) => JSON.stringify(before[member]) !== JSON.stringify(after[member]))
    .sort()
}
