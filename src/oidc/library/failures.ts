// The library answers its own failures with 500. While the database is away the person shall read so, and
// when to try again, as everywhere else: such a failure is kept here and thrown once the library has
// finished.

import type { Context, Middleware } from 'koa'
import { isTemporary } from '../../http/error-page.js'

const KEPT = 'databaseFailure'

/**
 * Called when the library reports a failure. True when it will be thrown by the middleware below, and needs
 * no log line.
 */
export function keepFailure(ctx: Pick<Context, 'state'>, failure: unknown): boolean {
  if (!isTemporary(failure)) return false
  ctx.state[KEPT] = failure
  return true
}

/** Around the provider. */
export function keptFailures(): Middleware {
  return async (ctx, next) => {
    await next()
    if (ctx.state[KEPT] !== undefined) throw ctx.state[KEPT] as Error
  }
}
