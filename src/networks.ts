// Addresses and networks: which source an address counts as, and whether it lies in one of the operator's
// networks. Pure.

import { BlockList, isIPv6 } from 'node:net'

/** An IPv4 address by itself, an IPv6 address by its /64, since whoever has one has them all. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups =
    tail === undefined
      ? before
      : [
          ...before,
          ...Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => '0'),
          ...after,
        ]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

/** `networks` are CIDR blocks or single addresses; throws a TypeError or RangeError for anything else. */
export function networkMatcher(networks: readonly string[]): (clientAddress: string) => boolean {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', prefix] = network.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return (clientAddress) => list.check(clientAddress, isIPv6(clientAddress) ? 'ipv6' : 'ipv4')
}
