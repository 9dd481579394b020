// The library refuses to introspect JWTs: it authenticates who asks, and then answers
// `unsupported_token_type`. Which request ended so is read here from what it leaves behind.

import type { Context } from 'koa'
import type { Client, KoaContextWithOIDC } from 'oidc-provider'

export type RefusedJwt = { ctx: KoaContextWithOIDC; client: Client; token: string }

/** Once the library has answered; undefined for every other request. */
export function refusedJwt(context: Context): RefusedJwt | undefined {
  const ctx = context as unknown as KoaContextWithOIDC & { oidc?: KoaContextWithOIDC['oidc'] }
  if (ctx.oidc?.route !== 'introspection') return undefined
  const { error } = (ctx.body ?? {}) as { error?: string }
  const { client, params } = ctx.oidc
  return error === 'unsupported_token_type' && client !== undefined
    ? { ctx, client, token: String(params?.['token']) }
    : undefined
}
