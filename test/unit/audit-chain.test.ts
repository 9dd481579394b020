// Threat: a row of the audit log altered in one place that its keyed hash does not cover (LOG-4).

import { expect, test } from '@jest/globals'
import { chainHash } from '../../src/audit/audit-log.js'
import { createKeyRing } from '../../src/key-ring.js'

const ring = createKeyRing([
  { id: 'test', key: Buffer.from('a test key, 32 bytes, no secret!') },
  { id: 'other', key: Buffer.from('another test key, thirty-two by.') },
])
const ROW = {
  sequence: 7,
  occurredAt: 1_764_000_000_000,
  event: 'account.disabled',
  outcome: 'success',
  actor: 'operator:paul',
  accountId: 'an-account',
  cip: 'tram1234',
  clientAddress: '192.0.2.1',
  reason: 'départ',
  details: '{"sessions":2}',
  keyId: 'test',
} as const
const OTHER: Record<keyof typeof ROW, string | number> = {
  sequence: 8,
  occurredAt: 1_764_000_000_001,
  event: 'account.enabled',
  outcome: 'refused',
  actor: 'operator:anne',
  accountId: 'another-account',
  cip: 'gagj2345',
  clientAddress: 'cli',
  reason: 'retour',
  details: '{}',
  keyId: 'other',
}
const hash = chainHash(ring, 'before', ROW)

test.each(Object.entries(OTHER))('another %s makes another hash', (name, value) => {
  expect(chainHash(ring, 'before', { ...ROW, [name]: value })).not.toBe(hash)
})

test.each(['accountId', 'cip', 'reason'])('so does a %s taken away', (name) => {
  expect(chainHash(ring, 'before', { ...ROW, [name]: null })).not.toBe(hash)
})

test('so does another row before it', () => {
  expect(chainHash(ring, 'elsewhere', ROW)).not.toBe(hash)
})

test('and no column of a stored row is left out', () => {
  expect(Object.keys(OTHER).toSorted()).toEqual(Object.keys(ROW).toSorted())
})

test('text that moves from one column to the next makes another hash', () => {
  const moved = { ...ROW, actor: 'operator:', accountId: 'paulan-account' }
  expect(chainHash(ring, 'before', moved)).not.toBe(hash)
})
