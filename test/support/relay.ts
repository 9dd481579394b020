// A wire that a test holds in its hand: connections to it go to the next of its targets, as a balancer does.
// It can be cut (the other side is down), or left hanging (packets vanish), and mended.

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type Relay = Awaited<ReturnType<typeof startRelay>>

/** `targets` are asked at each connection, in turn. */
export async function startRelay(targets: () => { host: string; port: number }[]) {
  const pairs = new Set<[Socket, Socket]>()
  const lost = new Set<Socket>() // arrived while nothing came through
  let state: 'open' | 'cut' | 'hanging' = 'open'
  let turn = 0

  const server = createServer((near) => {
    near.on('error', () => near.destroy())
    const all = targets()
    const target = all[turn++ % all.length]
    if (state === 'cut' || target === undefined) return near.destroy()
    if (state === 'hanging') return lost.add(near.pause())
    const far = connect(target)
    const pair: [Socket, Socket] = [near, far]
    pairs.add(pair)
    far.on('error', () => near.destroy())
    for (const socket of pair)
      socket.on('close', () => pairs.delete(pair) && pair.forEach((end) => end.destroy()))
    near.pipe(far).pipe(near)
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))

  return {
    port: (server.address() as AddressInfo).port,
    /** Ends every connection and refuses new ones. */
    cut(): void {
      state = 'cut'
      pairs.forEach(([near]) => near.destroy())
    },
    /**
     * Connections stay, and nothing comes through any more, not even after `mend`: as when the other machine
     * has gone.
     */
    hang(): void {
      state = 'hanging'
      for (const [near, far] of pairs) {
        near.unpipe(far).pause()
        far.unpipe(near).pause()
      }
    },
    /** New connections come through again. */
    mend(): void {
      state = 'open'
    },
    async stop(): Promise<void> {
      state = 'cut'
      pairs.forEach(([near]) => near.destroy())
      lost.forEach((near) => near.destroy())
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
