// Keys whose private half is known to everybody, because the tests of this project sign with them
// (test/support/test-signing-keys.json). Whoever copies a test's database into service would hand out tokens
// that anybody can forge: `start` refuses such a key.

import { createHash } from 'node:crypto'
import { AppError } from '../errors.js'
import type { SigningJwk } from './signing-keys.js'

/** Thumbprints of RFC 7638. */
const DISCLOSED = new Set([
  'JhB7WWoixsd5H8jIeRnrRw3S32EwVScZ-d4PDo6_MmU', // test-key
  'UUEl5h9kN6P6BfpVkkmFSzgUxsJ43TTRsbQpdJ-w33Q', // test-key-es256
  'ej4UCQfyw3BmyzAYHIUvqnFeAkmXB2eD9eu7bQCg0D8', // test-key-eddsa
])

/** The members that RFC 7638 §3.2 and RFC 8037 §2 hash for each type of key, in their order. */
const HASHED: Record<string, readonly string[]> = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
}

/** Throws `configuration` when one of these keys is among them. */
export function refuseDisclosedKeys(keys: readonly SigningJwk[]): void {
  const known = keys.filter((key) => DISCLOSED.has(thumbprint(key))).map(({ kid }) => kid)
  if (known.length > 0)
    throw new AppError(
      'configuration',
      500,
      `this database signs with keys that everybody knows (${known.join(', ')}): it is a test’s; \`npm run cli -- keys rotate --urgent\` makes new ones`,
    )
}

function thumbprint(key: SigningJwk): string {
  const members = (HASHED[key.kty] ?? []).map((name) => [name, key[name]])
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members)))
    .digest('base64url')
}
