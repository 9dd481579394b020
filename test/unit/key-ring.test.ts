import { describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import { createKeyRing, randomId } from '../../src/key-ring.js'

const old = { id: 'k-2025', key: randomBytes(32) }
const young = { id: 'k-2026', key: randomBytes(32) }
const before = createKeyRing([old])
const during = createKeyRing([young, old])
const after = createKeyRing([young])

/** A sealed value begins with the id of its key. */
const keyIdOf = (sealed: string): string => sealed.slice(0, sealed.lastIndexOf('.'))

describe('sealing', () => {
  test('what was sealed opens again, and says which key sealed it', () => {
    const sealed = before.seal('second-factor', 'row-1', 'a secret')
    expect(before.open('second-factor', 'row-1', sealed).toString()).toBe('a secret')
    expect(keyIdOf(sealed)).toBe('k-2025')
    expect(sealed).not.toContain('secret')
  })

  test('the same text never seals to the same value', () => {
    expect(before.seal('second-factor', 'row-1', 'x')).not.toBe(before.seal('second-factor', 'row-1', 'x'))
  })

  test('moved to another row or another use, it does not open (OTP-11)', () => {
    const sealed = before.seal('second-factor', 'row-1', 'a secret')
    expect(() => before.open('second-factor', 'row-2', sealed)).toThrow('does not open')
    expect(() => before.open('outbox', 'row-1', sealed)).toThrow('does not open')
  })

  test.each([0, 5, 20, 30])('changed in one bit (byte %i), it does not open', (position) => {
    const sealed = before.seal('second-factor', 'row-1', 'a secret')
    const bytes = Buffer.from(sealed.slice(sealed.lastIndexOf('.') + 1), 'base64url')
    bytes.writeUInt8(bytes.readUInt8(position) ^ 1, position)
    expect(() => before.open('second-factor', 'row-1', `k-2025.${bytes.toString('base64url')}`)).toThrow(
      'does not open',
    )
  })

  test.each(['', '.', 'k-2025', 'k-2025.', 'k-2025.AAAA', 'x.y.z', `k-2025.${'A'.repeat(20)}`])(
    '%j does not open either, and says so properly',
    (sealed) => {
      expect(() => before.open('second-factor', 'row-1', sealed)).toThrow(/does not open|is not in the ring/)
    },
  )

  test('a shortened tag is not accepted', () => {
    const sealed = before.seal('second-factor', 'row-1', '')
    const bytes = Buffer.from(sealed.slice(sealed.lastIndexOf('.') + 1), 'base64url')
    for (const length of [12, 16, 20, 24])
      expect(() =>
        before.open('second-factor', 'row-1', `k-2025.${bytes.subarray(0, length).toString('base64url')}`),
      ).toThrow('does not open')
  })

  test.each([4, 8, 12, 13, 15])(
    'a tag of %i bytes is refused for its length, and not compared: chance finds a short one',
    (length) => {
      const sealed = `k-2025.${randomBytes(length).toString('base64url')}`
      expect(causeOf(() => before.open('second-factor', 'row-1', sealed))).toMatch(
        /invalid authentication tag/i,
      )
    },
  )
})

function causeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return String((error as Error).cause)
  }
  return 'none'
}

describe('a change of keys', () => {
  test('the new ring opens what the old one sealed, and seals with the first key', () => {
    const sealed = before.seal('second-factor', 'row-1', 'a secret')
    expect(during.open('second-factor', 'row-1', sealed).toString()).toBe('a secret')
    expect(keyIdOf(during.seal('second-factor', 'row-1', 'x'))).toBe('k-2026')
  })

  test('a key that has left the ring is named', () => {
    const sealed = before.seal('second-factor', 'row-1', 'a secret')
    expect(() => after.open('second-factor', 'row-1', sealed)).toThrow(
      'master key "k-2025" is not in the ring',
    )
  })

  test('hashes made under either key are still found and verified', () => {
    const mac = before.mac('lookup', 'value')
    expect(during.macs('lookup', 'value')).toContain(mac)
    expect(during.verifyMac('lookup', 'value', mac)).toBe(true)
    expect(after.verifyMac('lookup', 'value', mac)).toBe(false)
  })
})

describe('keyed hashes', () => {
  test('no two uses, and no two keys, give the same one', () => {
    const uses = ['csrf', 'lookup', 'audit-chain', 'cookies'] as const
    expect(new Set(uses.flatMap((use) => [before.mac(use, 'x'), after.mac(use, 'x')])).size).toBe(8)
  })

  test.each(['', 'x', 'é'.repeat(43)])('%j is not accepted for one', (forged) => {
    expect(before.verifyMac('csrf', 'x', forged)).toBe(false)
  })

  test('derived keys differ by use', () => {
    expect(before.derive('cookies').equals(before.derive('csrf'))).toBe(false)
    expect(before.derive('cookies')).toHaveLength(32)
  })
})

test('an id is 128 random bits that fit an address', () => {
  const ids = Array.from({ length: 1000 }, randomId)
  expect(new Set(ids).size).toBe(1000)
  expect(ids.filter((id) => !/^[A-Za-z0-9_-]{22}$/.test(id))).toEqual([])
})

test('an empty ring is refused', () => {
  expect(() => createKeyRing([])).toThrow()
})
