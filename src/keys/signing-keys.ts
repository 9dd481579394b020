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

/** The newest key of a family, and when it begins to sign. */
export type NewestKey = { kid: string; family: KeyFamily; signsFrom: number }

/** A key to make. `follows` is the newest of its family so far. */
type Wish = { family: KeyFamily; follows: string | undefined; signsFrom: number }

type Dependencies = {
  store: Store
  audit: AuditLog
  ring: KeyRing
  now: () => number
  makeKey?: (family: KeyFamily) => Promise<SigningJwk>
}

export function createSigningKeys({ store, audit, ring, now, makeKey = generateKey }: Dependencies) {
  /**
   * Makes the keys, all of them or none. One that signs later makes it a rotation: those before it sign
   * until then. Where another process was quicker, its key stands; but when one was stolen (`isUrgent`),
   * none stands.
   */
  async function make(
    wishes: readonly Wish[],
    actor: Actor,
    { isUrgent = false }: { isUrgent?: boolean } = {},
  ): Promise<NewestKey[]> {
    const jwks = await Promise.all(wishes.map(async (wish) => ({ wish, jwk: await makeKey(wish.family) })))
    return store.transaction(async (tx) => {
      await tx.auditEvents.lockHead()
      if (isUrgent) await tx.signingKeys.deleteAll()
      const before = await tx.signingKeys.list()
      const newest: NewestKey[] = []
      for (const { wish, jwk } of jwks) {
        const { family, signsFrom } = wish
        const ofFamily = before.filter((key) => key.algorithm === family)
        const [latest] = ofFamily
        if (latest !== undefined && latest.kid !== wish.follows) {
          newest.push({ kid: latest.kid, family, signsFrom: latest.signsFrom })
          continue
        }
        for (const key of ofFamily) await tx.signingKeys.retire(key.kid, signsFrom + PUBLISHED_AFTER_MS)
        const { kid } = jwk
        const sealedJwk = ring.seal('signing-key', kid, JSON.stringify(jwk))
        const stored = {
          kid,
          algorithm: family,
          sealedJwk,
          createdAt: now(),
          signsFrom,
          publishedUntil: null,
        }
        await tx.signingKeys.insert(stored)
        await audit.record(tx, { event: 'signing-key.created', actor, details: { kid, family } })
        newest.push({ kid, family, signsFrom })
      }
      return newest
    })
  }

  async function newestOfEach(): Promise<{ family: KeyFamily; newest: StoredSigningKey | undefined }[]> {
    const keys = await store.signingKeys.list()
    return KEY_FAMILIES.map((family) => ({ family, newest: keys.find((key) => key.algorithm === family) }))
  }

  return {
    /** Makes the first key of each family on a fresh database. */
    async ensure(): Promise<void> {
      const missing = (await newestOfEach()).filter(({ newest }) => newest === undefined)
      const wishes = missing.map(({ family }) => ({ family, follows: undefined, signsFrom: now() }))
      if (wishes.length > 0) await make(wishes, ITSELF)
    },

    /** Forgets keys that are no longer published, and replaces those that have signed for ninety days. */
    async rotateWhenDue(): Promise<void> {
      await store.signingKeys.deleteRetiredBefore(now())
      const dueAt = now() - ROTATED_AFTER_MS + PUBLISHED_BEFORE_MS
      const wishes = (await newestOfEach()).flatMap(({ family, newest }) =>
        newest === undefined || newest.signsFrom > dueAt
          ? []
          : [{ family, follows: newest.kid, signsFrom: now() + PUBLISHED_BEFORE_MS }],
      )
      if (wishes.length > 0) await make(wishes, ITSELF)
    },

    /**
     * By hand, all families at once. A family's first key signs from now on, and so do all when one was
     * stolen (`isUrgent`): then those before are no longer published.
     */
    async rotate(actor: Actor, isUrgent: boolean): Promise<NewestKey[]> {
      const wishes = (await newestOfEach()).map(({ family, newest }) => ({
        family,
        follows: newest?.kid,
        signsFrom: isUrgent || newest === undefined ? now() : now() + PUBLISHED_BEFORE_MS,
      }))
      return make(wishes, actor, { isUrgent })
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

async function generateKey(family: KeyFamily): Promise<SigningJwk> {
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
