// The life of the master keys: checked at start, rotated while the service runs. The first key of MASTER_KEYS
// writes; a rotation re-seals what older keys hold, after which an older key may leave the setting.

import type { HashedCounts, SealedKind, SealedRow } from '../../db/repositories/sealed-values.js'
import type { Store } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { KeyRing } from '../key-ring.js'
import { AppError } from '../errors.js'

const CANARY = 'this key opens this database'
const BATCH = 200

type Dependencies = { store: Store; ring: KeyRing; audit: AuditLog }

/** They are no sealed values: whoever knows what they cover renews them. */
type AccountSeals = { renew: () => Promise<number> }

type Counts = Record<SealedKind | 'account-seal', number>

/**
 * Throws `configuration` when the ring is not the one that sealed this database; otherwise marks new keys as
 * known.
 */
export async function checkMasterKeys(
  dependencies: Pick<Dependencies, 'store' | 'ring'>,
  leavingKeyId?: string,
): Promise<void> {
  const fault = await masterKeyFault(dependencies, leavingKeyId)
  if (fault !== undefined) throw new AppError('configuration', 500, fault)
  const { store, ring } = dependencies
  const known = new Set((await store.sealedValues.listCanaries()).map(({ keyId }) => keyId))
  const unknown = ring.keyIds.filter((keyId) => keyId !== leavingKeyId && !known.has(keyId))
  for (const keyId of unknown)
    await store.sealedValues.addCanary(keyId, ring.seal('key-canary', keyId, CANARY, keyId))
}

/**
 * Why this ring is not the one that sealed this database; undefined when it is. It may lack the key that is
 * being let go.
 */
export async function masterKeyFault(
  { store, ring }: Pick<Dependencies, 'store' | 'ring'>,
  leavingKeyId?: string,
): Promise<string | undefined> {
  for (const { keyId, sealed } of await store.sealedValues.listCanaries()) {
    if (!ring.keyIds.includes(keyId)) {
      if (keyId === leavingKeyId) continue
      return `MASTER_KEYS lacks "${keyId}", which this database was sealed with (after \`keys rotate-master\`, \`keys retire-master ${keyId}\` lets it go)`
    }
    if (!opens(ring, keyId, sealed))
      return `MASTER_KEYS holds another key under the id "${keyId}" than the one this database was sealed with`
  }
  return undefined
}

function opens(ring: KeyRing, keyId: string, sealed: string): boolean {
  try {
    return ring.open('key-canary', keyId, sealed).toString() === CANARY
  } catch {
    return false
  }
}

/** What a value is bound to, from its row: the counterpart of each `ring.seal` in the services. */
const BOUND_TO: Record<SealedKind, (id: Record<string, string>) => string> = {
  'second-factor': ({ accountId, id }) => `${accountId}/${id}`,
  'signing-key': ({ kid }) => String(kid),
  'client-secret': ({ clientId }) => String(clientId),
  'sealed-secret': ({ name }) => String(name),
  'outbox': ({ id }) => String(id),
  'sealed-artifact': ({ model, idHash }) => `${model}/${idHash}`,
}

const KINDS = Object.keys(BOUND_TO) as SealedKind[]

/**
 * Re-seals in small batches, each value by a conditional update: people go on signing in meanwhile. Returns
 * how many by kind.
 */
export async function rotateMasterKey(
  { store, ring, audit, accountSeals }: Dependencies & { accountSeals: AccountSeals },
  actor: Actor,
): Promise<Counts> {
  const counts: Counts = {
    ...(Object.fromEntries(KINDS.map((kind) => [kind, 0])) as Record<SealedKind, number>),
    'account-seal': await accountSeals.renew(),
  }
  for (const kind of KINDS) {
    for (;;) {
      const rows = await store.sealedValues.listOthers(kind, ring.writingKeyId, BATCH)
      const resealed = rows.map((row): [SealedRow, string] => [
        row,
        ring.seal(kind, BOUND_TO[kind](row.id), ring.open(kind, BOUND_TO[kind](row.id), row.sealed)),
      ])
      await store.transaction(async (tx) => {
        for (const [row, value] of resealed)
          counts[kind] += (await tx.sealedValues.replace(kind, row, value)) ? 1 : 0
      })
      if (rows.length < BATCH) break
    }
  }
  await store.transaction((tx) =>
    audit.record(tx, { event: 'keys.rotated', actor, details: { key: ring.writingKeyId, ...counts } }),
  )
  return counts
}

/**
 * What still depends on a key: sealed values by kind, and passwords whose owners have not signed in since the
 * rotation.
 */
export async function dependentsOf(
  { store }: Pick<Dependencies, 'store'>,
  keyId: string,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = { passwords: await store.sealedValues.countPasswordsUnder(keyId) }
  for (const kind of KINDS) counts[kind] = await store.sealedValues.countUnder(kind, keyId)
  counts['account-seal'] = await store.sealedValues.countAccountSealsUnder(keyId)
  return counts
}

/**
 * What dies with a key although it is sealed under another one: it is found by a keyed hash, and from before
 * the rotation by one under the key that goes. Which hash is whose nobody can tell; what began before the
 * first rotation to the key that writes now is counted, so rather too much than too little.
 */
export async function endingWith(
  { store, ring }: Pick<Dependencies, 'store' | 'ring'>,
  now: number,
  browserKeptMs: number,
): Promise<HashedCounts> {
  let rotatedAt = now
  for (const { details, occurredAt } of await store.auditEvents.listNamed('keys.rotated')) {
    if ((JSON.parse(details) as { key?: string }).key !== ring.writingKeyId) break
    rotatedAt = occurredAt
  }
  return store.sealedValues.countHashedBefore(rotatedAt, now, browserKeptMs)
}

/**
 * Lets a key go: from now on the ring may lack it. False when this database does not know it. The caller has
 * looked at what depends on it.
 */
export const retireMasterKey = (
  { store, audit }: Dependencies,
  keyId: string,
  actor: Actor,
  givenUp: Record<string, number>,
): Promise<boolean> =>
  store.transaction(async (tx) => {
    if (!(await tx.sealedValues.removeCanary(keyId))) return false
    await audit.record(tx, { event: 'keys.retired', actor, details: { key: keyId, ...givenUp } })
    return true
  })
