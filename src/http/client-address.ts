// The address a request comes from: the right-most hop that is not one of our own proxies.

import type { Context } from 'koa'
import { canonicalAddress } from '../networks.js'

/**
 * With `app.proxy` and `maxIpsCount` set, `ctx.ip` is that hop; text that is no address falls back to the
 * socket's.
 */
export function clientAddressOf(ctx: Context): string {
  return canonicalAddress(ctx.ip) ?? canonicalAddress(ctx.req.socket.remoteAddress ?? '') ?? 'unknown'
}
