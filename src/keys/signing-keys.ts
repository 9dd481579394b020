// The keys that sign tokens: made here, sealed in the database, handed to the provider as a JWKS. A new key
// is published a day before it signs and the old one a day after it has stopped, so that no relying party
// meets a token it cannot verify.

import { generateKeyPair, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import type { StoredSigningKey } from '../../db/repositories/signing-keys.js'
import type { Store } from '../../db/store.js'
import { ITSELF, type Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { KeyRing } from '../key-ring.js'

/** One family a key type: RSA signs RS256 (the default) and PS256. */
export const KEY_FAMILIES = ['RSA', 'ES256', 'EdDSA'] as const
export type KeyFamily = (typeof KEY_FAMILIES)[number]

/** RFC 7517; private members included. */
export type SigningJwk = { kty: string; kid: string; use: 'sig'; [member: string]: unknown }

const RSA_BITS = 3072
const HOUR_MS = 3_600_000
const PUBLISHED_BEFORE_MS = 24 * HOUR_MS
const PUBLISHED_AFTER_MS = 24 * HOUR_MS
const ROTATED_AFTER_MS = 90 * 24 * HOUR_MS

type Dependencies = { store: Store; audit: AuditLog; ring: KeyRing; now: () => number }

export function createSigningKeys({ store, audit, ring, now }: Dependencies) {
  /**
   * `signsFrom` in the future makes it a rotation: the keys before it keep signing until then. Two processes
   * at once make one; both are told which.
   */
  async function add(
    family: KeyFamily,
    signsFrom: number,
    newestSeen: string | undefined,
    actor: Actor,
    reason?: string,
  ): Promise<string> {
    const jwk = await makeKey(family)
    const kid = jwk.kid
    const sealedJwk = ring.seal('signing-key', kid, JSON.stringify(jwk))
    return store.transaction(async (tx) => {
      await tx.auditEvents.lockHead()
      const before = (await tx.signingKeys.list()).filter((key) => key.algorithm === family)
      if (before[0] !== undefined && before[0].kid !== newestSeen) return before[0].kid
      for (const key of before) await tx.signingKeys.retire(key.kid, signsFrom + PUBLISHED_AFTER_MS)
      await tx.signingKeys.insert({
        kid,
        algorithm: family,
        sealedJwk,
        createdAt: now(),
        signsFrom,
        publishedUntil: null,
      })
      await audit.record(tx, {
        event: 'signing-key.created',
        actor,
        details: { kid, family },
        ...(reason === undefined ? {} : { reason }),
      })
      return kid
    })
  }

  const newestOf = async (family: KeyFamily): Promise<StoredSigningKey | undefined> =>
    (await store.signingKeys.list()).find((key) => key.algorithm === family)

  return {
    /** Makes the first key of each family on a fresh database. */
    async ensure(): Promise<void> {
      for (const family of KEY_FAMILIES)
        if ((await newestOf(family)) === undefined) await add(family, now(), undefined, ITSELF)
    },

    /** Replaces keys that have signed for ninety days, and forgets those no longer published. */
    async rotateWhenDue(): Promise<void> {
      for (const family of KEY_FAMILIES) {
        const newest = await newestOf(family)
        if (newest !== undefined && newest.signsFrom + ROTATED_AFTER_MS - PUBLISHED_BEFORE_MS <= now())
          await add(family, now() + PUBLISHED_BEFORE_MS, newest.kid, ITSELF)
      }
      await store.signingKeys.deleteRetiredBefore(now())
    },

    /**
     * By hand. Returns when the new keys begin to sign. `isUrgent` (a key was stolen): at once, and the old
     * ones are no longer published.
     */
    async rotate(actor: Actor, isUrgent: boolean, reason?: string): Promise<number> {
      const signsFrom = isUrgent ? now() : now() + PUBLISHED_BEFORE_MS
      const kids: string[] = []
      for (const family of KEY_FAMILIES)
        kids.push(await add(family, signsFrom, (await newestOf(family))?.kid, actor, reason))
      if (isUrgent) await store.signingKeys.deleteAllExcept(kids)
      return signsFrom
    },

    list: (): Promise<StoredSigningKey[]> => store.signingKeys.list(),

    /** Private keys that are published now; of each family the one that signs comes first. */
    async jwks(): Promise<{ keys: SigningJwk[] }> {
      const published = (await store.signingKeys.list()).filter(
        ({ publishedUntil }) => publishedUntil === null || publishedUntil > now(),
      )
      const inOrder = [
        ...published.filter(({ signsFrom }) => signsFrom <= now()),
        ...published.filter(({ signsFrom }) => signsFrom > now()),
      ]
      const byFamily = KEY_FAMILIES.flatMap((family) => inOrder.filter((key) => key.algorithm === family))
      return {
        keys: byFamily.map(
          ({ kid, sealedJwk }) =>
            JSON.parse(ring.open('signing-key', kid, sealedJwk).toString()) as SigningJwk,
        ),
      }
    },
  }
}

async function makeKey(family: KeyFamily): Promise<SigningJwk> {
  const generate = promisify(generateKeyPair)
  const { privateKey } =
    family === 'RSA'
      ? await generate('rsa', { modulusLength: RSA_BITS })
      : family === 'ES256'
        ? await generate('ec', { namedCurve: 'P-256' })
        : await generate('ed25519')
  return {
    ...(privateKey.export({ format: 'jwk' }) as { kty: string }),
    use: 'sig',
    kid: randomBytes(12).toString('base64url'),
  }
}
