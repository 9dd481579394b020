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

/** Whether the whole internet may hold it: no private, loopback, link-local or reserved one. */
export const isPublicAddress = (address: string): boolean => parseAddress(address)?.range() === 'unicast'

/** An IPv4 address by itself, an IPv6 address by its /64, since whoever has one has them all. */
export function networkOf(address: string): string {
  const parsed = parseAddress(address)
  return parsed instanceof ipaddr.IPv6
    ? `${new ipaddr.IPv6([...parsed.parts.slice(0, 4), 0, 0, 0, 0]).toString()}/64`
    : (parsed?.toString() ?? address)
}

/** Those who share waits: a /24 of IPv4, a /64 of IPv6. Text that is no address is its own. */
export const neighbourhoodOf = (address: string): string => enclosing(address, { ipv4: 24, ipv6: 64 })

/** What one customer of a carrier has (RFC 6177): a /48 of IPv6; of IPv4 again a /24. */
export const siteOf = (address: string): string => enclosing(address, { ipv4: 24, ipv6: 48 })

const ENCLOSING_BITS = { ipv4: [16, 24, 32], ipv6: [32, 48, 56, 64] }

/**
 * The networks that an address lies in, the widest first: what a carrier has, a site, a street of it, a
 * household. Text that is no address is its own.
 */
export function enclosingNetworks(address: string): string[] {
  const parsed = parseAddress(address)
  return parsed === undefined
    ? [address]
    : ENCLOSING_BITS[parsed.kind()].map((bits) => blockAround(parsed, bits))
}

function enclosing(address: string, bits: { ipv4: number; ipv6: number }): string {
  const parsed = parseAddress(address)
  return parsed === undefined ? address : blockAround(parsed, bits[parsed.kind()])
}

/** `bits` is a multiple of eight. */
function blockAround(address: ipaddr.IPv4 | ipaddr.IPv6, bits: number): string {
  const start = address.toByteArray().map((byte, index) => (index * 8 < bits ? byte : 0))
  return `${ipaddr.fromByteArray(start).toString()}/${bits}`
}

/** `networks` are CIDR blocks or single addresses; throws for anything else. */
export function networkMatcher(networks: readonly string[]): (clientAddress: string) => boolean {
  const blocks = networks.map(parseBlock)
  return (clientAddress) => {
    const address = parseAddress(clientAddress)
    return address !== undefined && blocks.some(([network, bits]) => asIPv6(address).match(network, bits))
  }
}

/** No network of anybody's own holds two of these: half an internet, or all of it. */
const FAR_APART = [
  ['1.0.0.1', '126.0.0.1'],
  ['129.0.0.1', '222.0.0.1'],
  ['2001::1', '3001::1'],
]

/** Whether a block is the whole of IPv4 or IPv6, or so much of it that it may as well be. */
export function isEverywhere(network: string): boolean {
  const matches = networkMatcher([network])
  return FAR_APART.some((pair) => pair.every(matches))
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
