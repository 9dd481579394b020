// Listens, works in the background, and stops cleanly: shared by the production start and the demonstration.

import { readFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import type { App } from './app.js'
import type { Config } from './config/config.js'

const MAIL_EVERY_MS = 2_000
const NOTICES_EVERY_MS = 5_000
const KEYS_EVERY_MS = 30_000
const PURGE_EVERY_MS = 5 * 60_000
const HEADERS_TIMEOUT_MS = 15_000
const REQUEST_TIMEOUT_MS = 30_000
const DRAIN_MS = 15_000
const MAX_CONNECTIONS = 5_000

export type RunningServer = { port: number; stop: () => Promise<void> }

export async function startServer(app: App, config: Config, log: Logger): Promise<RunningServer> {
  const server = createListener(config, listenerOf(app), log)
  server.maxConnections = MAX_CONNECTIONS
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(config.port, config.host, resolve),
  )
  const timers = [
    repeat(MAIL_EVERY_MS, app.deliverMail, log),
    repeat(NOTICES_EVERY_MS, app.deliverLogoutNotices, log),
    repeat(KEYS_EVERY_MS, app.refreshKeys, log),
    repeat(PURGE_EVERY_MS, app.purge, log),
  ]
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      app.retire()
      timers.forEach((stopTimer) => stopTimer())
      await drain(server)
    },
  }
}

/** Koa answers every request, its own failures included: the promise never rejects. */
function listenerOf(app: App): RequestListener {
  const handle = app.koa.callback()
  return (request, response) => void handle(request, response)
}

/**
 * Plain http, or TLS by the process itself; a new certificate is read at SIGHUP, and connections under way
 * keep the old one.
 */
function createListener(config: Config, handle: RequestListener, log: Logger): Server {
  const { tlsCertFile, tlsKeyFile } = config
  const limits = {
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionsCheckingInterval: 1_000,
  }
  if (tlsCertFile === undefined || tlsKeyFile === undefined) return createServer(limits, handle)
  const read = () => ({ cert: readFileSync(tlsCertFile), key: readFileSync(tlsKeyFile) })
  const server = createTlsServer({ ...limits, ...read(), minVersion: 'TLSv1.2' }, handle)
  process.on('SIGHUP', () => {
    try {
      server.setSecureContext(read())
      log.info('the certificate was read again')
    } catch (error) {
      log.error({ err: error }, 'the new certificate cannot be used; the old one stays')
    }
  })
  return server
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
