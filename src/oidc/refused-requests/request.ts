// What a refused request asked for, as far as it helps whoever must mend it. Everything in it comes from
// strangers: it is cut to length, and no secret, code or token is in it.

import type { errors, KoaContextWithOIDC } from 'oidc-provider'
import { fitting, withoutSecretsOf } from './redaction.js'

/** How the request said who sends it. */
type Authentication = 'client_secret_basic' | 'client_secret_post' | 'private_key_jwt' | 'none'

export type Evidence = {
  redirectUri?: string
  postLogoutRedirectUri?: string
  scope?: string
  responseType?: string
  grantType?: string
  resource?: string
  authentication?: Authentication
  /** Of the code or refresh token that was turned in. */
  ageSeconds?: number
  isUsed?: boolean
  /** Which of its bonds the request does not fulfil. */
  mismatch?: ('client' | 'redirect_uri' | 'code_verifier')[]
  /** What it was given to. */
  boundClient?: string
  boundRedirectUri?: string
  /** The client id that was sent has the form of a secret, and is not kept. */
  isIdLikeSecret?: boolean
}

export type RefusedRequest = {
  endpoint: string
  clientId: string | null
  error: string
  description: string | null
  detail: string | null
  evidence: Evidence
}

const LONGEST = { clientId: 128, error: 64, address: 500, text: 300 }

/** Endpoints where a client authenticates. */
const AUTHENTICATES = new Set(['token', 'introspection', 'revocation', 'pushed_authorization_request'])
/** A secret that was made here: whoever swaps two settings sends it as the id. */
const LIKE_SECRET = /^[\w-]{43}$/

/** A parameter as it was sent, wherever it stood; of several the first. */
export function sentParameter(ctx: KoaContextWithOIDC, name: string): string | undefined {
  const found = [ctx.oidc.params?.[name], ctx.oidc.body?.[name], ctx.query[name]].flat()
  return found.find((value): value is string => typeof value === 'string' && value !== '')
}

export function refusedRequest(ctx: KoaContextWithOIDC, refusal: errors.OIDCProviderError): RefusedRequest {
  const clean = withoutSecretsOf(ctx)
  const sent = (name: string, longest = LONGEST.text) => fitting(clean(sentParameter(ctx, name)), longest)
  const endpoint = ctx.oidc.route
  const clientId = ctx.oidc.client?.clientId ?? sentClientId(ctx)
  const isIdLikeSecret = ctx.oidc.client === undefined && clientId !== undefined && LIKE_SECRET.test(clientId)
  const refusedScope = 'scope' in refusal ? fitting(clean(String(refusal.scope)), LONGEST.text) : undefined
  const evidence = {
    redirectUri: sent('redirect_uri', LONGEST.address),
    postLogoutRedirectUri: sent('post_logout_redirect_uri', LONGEST.address),
    scope: refusedScope ?? sent('scope'),
    responseType: sent('response_type'),
    grantType: endpoint === 'token' ? sent('grant_type') : undefined,
    resource: sent('resource'),
    authentication: AUTHENTICATES.has(endpoint) ? authenticationOf(ctx) : undefined,
    isIdLikeSecret: isIdLikeSecret || undefined,
  }
  return {
    endpoint,
    clientId: isIdLikeSecret ? null : (fitting(clientId, LONGEST.clientId) ?? null),
    error: fitting(refusal.error, LONGEST.error) ?? 'unknown',
    description: fitting(clean(refusal.error_description), LONGEST.address) ?? null,
    detail: fitting(clean(refusal.error_detail), LONGEST.address) ?? null,
    evidence: Object.fromEntries(Object.entries(evidence).filter(([, value]) => value !== undefined)),
  }
}

function authenticationOf(ctx: KoaContextWithOIDC): Authentication {
  if (sentParameter(ctx, 'client_assertion') !== undefined) return 'private_key_jwt'
  if (sentParameter(ctx, 'client_secret') !== undefined) return 'client_secret_post'
  return ctx.get('Authorization') === '' ? 'none' : 'client_secret_basic'
}

function sentClientId(ctx: KoaContextWithOIDC): string | undefined {
  const { AccessToken: token, IdTokenHint: hint } = ctx.oidc.entities
  const audience = hint?.payload['aud']
  return (
    sentParameter(ctx, 'client_id') ??
    basicUser(ctx.get('Authorization')) ??
    subjectOf(sentParameter(ctx, 'client_assertion')) ??
    token?.clientId ??
    (typeof audience === 'string' ? audience : undefined)
  )
}

function basicUser(authorization: string): string | undefined {
  const [, encoded] = /^basic ([\w+/=-]+)$/i.exec(authorization) ?? []
  if (encoded === undefined) return undefined
  const [user = ''] = Buffer.from(encoded, 'base64').toString().split(':')
  try {
    return decodeURIComponent(user.replaceAll('+', ' '))
  } catch {
    return user
  }
}

/** Unverified: it says who claims to send it. */
function subjectOf(assertion: string | undefined): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(assertion?.split('.')[1] ?? '', 'base64url').toString())
    const { sub } = claims as { sub?: unknown }
    return typeof sub === 'string' ? sub : undefined
  } catch {
    return undefined
  }
}
