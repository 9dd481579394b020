// The keys that sign tokens: made here, sealed in the database, handed to the provider as a JWKS.

import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { JWK } from 'oidc-provider'
import type { Store } from '../../db/store.js'
import type { KeyRing } from '../crypto.js'

const RSA_BITS = 3072

export type SigningKeysService = ReturnType<typeof createSigningKeys>

export function createSigningKeys({ store, ring, now }: { store: Store; ring: KeyRing; now: () => number }) {
  return {
    /** Makes the first key on a fresh database. Two processes at once may make two: both are published, the later one signs. */
    async ensure(): Promise<void> {
      if ((await store.signingKeys.list()).length > 0) return
      const jwk = await makeRsaKey()
      const kid = String(jwk.kid)
      const sealedJwk = ring.seal('signing-key', kid, JSON.stringify(jwk))
      await store.transaction(async (tx) => {
        if ((await tx.signingKeys.list()).length > 0) return
        await tx.signingKeys.insert({ kid, algorithm: 'RS256', sealedJwk, createdAt: now(), signsFrom: now(), publishedUntil: null })
      })
    },

    /** What an operator may see: no key material. */
    async list(): Promise<{ kid: string; algorithm: string; signsFrom: number; publishedUntil: number | null }[]> {
      const keys = await store.signingKeys.list()
      return keys.map(({ kid, algorithm, signsFrom, publishedUntil }) => ({ kid, algorithm, signsFrom, publishedUntil }))
    },

    /** Private keys, the signing one first: the provider signs with the first that fits and publishes them all. */
    async jwks(): Promise<{ keys: JWK[] }> {
      const keys = await store.signingKeys.list()
      return { keys: keys.map(({ kid, sealedJwk }) => JSON.parse(ring.open('signing-key', kid, sealedJwk).toString()) as JWK) }
    },
  }
}

async function makeRsaKey(): Promise<JWK> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: RSA_BITS })
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: randomBytes(12).toString('base64url') } as JWK
}
