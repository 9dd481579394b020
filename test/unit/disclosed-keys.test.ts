// A key that everybody knows is refused, whatever its id; a key of our own is not.

import { describe, expect, test } from '@jest/globals'
import { generateKeyPairSync } from 'node:crypto'
import { refuseDisclosedKeys } from '../../src/keys/disclosed-keys.js'
import type { SigningJwk } from '../../src/keys/signing-keys.js'
import testKeys from '../support/test-signing-keys.json' with { type: 'json' }

const OWN_KEYS: Record<string, SigningJwk> = {
  RSA: jwk(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' })),
  ES256: jwk(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })),
  EdDSA: jwk(generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' })),
}

function jwk(key: object): SigningJwk {
  return { ...(key as { kty: string }), kid: 'own', use: 'sig' }
}

describe.each(Object.entries(testKeys))('the tests’ key for %s', (family, key) => {
  const own = OWN_KEYS[family] as SigningJwk

  test('is refused, beside a good one and under another id too', () => {
    for (const kid of [key.kid, 'renamed'])
      expect(() => refuseDisclosedKeys([own, { ...key, kid, use: 'sig' }])).toThrow(
        `this database signs with keys that everybody knows (${kid})`,
      )
  })

  test('is none of our own', () => {
    expect(() => refuseDisclosedKeys([own])).not.toThrow()
  })
})
