// Two processes, or two operators, change the signing keys at once: one of them does, both are told, and
// after a theft no key from before survives. The second one comes while the first one makes its keys, which
// takes long.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createPrivateKey } from 'node:crypto'
import { randomId } from '../../src/key-ring.js'
import { createSigningKeys, type KeyFamily, type NewestKey } from '../../src/keys/signing-keys.js'
import { clock } from '../support/clock.js'
import { OPERATOR } from '../support/people.js'
import { openServices, type TestServices } from '../support/services.js'

const DAY_MS = 24 * 3_600_000

let services: TestServices
let before: string[]
beforeEach(async () => {
  services = await openServices()
  await keysOf(async () => {}).ensure()
  before = await kids()
})
afterEach(() => services.close())

/** `meanwhile` happens once, before the first key is made. Nobody signs with these keys, so they are none. */
function keysOf(meanwhile: () => Promise<unknown>) {
  let happening: Promise<unknown> | undefined
  const makeKey = async (family: KeyFamily) => {
    happening ??= meanwhile()
    await happening
    return { kty: family, kid: randomId(), use: 'sig' as const }
  }
  return createSigningKeys({ ...services, now: clock.now, makeKey })
}

const stored = () => services.store.signingKeys.list()
const kids = async (): Promise<string[]> => (await stored()).map(({ kid }) => kid).toSorted()
const kidsOf = (keys: readonly NewestKey[]): string[] => keys.map(({ kid }) => kid).toSorted()
const nobody = async () => {}

describe('whoever is overtaken', () => {
  test('by a rotation makes none of its own, and is told of those that were made', async () => {
    let quicker: NewestKey[] = []
    const slower = await keysOf(async () => {
      quicker = await keysOf(nobody).rotate(OPERATOR, false)
      clock.advance({ minutes: 1 })
    }).rotate(OPERATOR, false)
    expect(slower).toEqual(quicker)
    expect(await kids()).toEqual([...before, ...kidsOf(quicker)].toSorted())
  })

  test('by the rotation that is due makes none of its own', async () => {
    clock.advance({ days: 90 })
    await keysOf(() => keysOf(nobody).rotateWhenDue()).rotateWhenDue()
    expect(await kids()).toHaveLength(6)
  })

  test('by the first start makes none of its own', async () => {
    await services.store.signingKeys.deleteAll()
    await keysOf(() => keysOf(nobody).ensure()).ensure()
    expect(await kids()).toHaveLength(3)
  })
})

test('the keys that are really made are of 128 bits’ strength: RSA of 3072 bits, P-256, Ed25519 (OIDC-6)', async () => {
  await services.store.signingKeys.deleteAll()
  await services.signingKeys.ensure()
  const { keys } = await services.signingKeys.jwks()
  const made = keys.map((jwk) => {
    const { asymmetricKeyType, asymmetricKeyDetails = {} } = createPrivateKey({ key: jwk, format: 'jwk' })
    const { modulusLength, namedCurve } = asymmetricKeyDetails
    return [asymmetricKeyType, modulusLength ?? namedCurve]
  })
  expect(made).toEqual([
    ['rsa', 3072],
    ['ec', 'prime256v1'],
    ['ed25519', undefined],
  ])
})

describe('after a theft no key from before survives', () => {
  test('though the keys were rotated while the new ones were made', async () => {
    const urgent = await keysOf(() => keysOf(nobody).rotate(OPERATOR, false)).rotate(OPERATOR, true)
    expect(await kids()).toEqual(kidsOf(urgent))
    for (const { signsFrom } of await stored()) expect(signsFrom).toBeLessThanOrEqual(clock.now())
  })

  test('though another operator rotates at the same time, who is told of the new ones', async () => {
    let urgent: NewestKey[] = []
    const rotated = await keysOf(async () => {
      urgent = await keysOf(nobody).rotate(OPERATOR, true)
    }).rotate(OPERATOR, false)
    expect(rotated).toEqual(urgent)
    expect(await kids()).toEqual(kidsOf(urgent))
  })
})

test('a family that had no key yet signs at once, the others a day later', async () => {
  await services.db('signing_keys').where({ algorithm: 'EdDSA' }).delete()
  const at = clock.now()
  const rotated = await keysOf(nobody).rotate(OPERATOR, false)
  const later = rotated.map(({ family, signsFrom }) => [family, signsFrom - at >= DAY_MS])
  expect(later).toEqual([
    ['RSA', true],
    ['ES256', true],
    ['EdDSA', false],
  ])
})
