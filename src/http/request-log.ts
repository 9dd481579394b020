// Gives each request an id and writes one line when it ends. Paths only: queries and forms can hold what no log may.

import { randomBytes } from 'node:crypto'
import type { Middleware } from 'koa'
import type { Logger } from 'pino'
import { sourceOf } from './source.js'

const QUIET = new Set(['/healthz', '/readyz', '/metrics'])

export function requestLog(log: Logger): Middleware {
  return async (ctx, next) => {
    const startedAt = performance.now()
    ctx.state['requestId'] = randomBytes(6).toString('hex')
    ctx.set('X-Request-Id', String(ctx.state['requestId']))
    try {
      await next()
    } finally {
      const line = {
        requestId: ctx.state['requestId'],
        method: ctx.method,
        path: withoutIds(ctx.path),
        status: ctx.status,
        milliseconds: Math.round(performance.now() - startedAt),
        source: sourceOf(ctx),
      }
      if (QUIET.has(ctx.path)) log.debug(line, 'request')
      else log.info(line, 'request')
    }
  }
}

/** An interaction's uid is half of what its cookie proves: it stays out of the log. */
function withoutIds(path: string): string {
  return path.slice(0, 200).replace(/^(\/interaction|\/auth)\/[^/]+/, '$1/:uid')
}
