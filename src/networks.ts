// Addresses and networks: which source an address counts as, and whether it lies in one of the operator's
// networks. Pure.

import ipaddr from 'ipaddr.js'
import { isIP } from 'node:net'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/** IPv4 as such, also when it comes written as IPv6 (RFC 4291 §2.5.5.2); undefined for what is no address. */
function parseAddress(text: string): Address | undefined {
  // ipaddr.js alone would also read "10.1" as an address, and "::10.0.0.1" as the IPv4 one that it is not.
  return isIP(text) === 0 || /^::\d+\./.test(text) ? undefined : ipaddr.process(text)
}

/** An address as everybody writes it (RFC 5952), without the zone, which is this machine's business. */
export function canonicalAddress(text: string): string | undefined {
  return parseAddress(text.replace(/%.*$/, ''))?.toString()
}

/** An IPv4 address by itself, an IPv6 address by its /64, since whoever has one has them all. */
export function networkOf(address: string): string {
  const parsed = parseAddress(address)
  return parsed instanceof ipaddr.IPv6
    ? `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`
    : (parsed?.toString() ?? address)
}

/** Who is likely to be one and the same hand beyond that: an IPv4 address by its /24, an IPv6 one by its /48. */
export function siteOf(address: string): string {
  const parsed = parseAddress(address)
  if (parsed instanceof ipaddr.IPv4) return `${parsed.octets.slice(0, 3).join('.')}.0/24`
  if (parsed === undefined) return address
  return `${new ipaddr.IPv6([...parsed.parts.slice(0, 3), 0, 0, 0, 0, 0]).toString()}/48`
}

/** `networks` are CIDR blocks or single addresses; throws for anything else. */
export function networkMatcher(networks: readonly string[]): (clientAddress: string) => boolean {
  const blocks = networks.map(parseBlock)
  return (clientAddress) => {
    const address = parseAddress(clientAddress)
    return address !== undefined && blocks.some(([network, bits]) => asIPv6(address).match(network, bits))
  }
}

const MAPPED_BITS = 96

const asIPv6 = (address: Address): ipaddr.IPv6 =>
  address instanceof ipaddr.IPv4 ? address.toIPv4MappedAddress() : address

function parseBlock(text: string): [network: ipaddr.IPv6, bits: number] {
  const [address = ''] = text.split('/')
  if (parseAddress(address) === undefined) throw new RangeError('not an address')
  const isSingle = text === address
  const [network, bits] = ipaddr.parseCIDR(isSingle ? `${text}/${isIP(text) === 4 ? 32 : 128}` : text)
  return [asIPv6(network), network.kind() === 'ipv4' ? MAPPED_BITS + bits : bits]
}
