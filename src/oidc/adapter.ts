// Where oidc-provider keeps what it must remember. Ids are stored as keyed hashes and payloads sealed whole:
// a copy of the database holds no live session. Expiry is decided here, from the passed-in clock; single use
// by one conditional update.

import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'
import { errors } from 'oidc-provider'
import type { StoredArtifact } from '../../db/repositories/oidc-artifacts.js'
import type { Store } from '../../db/store.js'
import type { KeyRing } from '../key-ring.js'
import { conditionOfSave, type SaveCondition } from './conditional-save.js'
import { isTurnedIn, type EndReused } from './reuse.js'
import { openArtifact } from './sealed-artifact.js'

/** An ended session still says who is to be told, a used code what it gave. Nobody's rows go at their end. */
export const ENDED_ARTIFACT_KEPT_MS = 24 * 3_600_000

/** So long an interaction waits for its page to be opened for the first time; then it has its whole time. */
export const UNVISITED_MS = 2 * 60_000

type Dependencies = {
  store: Store
  ring: KeyRing
  now: () => number
  findClient: (clientId: string) => Promise<AdapterPayload | undefined>
  endReused: EndReused
}

export function createAdapterFactory(dependencies: Dependencies): AdapterFactory {
  return (model) =>
    model === 'Client' ? createClientAdapter(dependencies) : createArtifactAdapter(model, dependencies)
}

