// The headers that every response carries, the library's and the errors' included. Set before anything else
// answers, so that the library finds a `script-src` to add its hashes to.

import type { Middleware } from 'koa'

const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "base-uri 'none'",
]

const YEAR_SECONDS = 365 * 24 * 3600

type Dependencies = {
  isHttps: boolean
  /**
   * Whether a form at this address ends at another site. Chromium applies `form-action` to the whole chain of
   * redirects after a post: there it would stop the way back to the application.
   */
  leadsAway: (path: string) => boolean
}

export function securityHeaders({ isHttps, leadsAway }: Dependencies): Middleware {
  return async (ctx, next) => {
    ctx.set({
      'Content-Security-Policy': [...CSP, ...(leadsAway(ctx.path) ? [] : ["form-action 'self'"])].join('; '),
      'X-Frame-Options': 'DENY',
      'X-Content-Type-Options': 'nosniff',
      // `no-referrer` would make Chromium send `Origin: null` with our own forms.
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
      'Cache-Control': 'no-store',
      ...(isHttps ? { 'Strict-Transport-Security': `max-age=${2 * YEAR_SECONDS}; includeSubDomains` } : {}),
    })
    await next()
  }
}
