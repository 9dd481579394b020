// Threat: a restart that people notice. Whoever is being served is served, whoever comes next is led to
// another process, and no connection is ended under a request (R4).

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import Koa from 'koa'
import { Agent, get, type IncomingMessage } from 'node:http'
import { pino } from 'pino'
import { startServer, type RunningServer } from '../../src/server.js'
import { readTestConfig } from '../support/settings.js'

let answerSlow: PromiseWithResolvers<void>
let slowIsThere: PromiseWithResolvers<void>
let drained: PromiseWithResolvers<void>
let pausedMs: number[]
let isRetired: boolean
let server: RunningServer
let agent: Agent
beforeEach(() => {
  answerSlow = Promise.withResolvers()
  slowIsThere = Promise.withResolvers()
  drained = Promise.withResolvers()
  pausedMs = []
  isRetired = false
  agent = new Agent({ keepAlive: true, maxSockets: 1 })
})
afterEach(async () => {
  answerSlow.resolve()
  drained.resolve()
  agent.destroy()
  await server.stop()
})

async function start(settings: Record<string, string> = {}): Promise<void> {
  const koa = new Koa().use(async (ctx) => {
    if (ctx.path === '/slow') {
      slowIsThere.resolve()
      await answerSlow.promise
    }
    ctx.body = 'served'
  })
  const environment = { ISSUER_URL: 'http://localhost:3000', HOST: '127.0.0.1', PORT: '0', ...settings }
  const app = { koa, retire: () => void (isRetired = true) }
  server = await startServer(app, readTestConfig(environment), pino({ level: 'silent' }), {
    async pause(ms) {
      pausedMs.push(ms)
      await drained.promise
    },
  })
}

/** A request on the one connection of `through`: what it was told, and of the connection. */
async function request(path: string, through = agent) {
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    get({ port: server.port, host: '127.0.0.1', path, agent: through }, resolve).once('error', reject),
  )
  answer.resume()
  const { statusCode: status, headers } = answer
  return { status, connection: headers.connection, keepAlive: headers['keep-alive'] }
}

describe('a server told to stop', () => {
  test('goes on serving for DRAIN_SECONDS, not ready; each answer ends its connection', async () => {
    await start({ DRAIN_SECONDS: '10' })
    expect(await request('/')).toMatchObject({ status: 200, connection: 'keep-alive' })
    const stopped = server.stop()
    expect([isRetired, pausedMs]).toEqual([true, [10_000]])
    expect(await request('/')).toMatchObject({ status: 200, connection: 'close' })
    expect(await request('/')).toMatchObject({ status: 200, connection: 'close' })
    drained.resolve()
    await stopped
    await expect(request('/')).rejects.toThrow('ECONNREFUSED')
  })

  test('answers what was under way, and that connection ends too', async () => {
    await start()
    const slow = request('/slow')
    await slowIsThere.promise
    const stopped = server.stop()
    drained.resolve()
    answerSlow.resolve()
    expect(await slow).toMatchObject({ status: 200, connection: 'close' })
    await stopped
  })
})

describe('a connection that is kept', () => {
  test.each([
    ['a browser’s, for five seconds', '0', 'timeout=5'],
    ['a proxy’s, for longer than any proxy keeps it', '1', 'timeout=75'],
  ])('%s', async (_whose, hops, keepAlive) => {
    await start({ TRUSTED_PROXY_HOPS: hops })
    expect(await request('/')).toMatchObject({ connection: 'keep-alive', keepAlive })
    drained.resolve()
  })
})
