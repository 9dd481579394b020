// Listens, drains and obeys signals: shared by the production start and the demonstration.

import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { App } from './app.js'
import type { Config } from './config/config.js'
import { readTlsFiles } from './config/tls-files.js'
import { AppError } from './errors.js'
import { limitConnections, type ConnectionLimits } from './http/connection-limit.js'

const LIMITS = { headersTimeout: 15_000, requestTimeout: 30_000, connectionsCheckingInterval: 1_000 }
/** A browser that keeps a connection is given five seconds; it knows what to do when the connection ends. */
const KEPT_MS = 5_000
/**
 * A proxy must be the one that ends a kept connection (nginx after 60 s, most load balancers too): a request
 * that meets the end of it is answered 502, and a person's code is lost.
 */
const KEPT_FOR_PROXY_MS = 75_000
/** Before a handshake is done nothing else limits it; Node would wait two minutes. */
const HANDSHAKE_MS = 15_000
/** What RFC 9325 §4.2 recommends for TLS 1.2, and what TLS 1.3 has: forward secret, authenticated encryption. */
const TLS = {
  handshakeTimeout: HANDSHAKE_MS,
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'TLS_AES_128_GCM_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
  ].join(':'),
} as const
const DRAIN_MS = 15_000
const MAX_CONNECTIONS = 5_000
/** A hospital behind one address opens some hundreds when a shift begins. */
export const CONNECTION_LIMITS: ConnectionLimits = { perNetwork: 500, perSite: 1_500 }

export type RunningServer = {
  port: number
  /** Reads the certificate again; connections under way keep the old one. */
  reload: () => void
  /** Says that it is not ready, takes no new requests after DRAIN_SECONDS, and lets those under way finish. */
  stop: () => Promise<void>
}

export async function startServer(
  app: Pick<App, 'koa' | 'retire'>,
  config: Config,
  log: Logger,
  { limits = CONNECTION_LIMITS, pause = (ms: number): Promise<unknown> => delay(ms) } = {},
): Promise<RunningServer> {
  const answers = endingConnections(listenerOf(app))
  const { server, reload } = createListener(config, answers.listener, log)
  server.maxConnections = MAX_CONNECTIONS
  if (config.trustedProxyHops === 0) limitConnections(server, limits)
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(config.port, config.host, resolve),
  ).catch((cause: unknown) => {
    throw new AppError('configuration', 500, listenFault(cause as NodeJS.ErrnoException, config), { cause })
  })
  return {
    port: (server.address() as AddressInfo).port,
    reload,
    async stop() {
      app.retire()
      answers.endConnections()
      await pause(config.drainSeconds * 1_000) // until no proxy sends anything any more
      await drain(server)
    },
  }
}

function listenFault({ code, message }: NodeJS.ErrnoException, { host, port }: Config): string {
  if (code === 'EADDRINUSE') return `PORT ${port} is taken on ${host}`
  if (code === 'EACCES') return `PORT ${port} may not be opened by this user`
  return `HOST ${host} is no name or address of this machine: ${message}`
}

/** Koa answers every request, its own failures included: the promise never rejects. */
function listenerOf({ koa }: Pick<App, 'koa'>): RequestListener {
  const handle = koa.callback()
  return (request, response) => void handle(request, response)
}

/** Once the server stops, each answer is the last on its connection: a busy one would never be let go. */
function endingConnections(handle: RequestListener) {
  const underWay = new Set<ServerResponse>()
  let isStopping = false
  const endWithThis = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader('Connection', 'close')
  }
  const listener: RequestListener = (request, response) => {
    if (isStopping) endWithThis(response)
    underWay.add(response)
    response.once('close', () => underWay.delete(response))
    handle(request, response)
  }
  return {
    listener,
    endConnections(): void {
      isStopping = true
      underWay.forEach(endWithThis)
    },
  }
}

/** Plain http, or TLS by the process itself. */
function createListener(
  config: Config,
  handle: RequestListener,
  log: Logger,
): { server: Server; reload: () => void } {
  const limits = { ...LIMITS, keepAliveTimeout: config.trustedProxyHops > 0 ? KEPT_FOR_PROXY_MS : KEPT_MS }
  const files = readTlsFiles(config)
  if (files === undefined)
    return {
      server: createServer(limits, handle),
      reload: () => log.info('nothing to read again: there is no certificate of our own'),
    }
  // A new context keeps nothing of the one before, so the suites are said each time.
  const server = createTlsServer({ ...limits, ...TLS, ...files }, handle)
  return {
    server,
    reload() {
      try {
        server.setSecureContext({ ...TLS, ...readTlsFiles(config) })
        log.info('the certificate was read again')
      } catch (error) {
        log.error({ err: error }, 'the new certificate cannot be used; the old one stays')
      }
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

/**
 * Calls `reload` at SIGHUP, which ends a process that does not listen to it. Not for what runs in a
 * terminal: there the signal says that the terminal is gone.
 */
export function reloadOnSignal(reload: () => void): void {
  process.on('SIGHUP', reload)
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
