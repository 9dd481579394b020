// A rotation hour by hour, as two providers and the applications live through it: no token is ever signed
// with a key that an application may not have yet, or that is no longer published. Tokens themselves:
// test/http/protocol/signing-keys.test.ts.

import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { clock } from '../support/clock.js'
import { OPERATOR } from '../support/people.js'
import { openServices, type TestServices } from '../support/services.js'
import { insertTestSigningKeys } from '../support/signing-keys.js'

const HOUR_MS = 3_600_000

let services: TestServices
let other: TestServices
beforeEach(async () => {
  services = await openServices()
  other = await openServices({ databaseUrl: services.config.databaseUrl })
  await insertTestSigningKeys(services.db, services.ring)
  await services.db('signing_keys').update({ signsFrom: clock.now() })
})
afterEach(async () => {
  await other.close()
  await services.close()
})

type Keys = Awaited<ReturnType<TestServices['signingKeys']['jwks']>>['keys']

/** A provider signs with the keys that it read last, the first of each family. */
function createProvider({ signingKeys }: TestServices) {
  let keys: Keys = []
  return {
    async refresh() {
      await signingKeys.rotateWhenDue()
      keys = (await signingKeys.jwks()).keys
    },
    published: (): string[] => keys.map(({ kid }) => kid),
    signer: (): string => keys.find(({ kty }) => kty === 'RSA')?.kid ?? '',
  }
}

/** The oldest copy of the published keys that an application with a cache of an hour may still use. */
function createCache() {
  const copies: { at: number; kids: string[] }[] = []
  return (kids: string[]): string[] => {
    copies.push({ at: clock.now(), kids })
    while (copies.length > 1 && (copies[1]?.at ?? 0) <= clock.now() - HOUR_MS) copies.shift()
    return copies[0]?.kids ?? []
  }
}

test('a key is published a day before it signs, and for a day after it has stopped', async () => {
  const [ours, theirs] = [createProvider(services), createProvider(other)]
  const cached = createCache()
  await theirs.refresh()
  await services.signingKeys.rotate(OPERATOR, false)
  const signers: string[] = []
  for (let quarter = 0; quarter < 4 * 50; quarter += 1) {
    // The other learns of it half a minute later, as two processes do.
    await ours.refresh()
    const known = cached(ours.published())
    for (const provider of [ours, theirs]) {
      expect({ quarter, isKnown: known.includes(provider.signer()) }).toEqual({ quarter, isKnown: true })
      expect(ours.published()).toContain(provider.signer())
    }
    await theirs.refresh()
    signers.push(ours.signer())
    clock.advance({ minutes: 15 })
  }
  const [old = '', next = ''] = [...new Set(signers)]
  expect(old).toBe('test-key')
  expect(signers.indexOf(next)).toBe(4 * 24)
  expect(signers.lastIndexOf(old)).toBe(4 * 24 - 1)
  expect(ours.published()).toContain(next)
  expect(ours.published()).not.toContain(old)
})

test('two operators who rotate at once, after another, never leave a gap', async () => {
  const providers = [createProvider(services), createProvider(other)]
  const cached = createCache()
  await Promise.all([services, other].map(({ signingKeys }) => signingKeys.rotate(OPERATOR, false)))
  for (let hour = 0; hour < 60; hour += 1) {
    if (hour === 10) await services.signingKeys.rotate(OPERATOR, false)
    await Promise.all(providers.map((provider) => provider.refresh()))
    const known = cached(providers[0]?.published() ?? [])
    for (const provider of providers)
      expect({ hour, isKnown: known.includes(provider.signer()) }).toEqual({ hour, isKnown: true })
    clock.advance({ hours: 1 })
  }
})
