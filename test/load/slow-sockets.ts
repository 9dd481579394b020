// Slow connections from many addresses, and thousands of silent ones from a single address: do the others
// still get answers, and are the attackers' connections cut?

import { get } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { ms, percentile, print, startProvider, time } from './provider-process.ts'

const SLOW = 500
const SLOW_ADDRESSES = 20
const SILENT = 5_000
const MEASURED_MS = 35_000
const OPENED_AT_ONCE = 20
/** Until those that were refused know it, and long before the others are cut. */
const SETTLED_MS = 3_000

type Target = { port: number; host: string }

export async function slowSocketsBench(): Promise<void> {
  const provider = await startProvider({ HOST: '127.0.0.1' }) // every 127.x.y.z can be an attacker's address
  const target = { port: Number(new URL(provider.url).port), host: '127.0.0.1' }
  try {
    const quiet: number[] = []
    for (let count = 0; count < 200; count += 1) quiet.push(await page(target))
    const before = percentile(quiet, 95)
    await slowFromMany(target, before)
    await silentFromOne(target, before)
  } finally {
    await provider.stop()
  }
}

/** Five hundred that never finish their headers or their body (R15). */
async function slowFromMany(target: Target, before: number): Promise<void> {
  const openedAt = performance.now()
  const livedMs: number[] = []
  const sockets = Array.from({ length: SLOW }, (_, index) =>
    openSlow(target, `127.0.${index % SLOW_ADDRESSES}.2`, index % 2 === 0, () =>
      livedMs.push(performance.now() - openedAt),
    ),
  )
  const busy: number[] = []
  while (performance.now() - openedAt < MEASURED_MS) busy.push(await page(target))
  sockets.forEach((socket) => socket.destroy())

  const during = percentile(busy, 95)
  print(
    `others' p95: quiet ${ms(before)}, beside ${SLOW} slow sockets ${ms(during)} (ratio ${(during / before).toFixed(1)}) ${during < 1_000 ? 'holds' : 'BREAKS'} 1 s`,
  )
  print(
    `${livedMs.length} of ${SLOW} slow sockets were cut by the server, the last after ${ms(Math.max(0, ...livedMs))}`,
  )
}

/** Five thousand from one address that say nothing, each opened again as soon as it is cut (WEB-10). */
async function silentFromOne(target: Target, before: number): Promise<void> {
  const startedAt = performance.now()
  let opened = 0
  const sockets = new Set<Socket>()
  const refill = setInterval(() => {
    for (let count = 0; count < OPENED_AT_ONCE && sockets.size < SILENT; count += 1) {
      const socket = connect({ port: target.port, host: target.host, localAddress: '127.1.0.2' })
      socket.on('error', () => {}).resume() // reads, or it would never hear that it was cut
      socket.once('close', () => sockets.delete(socket))
      sockets.add(socket)
      opened += 1
    }
  }, 10)
  const busy: number[] = []
  let unserved = 0
  while (performance.now() - startedAt < MEASURED_MS) {
    const took = await page(target).catch(() => undefined)
    if (took === undefined) unserved += 1
    else busy.push(took)
  }
  clearInterval(refill)
  await pause(SETTLED_MS)
  const held = [...sockets].filter(({ connecting }) => !connecting).length
  sockets.forEach((socket) => socket.destroy())

  const during = percentile(busy, 95)
  print(
    `${SILENT} silent sockets wanted by one address, ${opened} opened: in the end it holds ${held}; of ${busy.length + unserved} pages for others ${unserved} failed, p95 ${ms(during)} (quiet ${ms(before)}) ${unserved === 0 && during < 1_000 ? 'holds' : 'BREAKS'} 1 s for all`,
  )
}

/** A page for somebody else, over a connection of his own, which a closed door would refuse. */
const page = ({ host, port }: Target): Promise<number> =>
  time(
    () =>
      new Promise<void>((resolve, reject) => {
        const headers = { Host: `localhost:${port}` }
        get({ host, port, path: '/help', agent: false, headers, timeout: 10_000 }, (answer) =>
          answer.resume().once('end', resolve).once('error', reject),
        ).once('error', reject)
      }),
  )

function openSlow(
  { host, port }: Target,
  localAddress: string,
  isHeaderSlow: boolean,
  onClose: () => void,
): Socket {
  const socket = connect({ port, host, localAddress }, () => {
    const head = `POST /interaction/x/password HTTP/1.1\r\nHost: ${host}:${port}\r\nContent-Type: application/x-www-form-urlencoded\r\n`
    socket.write(isHeaderSlow ? head : `${head}Content-Length: 1000\r\n\r\n`)
    const drip = setInterval(
      () => (socket.destroyed ? clearInterval(drip) : socket.write(isHeaderSlow ? 'X: y\r\n' : 'a')),
      5_000,
    )
  })
  socket.on('error', () => {})
  socket.once('close', onClose)
  socket.resume()
  return socket
}
