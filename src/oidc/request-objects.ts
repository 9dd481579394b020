// Requests that an application has signed (JAR, RFC 9101), given by value. The library holds signature,
// `iss`, `aud`, `exp` and the algorithm against the client's record, and then takes the parameters from the
// object alone; here stands what it leaves open.
//
// An object may come again while it lives: whoever reloads the page or goes Back sends the same one. It gives
// nobody anything, since the answer goes to the application's own address and is bound to its `state` and
// verifier. Whoever wants a request that is good once pushes it.

import { errors, type Configuration } from 'oidc-provider'
import type { Middleware } from 'koa'
import { REQUEST_LIMITS } from './request-limits.js'

const MAX_OBJECT_SECONDS = 300

/** A JWT that was signed for something else must not pass for a request (RFC 9101 §10.8). */
const TYPES = new Set([undefined, 'JWT', 'oauth-authz-req+jwt'])

type Claims = Readonly<Record<string, unknown>>
type Features = NonNullable<Configuration['features']>
type AssertClaims = NonNullable<NonNullable<Features['requestObjects']>['assertJwtClaimsAndHeader']>

/** What is wrong, in words; undefined when it may be taken. Pure. */
function requestObjectFault(
  { exp, client_id: clientId, sub }: Claims,
  { typ }: Claims,
  nowSeconds: number,
): string | undefined {
  if (typeof exp !== 'number') return 'exp must be there'
  if (exp > nowSeconds + MAX_OBJECT_SECONDS)
    return `exp must not be more than ${MAX_OBJECT_SECONDS} seconds ahead`
  if (typeof clientId !== 'string') return 'client_id must be in it'
  if (sub === clientId) return 'sub must not be the client, or it could serve as its assertion'
  if (!TYPES.has(typeof typ === 'string' ? typ : undefined)) return 'typ must be oauth-authz-req+jwt or JWT'
  return undefined
}

export const checkRequestObject =
  (now: () => number): AssertClaims =>
  ({ oidc }, claims, header) => {
    // Checked when it was pushed; what comes here again is the library's own, or an object that it keeps.
    if (oidc.entities.PushedAuthorizationRequest !== undefined) return
    const fault =
      Buffer.byteLength(String(oidc.params?.['request'])) > REQUEST_LIMITS.request_object
        ? `it must not be longer than ${REQUEST_LIMITS.request_object} bytes`
        : requestObjectFault(claims, header, Math.floor(now() / 1000))
    if (fault !== undefined) throw new errors.InvalidRequestObject(fault)
  }

/**
 * OpenID Connect Core §6.1 lets `redirect_uri` stand in the object alone, and a fault of the object is to be
 * told there. Before the signature holds it is worth what it would be beside the object: an address of the
 * client's record or none.
 */
export const lendRedirectUri: Middleware = async (ctx, next) => {
  const { request, redirect_uri: beside } = ctx.query
  if (typeof request === 'string' && beside === undefined) {
    const inside = redirectUriIn(request)
    if (inside !== undefined) ctx.query = { ...ctx.query, redirect_uri: inside }
  }
  await next()
}

function redirectUriIn(object: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(object.split('.')[1] ?? '', 'base64url').toString())
    const { redirect_uri: address } = claims as Claims
    return typeof address === 'string' ? address : undefined
  } catch {
    return undefined // no object at all: the library says so
  }
}
