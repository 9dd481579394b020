// For probes: alive as long as the process answers, ready while the database does too, and figures for
// whoever has the token.

import Router from '@koa/router'
import { createHash, timingSafeEqual } from 'node:crypto'

/** The address of each. */
export type Probes = { alive: string; ready: string; metrics: string }

type Dependencies = {
  paths: Probes
  isReady: () => Promise<boolean>
  renderMetrics: () => Promise<string>
  /** Undefined: nobody gets them. */
  metricsToken: string | undefined
}

export function createHealth({ paths, isReady, renderMetrics, metricsToken }: Dependencies): Router {
  // Strict: a proxy that hides `/readyz` must hide all of it.
  const router = new Router({ sensitive: true, strict: true })
  router.get(paths.alive, (ctx) => {
    ctx.body = { status: 'alive' }
  })
  router.get(paths.ready, async (ctx) => {
    const ready = await isReady()
    ctx.status = ready ? 200 : 503
    ctx.body = { status: ready ? 'ready' : 'not ready' }
  })
  router.get(paths.metrics, async (ctx) => {
    if (metricsToken === undefined) {
      ctx.status = 404
      ctx.body = { status: 'not served' }
    } else if (isSame(ctx.get('Authorization'), `Bearer ${metricsToken}`)) {
      ctx.type = 'text/plain; version=0.0.4'
      ctx.body = await renderMetrics()
    } else {
      ctx.status = 401
      ctx.set('WWW-Authenticate', 'Bearer')
      ctx.body = { status: 'refused' }
    }
  })
  return router
}

/** In a time that tells nothing of how much of it was right, nor how long it is. */
function isSame(given: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(right))
}
