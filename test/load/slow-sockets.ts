// Five hundred connections that never finish their headers or their body: do the others still get answers,
// and are the slow ones cut?

import { connect, type Socket } from 'node:net'
import { ms, percentile, print, startProvider, time } from './provider-process.ts'

const SOCKETS = 500
const MEASURED_MS = 35_000

export async function slowSocketsBench(): Promise<void> {
  const provider = await startProvider()
  const { hostname, port } = new URL(provider.url)
  const page = () => time(async () => (await fetch(`${provider.url}/help`)).arrayBuffer())
  try {
    const quiet: number[] = []
    for (let count = 0; count < 200; count += 1) quiet.push(await page())

    const openedAt = performance.now()
    const livedMs: number[] = []
    const sockets = Array.from({ length: SOCKETS }, (_, index) =>
      open(hostname, Number(port), index % 2 === 0, () => livedMs.push(performance.now() - openedAt)),
    )
    const busy: number[] = []
    while (performance.now() - openedAt < MEASURED_MS) busy.push(await page())
    sockets.forEach((socket) => socket.destroy())

    const [before, during] = [percentile(quiet, 95), percentile(busy, 95)]
    print(
      `others' p95: quiet ${ms(before)}, beside ${SOCKETS} slow sockets ${ms(during)} (ratio ${(during / before).toFixed(1)}) ${during < 1_000 ? 'holds' : 'BREAKS'} 1 s`,
    )
    print(
      `${livedMs.length} of ${SOCKETS} slow sockets were cut by the server, the last after ${ms(Math.max(0, ...livedMs))}`,
    )
  } finally {
    await provider.stop()
  }
}

function open(host: string, port: number, isHeaderSlow: boolean, onClose: () => void): Socket {
  const socket = connect(port, host, () => {
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
