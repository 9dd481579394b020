// For probes: alive as long as the process answers, ready while the database does too.

import Router from '@koa/router'

type Dependencies = { isReady: () => Promise<boolean>; renderMetrics: () => Promise<string> }

export function createHealth({ isReady, renderMetrics }: Dependencies): Router {
  const router = new Router({ sensitive: true })
  router.get('/healthz', (ctx) => {
    ctx.body = { status: 'alive' }
  })
  router.get('/readyz', async (ctx) => {
    const ready = await isReady()
    ctx.status = ready ? 200 : 503
    ctx.body = { status: ready ? 'ready' : 'not ready' }
  })
  router.get('/metrics', async (ctx) => {
    ctx.type = 'text/plain; version=0.0.4'
    ctx.body = await renderMetrics()
  })
  return router
}
