// For probes: alive as long as the process answers, ready while the database does too.

import Router from '@koa/router'

/** The address of each. */
export type Probes = { alive: string; ready: string; metrics: string }

type Dependencies = { paths: Probes; isReady: () => Promise<boolean>; renderMetrics: () => Promise<string> }

export function createHealth({ paths, isReady, renderMetrics }: Dependencies): Router {
  const router = new Router({ sensitive: true })
  router.get(paths.alive, (ctx) => {
    ctx.body = { status: 'alive' }
  })
  router.get(paths.ready, async (ctx) => {
    const ready = await isReady()
    ctx.status = ready ? 200 : 503
    ctx.body = { status: ready ? 'ready' : 'not ready' }
  })
  router.get(paths.metrics, async (ctx) => {
    ctx.type = 'text/plain; version=0.0.4'
    ctx.body = await renderMetrics()
  })
  return router
}
