// Threat: one address holds all the connections that the server has, and says nothing; nobody else gets in
// (WEB-10).

import { afterEach, describe, expect, test } from '@jest/globals'
import Koa from 'koa'
import { connect, type Socket } from 'node:net'
import { pino } from 'pino'
import { CONNECTION_LIMITS, startServer, type RunningServer } from '../../src/server.js'
import { readTestConfig } from '../support/settings.js'
import { until } from '../support/until.js'

const REQUEST = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'

/** So few that none of them waits in the system's own line. */
const FEW = { perNetwork: 20, perSite: 50 }

let server: RunningServer | undefined
const opened: Socket[] = []
afterEach(async () => {
  opened.splice(0).forEach((socket) => socket.destroy())
  await server?.stop()
})

async function start(limits = FEW, settings: Record<string, string> = {}): Promise<number> {
  const koa = new Koa().use((ctx) => {
    ctx.body = 'here'
  })
  const environment = { ISSUER_URL: 'http://localhost:3000', HOST: '127.0.0.1', PORT: '0' }
  const config = readTestConfig({ ...environment, ...settings })
  server = await startServer({ koa, retire: () => {} }, config, pino({ level: 'silent' }), { limits })
  return server.port
}

/** Opens as many as that from one address, and says the same on each. */
function open(port: number, from: string, count: number, words = ''): Socket[] {
  const sockets = Array.from({ length: count }, () => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: from }, () => socket.write(words))
    return socket.on('error', () => {}).resume() // a reset is what the attack is answered with
  })
  opened.push(...sockets)
  return sockets
}

const held = (sockets: readonly Socket[]): number => sockets.filter(({ closed }) => !closed).length
const answered = (sockets: readonly Socket[]): number =>
  sockets.filter(({ bytesRead }) => bytesRead > 0).length

async function isServed(port: number, from: string): Promise<boolean> {
  const [socket] = open(port, from, 1, REQUEST)
  await until(() => socket?.closed !== false || socket.bytesRead > 0)
  return (socket?.bytesRead ?? 0) > 0
}

describe('one address', () => {
  test.each([
    ['says nothing', ''],
    ['never ends its headers', REQUEST.slice(0, -2)],
    ['keeps what was answered', REQUEST],
  ])('that %s holds so many connections and no more; everybody else is served', async (_what, words) => {
    const port = await start()
    const sockets = open(port, '127.0.0.2', 40, words)
    await until(() => held(sockets) <= 20)
    expect(await isServed(port, '127.0.1.1')).toBe(true)
    expect(held(sockets)).toBe(20)
  })

  test('holds five hundred of the five thousand', async () => {
    const port = await start(CONNECTION_LIMITS)
    const sockets = open(port, '127.0.0.2', 250)
    await until(() => sockets.every(({ connecting }) => !connecting))
    sockets.push(...open(port, '127.0.0.2', 300))
    await until(() => held(sockets) <= 500)
    expect(await isServed(port, '127.0.1.1')).toBe(true)
    expect(held(sockets)).toBe(500)
  })

  test('may open another where it has closed one', async () => {
    const port = await start()
    const [first] = open(port, '127.0.0.2', 20)
    expect(await isServed(port, '127.0.0.2')).toBe(false)
    first?.destroy()
    await until(() => isServed(port, '127.0.0.2'))
  })
})

test('many addresses of one hand (a /24) have a limit together', async () => {
  const port = await start()
  const sockets = [2, 3, 4, 5].flatMap((last) => open(port, `127.0.0.${last}`, 15))
  await until(() => held(sockets) <= 50)
  expect(await isServed(port, '127.0.1.1')).toBe(true)
  expect(held(sockets)).toBe(50)
})

test('behind a proxy of ours everybody comes from its address, which has no limit', async () => {
  const port = await start(FEW, { TRUSTED_PROXY_HOPS: '1' })
  const sockets = open(port, '127.0.0.2', 40, REQUEST)
  await until(() => answered(sockets) + sockets.length - held(sockets) >= 40)
  expect(answered(sockets)).toBe(40)
})
