// Hashes and verifies passwords: bcrypt(base64(HMAC-SHA-384(pepper, NFC(password)))), so that bcrypt's 72
// bytes never cut a password short and a stolen database is worth nothing without the master key. At most one
// hash a core runs at a time: bcrypt shares libuv's four threads with SQLite, and more of them make everybody
// wait for seconds; who is next, hashing-line.ts says.

import bcrypt from 'bcrypt'
import { createHmac } from 'node:crypto'
import type { KeyRing } from '../key-ring.js'
import { compareWithEqualWork, dummyHash } from './equal-work.js'
import { INTERNAL } from './hashing-line.js'
import { createHashingTurns, type InLine } from './hashing-turns.js'
import { normalisePassword } from './password-policy.js'

const VERSION = 'v1'

export type PasswordHasher = ReturnType<typeof createPasswordHasher>

export function createPasswordHasher({
  ring,
  cost,
  concurrency,
}: {
  ring: KeyRing
  cost: number
  concurrency: number
}) {
  const { inTurn, perSecond } = createHashingTurns(concurrency)
  const dummy = dummyHash(cost)

  return {
    hashesPerSecond: perSecond,

    /** `v1$<key id>$<bcrypt>`. Throws `busy` when the place in line is lost. */
    async hash(password: string): Promise<string> {
      const keyId = ring.writingKeyId
      const bcryptHash = await inTurn({ caller: INTERNAL }, () =>
        bcrypt.hash(peppered(ring, keyId, password), cost),
      )
      return `${VERSION}$${keyId}$${bcryptHash}`
    },

    /**
     * Takes the work of exactly one hash of today's cost, whatever is stored. `isOutdated`: right, but stored
     * under older parameters.
     */
    async verify(
      password: string,
      stored: string | null | undefined,
      inLine: InLine = { caller: INTERNAL },
    ): Promise<{ isRight: boolean; isOutdated: boolean }> {
      const known = parse(stored, ring.keyIds)
      const secret =
        known?.keyId === undefined ? normalisePassword(password) : peppered(ring, known.keyId, password)
      const isRight = await inTurn(inLine, () =>
        compareWithEqualWork(secret, known?.bcryptHash ?? dummy, cost),
      )
      const isOutdated = known?.keyId !== ring.writingKeyId || bcrypt.getRounds(known.bcryptHash) < cost
      return { isRight: known !== undefined && isRight, isOutdated }
    },
  }
}

function peppered(ring: KeyRing, keyId: string, password: string): string {
  return createHmac('sha384', ring.keyFor('password-pepper', keyId))
    .update(normalisePassword(password))
    .digest('base64')
}

/**
 * `keyId` is undefined for a plain bcrypt hash that came by an import. Undefined for what cannot be verified.
 */
function parse(
  stored: string | null | undefined,
  keyIds: readonly string[],
): { keyId: string | undefined; bcryptHash: string } | undefined {
  if (stored === null || stored === undefined) return undefined
  if (/^\$2[aby]\$\d\d\$.{53}$/.test(stored))
    return { keyId: undefined, bcryptHash: stored.replace(/^\$2[ay]/, '$2b') }
  const [version, keyId, ...rest] = stored.split('$')
  const bcryptHash = rest.join('$')
  return version === VERSION &&
    keyId !== undefined &&
    keyIds.includes(keyId) &&
    /^\$2b\$\d\d\$.{53}$/.test(bcryptHash)
    ? { keyId, bcryptHash }
    : undefined
}
