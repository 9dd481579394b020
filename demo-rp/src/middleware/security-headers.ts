// The headers that every answer carries, problems included. A page loads our style sheet and our picture.

import type { Settings } from '../config.js'
import type { Middleware } from '../context.js'

export function securityHeaders({ issuerUrl }: Settings): Middleware {
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self'",
    // Two forms post to us and are redirected to the provider: Chromium applies this to the whole chain.
    `form-action 'self' ${new URL(issuerUrl).origin}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

  return async (ctx, next) => {
    ctx.set({
      'Cache-Control': 'no-store',
      'Content-Security-Policy': policy,
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Referrer-Policy': 'same-origin',
      'X-Content-Type-Options': 'nosniff',
    })
    await next()
  }
}
