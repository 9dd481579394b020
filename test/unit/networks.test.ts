// Threat: an address written another way counts as another source, or as one of the operator's networks
// (ENR-1).

import { describe, expect, test } from '@jest/globals'
import { canonicalAddress, networkMatcher, networkOf, siteOf } from '../../src/networks.js'

describe('an address', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
  ])('%s is written %s', (text, written) => {
    expect(canonicalAddress(text)).toBe(written)
  })

  test.each([
    '',
    'unknown',
    '10.1',
    '::10.0.0.1',
    '010.0.0.1',
    '0x0a000001',
    '10.0.0.1:443',
    '10.0.0.0/8',
    '[::1]',
  ])('%s is none', (text) => {
    expect(canonicalAddress(text)).toBeUndefined()
  })
})

describe('the source that an address counts as', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['cli', 'cli'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::6', '2001:db8::/64'],
    ['2001:0db8:0:0::6', '2001:db8::/64'],
    ['::1', '::/64'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
  ])('%s: %s', (address, source) => {
    expect(networkOf(address)).toBe(source)
  })
})

describe('the site that an address counts as', () => {
  test.each([
    ['10.0.7.1', '10.0.7.0/24'],
    ['::ffff:10.0.7.1', '10.0.7.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['::1', '::/48'],
    ['unknown', 'unknown'],
  ])('%s: %s', (address, site) => {
    expect(siteOf(address)).toBe(site)
  })
})

describe('the operator’s networks', () => {
  const isOurs = networkMatcher(['10.0.0.0/8', '192.168.1.7', '2001:db8::/32', '::ffff:172.16.0.0/108'])

  test.each(['10.1.2.3', '::ffff:10.1.2.3', '192.168.1.7', '2001:db8:ffff::1', '172.31.0.1'])(
    '%s lies in one',
    (address) => {
      expect(isOurs(address)).toBe(true)
    },
  )

  test.each(['11.0.0.1', '192.168.1.8', '2001:db9::1', '172.32.0.1', '::10.1.2.3', 'unknown', ''])(
    '%s lies in none',
    (address) => {
      expect(isOurs(address)).toBe(false)
    },
  )

  test('nobody lies in none at all', () => {
    expect(networkMatcher([])('10.0.0.1')).toBe(false)
  })

  test.each([
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/', // would be everybody
    '10.0.0.0/8/9',
    '10.0.0.0/x',
    '10.0.0',
    '10/8',
    '010.0.0.0/8',
    '::/129',
    '::10.0.0.0/104',
    'interne',
    '',
  ])('%s is refused', (network) => {
    expect(() => networkMatcher([network])).toThrow()
  })
})
