// How many connections one source may hold at once, whatever they do: silent, half-open, slow or kept alive.
// Counted by the socket's peer, so not for a server behind a proxy, whose peer is the proxy.

import type { Server, Socket } from 'node:net'
import { networkOf, siteOf } from '../networks.js'

export type ConnectionLimits = { perNetwork: number; perSite: number }

/** Cuts what one source opens beyond its limits, before a byte of it is read. */
export function limitConnections(server: Server, limits: ConnectionLimits): void {
  const held = new Map<string, number>()
  const count = (source: string): number => held.get(source) ?? 0
  const change = (source: string, by: 1 | -1): void => {
    const left = count(source) + by
    if (left === 0) held.delete(source)
    else held.set(source, left)
  }
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? ''
    const [network, site] = [networkOf(address), siteOf(address)]
    if (count(network) >= limits.perNetwork || count(site) >= limits.perSite) {
      socket.resetAndDestroy()
      return
    }
    for (const source of [network, site]) change(source, 1)
    socket.once('close', () => {
      for (const source of [network, site]) change(source, -1)
    })
  })
}
