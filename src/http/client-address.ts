// The address a request comes from: the right-most hop that is not one of our own proxies.

import { isIP } from 'node:net'
import type { Context } from 'koa'

/**
 * With `app.proxy` and `maxIpsCount` set, `ctx.ip` is that hop; text that is no address falls back to the
 * socket's.
 */
export function clientAddressOf(ctx: Context): string {
  const address = isIP(ctx.ip) === 0 ? (ctx.req.socket.remoteAddress ?? 'unknown') : ctx.ip
  // A zone (RFC 4007 §11) is this machine's business
  return address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '')
}
