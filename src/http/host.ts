// Answers under the issuer's own name only: the library builds its addresses from the request, and a foreign
// Host would poison them (discovery, sign-out).

import type { Middleware } from 'koa'
import { AppError } from '../errors.js'

const DEFAULT_PORTS: Record<string, string> = { 'http:': '80', 'https:': '443' }

/** `probes`: asked for by address, so under any name. */
export function hostCheck(issuerUrl: string, probes: ReadonlySet<string>): Middleware {
  const issuer = new URL(issuerUrl)
  const withPort = `${issuer.hostname}:${issuer.port === '' ? DEFAULT_PORTS[issuer.protocol] : issuer.port}`
  const allowed = new Set([issuer.host, withPort])
  return async (ctx, next) => {
    const hosts = ctx.req.headersDistinct.host ?? []
    // What a proxy of ours says of the scheme ends up in the same addresses.
    const isOurScheme = !ctx.app.proxy || `${ctx.protocol}:` === issuer.protocol
    const isOurs =
      isOurScheme &&
      hosts.length === 1 &&
      allowed.has(String(hosts[0]).toLowerCase()) &&
      allowed.has(ctx.host.toLowerCase())
    // An absolute request line (RFC 9112 §3.2.2) would overrule the Host header further down.
    if (!probes.has(ctx.path) && (!isOurs || !ctx.req.url?.startsWith('/'))) {
      throw new AppError('misdirected-request', 421, 'this host is not served here')
    }
    await next()
  }
}
