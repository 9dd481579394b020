// Listens, works in the background, and stops cleanly: shared by the production start and the demonstration.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { App } from './app.js'
import type { Config } from './config.js'

const MAIL_EVERY_MS = 2_000
const PURGE_EVERY_MS = 5 * 60_000
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 30_000
const DRAIN_MS = 15_000

export type RunningServer = { port: number; stop: () => Promise<void> }

export async function startServer(app: App, config: Config, log: Logger): Promise<RunningServer> {
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS, connectionsCheckingInterval: 1_000 }, app.koa.callback())
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(config.port, config.host, resolve))
  const timers = [repeat(MAIL_EVERY_MS, app.deliverMail, log), repeat(PURGE_EVERY_MS, app.purge, log)]
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      app.retire()
      timers.forEach((stopTimer) => stopTimer())
      await drain(server)
    },
  }
}

/** Lets requests under way finish, for a while. */
async function drain(server: Server): Promise<void> {
  const deadline = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
  await new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeIdleConnections()
  })
  clearTimeout(deadline)
}

/** Runs a task again and again, never twice at once; a failure is logged and the next run tries again. */
function repeat(everyMs: number, task: () => Promise<unknown>, log: Logger): () => void {
  let isRunning = false
  const timer = setInterval(() => {
    if (isRunning) return
    isRunning = true
    task()
      .catch((error: unknown) => log.warn({ err: error }, 'a background task failed'))
      .finally(() => {
        isRunning = false
      })
  }, everyMs)
  return () => clearInterval(timer)
}

/** Calls `stop` once at SIGTERM or SIGINT, then ends the process. */
export function stopOnSignal(stop: () => Promise<void>): void {
  let isStopping = false
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (isStopping) return
      isStopping = true
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    })
  }
}