function createArtifactAdapter(model: string, { store, ring, now, endReused }: Dependencies): Adapter {
  const artifacts = store.oidcArtifacts
  const idHashes = (id: string) => ring.macs('lookup', `${model}:${id}`)
  const hash = (kind: string, value: unknown) =>
    typeof value === 'string' ? ring.mac('lookup', `${kind}:${value}`) : null

  function unseal(row: StoredArtifact | undefined): AdapterPayload | undefined {
    if (row === undefined) return undefined
    if (row.expiresAt !== null && row.expiresAt <= now() && row.consumedAt === null) return undefined
    if (row.consumedAt !== null && model === 'Session') return undefined
    const payload = openArtifact(ring, row)
    if (row.consumedAt === null) return payload
    if (!isTurnedIn()) return { ...payload, consumed: Math.floor(row.consumedAt / 1000) }
    // Whoever turns it in again is told by `consume` alone, so that there is one way to lose. A late replay of
    // a code must still revoke what it gave, but the library looks at its end first.
    return model === 'AuthorizationCode' ? { ...payload, exp: Math.floor(now() / 1000) + 1 } : payload
  }

  const seal = (idHash: string, payload: AdapterPayload) =>
    ring.seal('sealed-artifact', `${model}/${idHash}`, JSON.stringify(payload))

  /** The row alone: the library reads an interaction and saves it whole, and that only at a post. */
  const markVisited = async ({ idHash, expiresAt }: StoredArtifact, exp: number): Promise<void> => {
    if (expiresAt !== null && expiresAt < exp * 1000)
      await artifacts.prolong(model, idHash, now(), exp * 1000)
  }

  /**
   * The library saves a session whole: of two requests at once the last would drop the application that the
   * other has added.
   */
  const saveSession = (artifact: StoredArtifact, payload: AdapterPayload): Promise<void> =>
    store.transaction(async (tx) => {
      const stored = await tx.oidcArtifacts.lock(model, artifact.idHash)
      const isOwn =
        stored !== undefined && stored.consumedAt === null && stored.accountId === artifact.accountId
      const authorizations = {
        ...(isOwn ? openArtifact(ring, stored).authorizations : {}),
        ...payload.authorizations,
      }
      await tx.oidcArtifacts.upsert({
        ...artifact,
        sealedPayload: seal(artifact.idHash, { ...payload, authorizations }),
      })
    })

  const saveUnder = (condition: SaveCondition, artifact: StoredArtifact): Promise<void> =>
    store.transaction(async (tx) => {
      const stored = await tx.oidcArtifacts.lock(model, artifact.idHash)
      condition.isRefused = stored === undefined || !condition.isStill(openArtifact(ring, stored))
      if (!condition.isRefused) await tx.oidcArtifacts.upsert(artifact)
    })

  return {
    async upsert(id, payload, expiresIn) {
      const hashes = idHashes(id)
      // Saved under an older key before? Then it keeps that hash, or there would be two rows for one id.
      const earlier = hashes.length > 1 ? await artifacts.find(model, hashes) : undefined
      const idHash = earlier?.idHash ?? ring.mac('lookup', `${model}:${id}`)
      const at = now()
      const endsAt = typeof expiresIn === 'number' ? at + expiresIn * 1000 : null
      const isUnvisited = model === 'Interaction' && payload['result'] === undefined
      const artifact: StoredArtifact = {
        model,
        idHash,
        sealedPayload: seal(idHash, payload),
        grantHash: hash('grant', payload.grantId),
        uidHash: hash('uid', payload.uid),
        userCodeHash: hash('user-code', payload.userCode),
        accountId: payload.accountId ?? null,
        consumedAt: null,
        createdAt: at,
        expiresAt: isUnvisited && endsAt !== null ? Math.min(endsAt, at + UNVISITED_MS) : endsAt,
      }
      const condition = conditionOfSave()
      if (condition !== undefined) await saveUnder(condition, artifact)
      else if (model === 'Session') await saveSession(artifact, payload)
      else if (model !== 'ReplayDetection') await artifacts.upsert(artifact)
      else if (!(await artifacts.insertOnce(artifact)))
        throw new errors.InvalidClientAuth('this assertion was already used')
    },

    async find(id) {
      const row = await artifacts.find(model, idHashes(id))
      const payload = unseal(row)
      if (model === 'Interaction' && row !== undefined && payload?.exp !== undefined)
        await markVisited(row, payload.exp)
      return payload
    },
    findByUid: async (uid) =>
      unseal(await artifacts.findBy(model, 'uidHash', ring.macs('lookup', `uid:${uid}`))),
    findByUserCode: async (code) =>
      unseal(await artifacts.findBy(model, 'userCodeHash', ring.macs('lookup', `user-code:${code}`))),

    async consume(id) {
      if (await artifacts.consume(model, idHashes(id), now())) return
      await endReused(model, idHashes(id))
      // Any other error would be answered 500; the library turns this one into `invalid_grant`.
      throw new errors.InvalidGrant('already used')
    },

    async destroy(id) {
      // An ended session keeps its row, marked: a request under way in another window saves it again, and
      // must not revive it.
      if (model === 'Session') await artifacts.consume(model, idHashes(id), now())
      else await artifacts.delete(model, idHashes(id))
    },

    async revokeByGrantId(grantId) {
      await artifacts.deleteByGrant(ring.macs('lookup', `grant:${grantId}`), [model])
    },
  }
}

/** Clients come from their own table and are changed by the operator's commands alone. */
function createClientAdapter({ findClient }: Dependencies): Adapter {
  const readOnly = async () => {
    throw new Error('clients are changed by the client service only')
  }
  return {
    find: findClient,
    upsert: readOnly,
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    consume: readOnly,
    destroy: readOnly,
    revokeByGrantId: async () => {},
  }
}

export type KnownInteraction = { clientId: string | undefined; isUnderWay: boolean }

/** An interaction, as long as its row is kept. Looking counts as no visit. */
export async function findInteraction(
  uid: string,
  { store, ring, now }: Pick<Dependencies, 'store' | 'ring' | 'now'>,
): Promise<KnownInteraction | undefined> {
  const row = await store.oidcArtifacts.find('Interaction', ring.macs('lookup', `Interaction:${uid}`))
  if (row === undefined) return undefined
  const clientId = openArtifact(ring, row).params?.client_id
  return {
    clientId: typeof clientId === 'string' ? clientId : undefined,
    isUnderWay: (row.expiresAt ?? 0) > now(),
  }
}
