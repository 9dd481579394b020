// What a relying party's record may say. OpenID Connect's own members are checked by the library's schema;
// here stand those of ours, our defaults, and what we refuse although the specification allows
// it. Pure.

import { z } from 'zod'
import { isGroupName } from '../accounts/groups.js'
import { CLAIMS_BY_SCOPE, claimsOfScopes, GROUP_CLAIMS } from './claims-by-scope.js'
import { ADDRESS_RULE, isAddress, PRIVATE_USE_SCHEME, redirectUriFault } from './redirect-uris.js'

/** Members of a client record that OpenID Connect does not know. */
export const OWN_METADATA = [
  'pkce',
  'sign_in_every_time',
  'consent',
  'allowed_origins',
  'apis',
  'resource_server',
  'client_assertion_audience',
  'id_token_claims',
  'groups_claim',
  'groups_filter',
  'required_groups',
  'private_use_schemes',
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

const address = z.string().refine(isAddress, ADDRESS_RULE)

const webOrigin = z.string().refine((value) => {
  const url = URL.parse(value)
  return url !== null && url.origin === value && /^https?:\/\/[^*]+$/.test(value)
}, 'must be a web origin such as https://paie.exemple.ca')

const name = z.string().min(1).max(100)

/** What may stand in an ID token by the record's wish; the rest of `openid` is there always. */
const CLAIMS = Object.entries(CLAIMS_BY_SCOPE).flatMap(([scope, claims]) =>
  scope === 'openid' ? [] : claims,
)

const groupName = z.string().refine((value) => isGroupName(value) && value === value.normalize('NFC'), {
  error: 'must be the name of a group',
})
const groupPattern = z.string().refine((value) => isGroupName(value.replace(/(?<=.)\*$/, '')), {
  error: 'must be the name of a group, or its beginning and a star',
})

const record = z.looseObject({
  'client_id': z.string().regex(CLIENT_ID, 'must be 1 to 128 letters, digits, . _ ~ or -'),
  'client_name': name.optional(),
  'client_name#en': name.optional(),
  'client_name#fr-CA': name.optional(),
  'application_type': z.enum(['web', 'native']).optional(),
  /** Schemes of a native application's own, for its redirect URIs (RFC 8252 §7.1). */
  'private_use_schemes': z
    .array(z.string().regex(PRIVATE_USE_SCHEME, 'must be a reversed host name such as ca.exemple.horaire'))
    .optional(),
  'redirect_uris': z.array(z.string()).default([]),
  'post_logout_redirect_uris': z.array(z.string()).optional(),
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
  /** Userinfo has all of them; an ID token travels through browsers, and carries what is named here alone. */
  'id_token_claims': z.array(z.enum(CLAIMS)).min(1).optional(),
  'groups_claim': z.enum(GROUP_CLAIMS).optional(),
  'groups_filter': z.array(groupPattern).min(1).optional(),
  'required_groups': z.array(groupName).min(1).optional(),
  /** The APIs it may ask tokens for, by resource indicator, and the scopes of each. */
  'apis': z.record(z.string(), z.array(z.string()).min(1)).optional(),
  /** The API that this client is, by resource indicator: it introspects the tokens meant for it. */
  'resource_server': z.string().optional(),
})

/** A record is shown and audited: no secret may stand in it (RFC 7518 §6: `d`, or `k` of a shared key). */
function holdsPrivateKey(jwks: unknown): boolean {
  const keys: unknown = (jwks as { keys?: unknown } | undefined)?.keys
  return Array.isArray(keys) && keys.some((key: object) => 'd' in key || 'k' in key)
}

type Fault = readonly [member: string, message: string, index?: number]
type Given = z.infer<typeof record>

function addressFaults(client: Given): Fault[] {
  const schemes = client.private_use_schemes ?? []
  const faults = (['redirect_uris', 'post_logout_redirect_uris'] as const).flatMap((member) =>
    (client[member] ?? []).flatMap((uri, index): Fault[] => {
      const message = redirectUriFault(uri, schemes)
      return message === undefined ? [] : [[member, message, index]]
    }),
  )
  if (schemes.length > 0 && client.application_type !== 'native')
    faults.push(['private_use_schemes', 'goes with application_type native only'])
  const hasSector =
    'sector_identifier_uri' in client || client.redirect_uris.every((uri) => uri.startsWith('https:'))
  if (client.application_type === 'native' && client['subject_type'] === 'pairwise' && !hasSector)
    faults.push(['subject_type', 'pairwise needs sector_identifier_uri here: loopback is one host for all'])
  return faults
}

function grantFaults(client: Given): Fault[] {
  const faults: Fault[] = []
  if (client.grant_types.length === 0 && client.resource_server === undefined)
    faults.push(['grant_types', 'must name at least one, unless the client is an API (resource_server)'])
  if (client.resource_server !== undefined && client.token_endpoint_auth_method === 'none')
    faults.push(['resource_server', 'needs a client that authenticates'])
  if (client.grant_types.includes('authorization_code')) {
    if (client.redirect_uris.length === 0) faults.push(['redirect_uris', 'must name at least one address'])
    if (!client.scope.split(' ').includes('openid'))
      faults.push(['scope', 'must name openid: without it nobody is signed in'])
  }
  if (client.grant_types.includes('client_credentials')) {
    if (client.token_endpoint_auth_method === 'none')
      faults.push(['grant_types', 'client_credentials needs a client that authenticates'])
    if (Object.keys(client.apis ?? {}).length === 0)
      faults.push(['apis', 'must name an API that client_credentials may ask tokens for, and its scopes'])
  }
  return faults
}

function authenticationFaults(client: Given): Fault[] {
  const faults: Fault[] = []
  const { token_endpoint_auth_method: authMethod } = client
  if (client.pkce === 'optional' && authMethod === 'none')
    faults.push(['pkce', 'must be required of a public client (RFC 9700 §2.1.1)'])
  if (authMethod === 'private_key_jwt' && !('jwks' in client) && !('jwks_uri' in client))
    faults.push(['token_endpoint_auth_method', 'private_key_jwt needs jwks or jwks_uri'])
  if (client['require_signed_request_object'] === true && !('jwks' in client) && !('jwks_uri' in client))
    faults.push(['require_signed_request_object', 'needs jwks or jwks_uri'])
  if (client.client_assertion_audience !== undefined && authMethod !== 'private_key_jwt')
    faults.push(['client_assertion_audience', 'goes with private_key_jwt only'])
  if (holdsPrivateKey(client['jwks'])) faults.push(['jwks', 'must hold public keys alone'])
  if ('client_secret' in client) faults.push(['client_secret', 'is made here and cannot be given'])
  return faults
}

function claimFaults(client: Given): Fault[] {
  const allowed = claimsOfScopes(client.scope.split(' '))
  const faults = (client.id_token_claims ?? []).flatMap((claim, index): Fault[] =>
    allowed.has(claim) ? [] : [['id_token_claims', `${claim} is in no scope of the record`, index]],
  )
  return (client.groups_claim ?? client.groups_filter) === undefined || allowed.has('groups')
    ? faults
    : [...faults, ['scope', 'must name the scope groups']]
}

// What the members must be to one another: said here, when the client is made, rather than at somebody's
// first sign-in.
export const clientMetadata = record
  .superRefine((client, context) => {
    for (const look of [addressFaults, grantFaults, authenticationFaults, claimFaults])
      for (const [member, message, index] of look(client))
        context.addIssue({ code: 'custom', path: index === undefined ? [member] : [member, index], message })
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

export const hasSecret = ({ token_endpoint_auth_method: method }: ClientMetadata): boolean =>
  method.startsWith('client_secret_')

/** One line each, with the member; who reads them counts from 1. */
export const faultsOf = (error: z.ZodError): string[] =>
  error.issues.map(({ path, message }) => {
    const place = path.map((part) => (typeof part === 'number' ? `number ${part + 1}` : String(part)))
    return `${place.join(', ')}: ${message}`
  })

export type Change = { before?: unknown; after?: unknown }

/** The members that differ, in order. */
export function differences(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, Change> {
  const members = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return Object.fromEntries(
    members
      .filter((member) => JSON.stringify(before[member]) !== JSON.stringify(after[member]))
      .map((member): [string, Change] => [member, { before: before[member], after: after[member] }]),
  )
}
