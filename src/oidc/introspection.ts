// Introspection (RFC 7662): an application asks about its own tokens, an API about those that are meant for
// it. Of all others both learn that they are not active, and no more. The library answers for opaque tokens
// and refuses to look at JWTs, so those are answered here, once it has authenticated who asks.

import type { Middleware } from 'koa'
import { createLocalJWKSet, jwtVerify, type JWK, type JWTPayload } from 'jose'
import type { Client, JWKS, KoaContextWithOIDC } from 'oidc-provider'
import { refusedJwt } from './library/structured-tokens.js'

const AS_JWT = 'application/token-introspection+jwt'
const INACTIVE = { active: false }

/** False for an account that is gone or disabled, or whose sessions were ended since. */
export type IsSignInAlive = (accountId: string, authTime: number) => Promise<boolean>

type Dependencies = { jwks: JWKS; issuer: string; isSignInAlive: IsSignInAlive; now: () => number }
type Token = { clientId?: unknown; aud?: unknown }

/** `resource_server` in the record names the API that this client is. Pure. */
export const mayIntrospect = (client: Client, { clientId, aud }: Token): boolean =>
  client.clientAuthMethod !== 'none' &&
  (clientId === client.clientId || (typeof aud === 'string' && aud === client['resource_server']))

export function introspectJwts({ jwks, issuer, isSignInAlive, now }: Dependencies): Middleware {
  const keys = createLocalJWKSet({ keys: jwks.keys.map(publicPart) })

  async function read(token: string): Promise<JWTPayload | undefined> {
    try {
      const options = { issuer, typ: 'at+jwt', currentDate: new Date(now()), requiredClaims: ['exp', 'aud'] }
      return (await jwtVerify(token, keys, options)).payload
    } catch {
      return undefined // whatever is wrong with it, it is not active
    }
  }

  /** What the library looks at for an opaque token. A pairwise `sub` names no account, so nobody is asked. */
  async function isAlive(ctx: KoaContextWithOIDC, token: JWTPayload): Promise<boolean> {
    const { client_id: clientId, sub, iat = 0, auth_time: authTime } = token
    const client = await ctx.oidc.provider.Client.find(String(clientId))
    if (client === undefined) return false
    if (sub === undefined || sub === clientId || client.subjectType === 'pairwise') return true
    return isSignInAlive(sub, typeof authTime === 'number' ? authTime : iat)
  }

  return async (context, next) => {
    await next()
    const refused = refusedJwt(context)
    if (refused === undefined) return
    const { ctx, client } = refused
    const token = await read(refused.token)
    const { client_id: clientId, aud } = token ?? {}
    const isActive =
      token !== undefined && mayIntrospect(client, { clientId, aud }) && (await isAlive(ctx, token))
    await answer(ctx, client, isActive ? { ...token, active: true, token_type: 'Bearer' } : INACTIVE)
  }
}

/** JSON, or signed for whoever asks so (RFC 9701), as the library does it. */
async function answer(ctx: KoaContextWithOIDC, client: Client, body: object): Promise<void> {
  ctx.status = 200
  ctx.body = body
  if (ctx.accepts('json', AS_JWT) !== AS_JWT) return
  const token = new ctx.oidc.provider.IdToken({}, { ctx, client })
  token.set('token_introspection', body)
  ctx.body = await token.issue({ use: 'introspection' })
  ctx.type = `${AS_JWT}; charset=utf-8`
}

function publicPart({ kty, kid, use, crv, n, e, x, y }: JWKS['keys'][number]): JWK {
  const members = Object.entries({ kty, kid, use, crv, n, e, x, y })
  return Object.fromEntries(members.filter(([, value]) => value !== undefined)) as JWK
}
