// Hashes and verifies passwords: bcrypt(base64(HMAC-SHA-384(pepper, account id NUL NFC(password)))), so that
// bcrypt's 72 bytes never cut a password short, a stolen database is worth nothing without the master key,
// and a hash copied into another account's row is of no password at all. Older forms lack the id (v1) or the
// pepper too (plain bcrypt, imported): the account's seal vouches for them, and they go at the next sign-in.
// At most one
// hash a core runs at a time: bcrypt shares libuv's four threads with SQLite, and more of them make everybody
// wait for seconds; who is next, hashing-line.ts says.

import bcrypt from 'bcrypt'
import { createHmac } from 'node:crypto'
import type { KeyRing } from '../key-ring.js'
import { compareWithEqualWork, dummyHash } from './equal-work.js'
import { INTERNAL } from './hashing-line.js'
import { createHashingTurns, type InLine } from './hashing-turns.js'
import { normalisePassword } from './password-policy.js'

/** `v1` lacks the account id; it is what the program before this one can read. */
export type HashVersion = 'v1' | 'v2'

export type PasswordHasher = ReturnType<typeof createPasswordHasher>

export function createPasswordHasher({
  ring,
  cost,
  concurrency,
  version = 'v2',
}: {
  ring: KeyRing
  cost: number
  concurrency: number
  version?: HashVersion
}) {
  const isBehind = (stored: HashVersion | undefined) => stored === undefined || stored < version

  const { inTurn, perSecond } = createHashingTurns(concurrency)
  const dummy = dummyHash(cost)

  return {
    hashesPerSecond: perSecond,

    /** `v2$<key id>$<bcrypt>`, good for this account alone. Throws `busy` when the place in line is lost. */
    async hash(password: string, accountId: string, inLine: InLine = { caller: INTERNAL }): Promise<string> {
      const keyId = ring.writingKeyId
      const secret = peppered(ring, keyId, password, version === 'v2' ? accountId : undefined)
      const bcryptHash = await inTurn(inLine, () => bcrypt.hash(secret, cost))
      return `${version}$${keyId}$${bcryptHash}`
    },

    /**
     * Takes the work of exactly one hash of today's cost, whatever is stored. `isOutdated`: right, but stored
     * under older parameters.
     */
    async verify(
      password: string,
      account: { id: string; passwordHash: string | null } | undefined,
      inLine: InLine = { caller: INTERNAL },
    ): Promise<{ isRight: boolean; isOutdated: boolean }> {
      const known = parse(account?.passwordHash, ring.keyIds)
      const secret =
        known?.keyId === undefined
          ? normalisePassword(password)
          : peppered(ring, known.keyId, password, known.version === 'v2' ? account?.id : undefined)
      const isRight = await inTurn(inLine, () =>
        compareWithEqualWork(secret, known?.bcryptHash ?? dummy, cost),
      )
      const isOutdated =
        known?.keyId !== ring.writingKeyId ||
        isBehind(known.version) ||
        bcrypt.getRounds(known.bcryptHash) < cost
      return { isRight: known !== undefined && isRight, isOutdated }
    },
  }
}

function peppered(ring: KeyRing, keyId: string, password: string, accountId?: string): string {
  return createHmac('sha384', ring.keyFor('password-pepper', keyId))
    .update(accountId === undefined ? '' : `${accountId}\0`)
    .update(normalisePassword(password))
    .digest('base64')
}

type KnownHash = { version: HashVersion | undefined; keyId: string | undefined; bcryptHash: string }

/**
 * Without version and key: a plain bcrypt hash that came by an import. Undefined for what cannot be verified.
 */
function parse(stored: string | null | undefined, keyIds: readonly string[]): KnownHash | undefined {
  if (stored === null || stored === undefined) return undefined
  if (/^\$2[aby]\$\d\d\$.{53}$/.test(stored))
    return { version: undefined, keyId: undefined, bcryptHash: stored.replace(/^\$2[ay]/, '$2b') }
  const [version, keyId, ...rest] = stored.split('$')
  const bcryptHash = rest.join('$')
  return (version === 'v1' || version === 'v2') &&
    keyId !== undefined &&
    keyIds.includes(keyId) &&
    /^\$2b\$\d\d\$.{53}$/.test(bcryptHash)
    ? { version, keyId, bcryptHash }
    : undefined
}
