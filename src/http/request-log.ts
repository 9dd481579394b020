// Gives each request an id and writes one line when it ends. Paths only: queries and forms can hold what no
// log may.

import { randomBytes } from 'node:crypto'
import type { Middleware } from 'koa'
import type { Logger } from 'pino'
import { stateOf } from './request-state.js'
import { clientAddressOf } from './client-address.js'

/** `probes` come every few seconds and are logged for debugging alone. `observe`: for the figures. */
export function requestLog(
  log: Logger,
  probes: ReadonlySet<string>,
  observe: (request: { path: string; method: string; status: number }, seconds: number) => void,
): Middleware {
  return async (ctx, next) => {
    const startedAt = performance.now()
    ctx.state['requestId'] = randomBytes(6).toString('hex')
    ctx.set('X-Request-Id', String(ctx.state['requestId']))
    try {
      await next()
    } finally {
      const seconds = (performance.now() - startedAt) / 1000
      observe(ctx, seconds)
      const line = {
        requestId: stateOf(ctx).requestId,
        method: ctx.method,
        path: withoutIds(ctx.path),
        status: ctx.status,
        milliseconds: Math.round(seconds * 1000),
        clientAddress: clientAddressOf(ctx),
      }
      if (probes.has(ctx.path)) log.debug(line, 'request')
      else log.info(line, 'request')
    }
  }
}

const SHORTEST_ID = 20

/** Ids of interactions are half of what their cookies prove: whatever looks like one stays out of the log. */
function withoutIds(path: string): string {
  const segments = path.slice(0, 200).split('/')
  return segments.map((segment) => (segment.length >= SHORTEST_ID ? ':id' : segment)).join('/')
}
