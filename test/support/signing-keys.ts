// The keys that every provider of a test signs with: making an RSA key takes up to seconds. They stand in the
// repository, so everybody knows them; `start` refuses them (src/keys/disclosed-keys.ts).

import type { Knex } from 'knex'
import type { KeyRing } from '../../src/key-ring.js'
import { KEY_FAMILIES } from '../../src/keys/signing-keys.js'
import { clock } from './clock.js'
import keys from './test-signing-keys.json' with { type: 'json' }

/** A database that has keys already is left alone. */
export async function insertTestSigningKeys(db: Knex, ring: KeyRing): Promise<void> {
  if ((await db('signing_keys').first()) !== undefined) return
  const rows = KEY_FAMILIES.map((algorithm) => {
    const { kid } = keys[algorithm]
    const sealedJwk = ring.seal('signing-key', kid, JSON.stringify(keys[algorithm]))
    return { kid, algorithm, sealedJwk, createdAt: clock.now(), signsFrom: 0, publishedUntil: null }
  })
  // Two providers may come at once
  await db('signing_keys').insert(rows).onConflict('kid').ignore()
}
