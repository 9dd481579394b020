// A refused request in words, for whoever must mend it: what was wrong with it, and what the client's record
// says. The rules are tried in order. Pure.

import type { ClientMetadata } from '../client-metadata.js'
import { addressDifference } from './address-difference.js'
import type { RefusedRequest } from './request.js'

/** Undefined: no such client is registered now. */
type Registered = Partial<ClientMetadata> | undefined
/** Words for what it recognises, undefined for the rest. */
type Rule = (refused: RefusedRequest, client: Registered) => string | undefined

const CODE_SECONDS = 60

const NAMES: Record<string, string> = {
  client_secret_basic: 'its secret in the Authorization header (client_secret_basic)',
  client_secret_post: 'its secret in the form (client_secret_post)',
  private_key_jwt: 'an assertion (private_key_jwt)',
  none: 'nothing',
}

/** What the library's own words say, in ours. */
const SAID: Record<string, string> = {
  'access token not found':
    'the access token is unknown: it has run out (after five minutes), was revoked, or its session has ended',
  'authorization request has expired': 'the sign-in was over: the person took too long, or went Back',
  'interaction session not found': 'the sign-in was over: the person took too long, or went Back',
  'could not find logout details': 'the page of the sign-out was too old: the person went Back to it',
  'client assertion tokens must only be used once':
    'the client assertion was used already: make one a request',
  'grant not found': 'what the person had granted has ended: they signed out, or it was revoked',
  'request_uri is invalid, expired, or was already used':
    'the request_uri has run out (it lives a minute), was used already, or was never given',
  'token audience prevents accessing the userinfo endpoint':
    'the access token is for an API (resource): userinfo takes those without one',
}

const RULES: readonly Rule[] = [
  ({ evidence }) =>
    evidence.isIdLikeSecret === true
      ? 'what was sent as client_id has the form of a secret and is not kept: are the two settings swapped?'
      : undefined,

  ({ detail, clientId }) =>
    detail === 'client not found' ? `no client is registered as "${clientId ?? ''}"` : undefined,

  ({ error, description, evidence: { redirectUri } }, client) =>
    redirectUri !== undefined &&
    (error === 'invalid_redirect_uri' || description?.startsWith('redirect_uri did not match') === true)
      ? addressDifference('redirect URI', redirectUri, client?.redirect_uris ?? [])
      : undefined,

  ({ description, evidence: { postLogoutRedirectUri: address } }, client) =>
    description === 'post_logout_redirect_uri not registered' && address !== undefined
      ? addressDifference('post-logout redirect URI', address, client?.post_logout_redirect_uris ?? [])
      : undefined,

  ({ detail, evidence: { authentication = 'none' } }) =>
    detail === 'invalid secret provided'
      ? `the client sent a wrong secret (${authentication}): \`client rotate-secret\` makes a new one`
      : undefined,

  ({ detail, evidence: { authentication = 'none' } }, client) =>
    detail?.startsWith('the provided authentication mechanism does not match') === true
      ? `the client sent ${NAMES[authentication] ?? authentication}; its record says ${
          client?.token_endpoint_auth_method ?? 'another method'
        }`
      : undefined,

  (refused) => (isTurnedIn(refused) ? turnedInWords(refused) : undefined),

  ({ error, evidence: { scope } }, client) =>
    error === 'invalid_scope' && scope !== undefined
      ? `scope "${scope}" is not allowed: its record says "${client?.scope ?? ''}"`
      : undefined,

  ({ error, description, evidence: { grantType = '' } }, client) =>
    error === 'unsupported_grant_type' ||
    description === 'requested grant type is not allowed for this client'
      ? `grant type "${grantType}" is not allowed: its record says ${client?.grant_types?.join(' ') ?? ''}`
      : undefined,

  ({ error, description, evidence: { responseType } }) =>
    error === 'unsupported_response_type' ||
    description === 'requested response_type is not allowed for this client'
      ? `response type "${responseType ?? ''}" is not spoken here: use "code"`
      : undefined,

  ({ error, evidence: { resource } }) =>
    error === 'invalid_target'
      ? `the API "${resource ?? ''}" is not registered, or its record does not name it`
      : undefined,

  ({ description }) =>
    description?.includes('PKCE') === true
      ? 'the request has no code_challenge: PKCE with S256 is required of this client'
      : undefined,

  ({ description, detail }) => SAID[detail ?? ''] ?? SAID[description ?? ''],
]

export function refusalInWords(refused: RefusedRequest, client: Registered): string {
  for (const rule of RULES) {
    const words = rule(refused, client)
    if (words !== undefined) return words
  }
  const { error, description, detail } = refused
  return [description ?? error, ...(detail === null || detail === description ? [] : [detail])].join(': ')
}

const isTurnedIn = ({ error, endpoint, evidence: { grantType } }: RefusedRequest): boolean =>
  error === 'invalid_grant' &&
  endpoint === 'token' &&
  (grantType === 'authorization_code' || grantType === 'refresh_token')

function turnedInWords({ detail, evidence }: RefusedRequest): string {
  const what = evidence.grantType === 'refresh_token' ? 'refresh token' : 'code'
  const { ageSeconds, mismatch = [], boundClient, boundRedirectUri, redirectUri } = evidence
  if (detail === 'already used' || evidence.isUsed === true)
    return `the ${what} was used already: all that it gave has ended`
  if (ageSeconds === undefined)
    return `the ${what} is unknown: it was never given, was used already, or has long run out`
  if (mismatch.includes('client')) return `the ${what} was given to another client (${boundClient ?? ''})`
  if (what === 'code' && ageSeconds >= CODE_SECONDS)
    return `the code was ${ageSeconds} s old: it lives ${CODE_SECONDS} s`
  if (mismatch.includes('code_verifier'))
    return detail === 'code_verifier must be provided'
      ? 'there is no PKCE verifier (code_verifier), and the code has a challenge'
      : 'PKCE verifier does not match the challenge'
  if (mismatch.includes('redirect_uri'))
    return addressDifference('redirect URI', redirectUri ?? '', [boundRedirectUri ?? ''])
  return SAID[detail ?? ''] ?? `the ${what} has ended${detail === null ? '' : `: ${detail}`}`
}
