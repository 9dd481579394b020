// Signing out is the library's work, and it tells of it by an event that waits for nobody; the audit log must
// hear of it before the answer leaves.

import type { Context, Middleware } from 'koa'
import type { KoaContextWithOIDC } from 'oidc-provider'

const KEPT = 'signedOutAccountId'

/** Called when the library has finished a sign-out request, confirmed or not. */
export function noteSignOut({ oidc, state }: Pick<KoaContextWithOIDC, 'oidc' | 'state'>): void {
  if (oidc.params?.['logout'] !== undefined) Object.assign(state, { [KEPT]: oidc.session?.accountId })
}

/** Around the provider: `record` hears whose session the request has ended. */
export function recordedSignOuts(record: (accountId: string, ctx: Context) => Promise<void>): Middleware {
  return async (ctx, next) => {
    await next()
    const accountId: unknown = ctx.state[KEPT]
    if (typeof accountId === 'string') await record(accountId, ctx)
  }
}
