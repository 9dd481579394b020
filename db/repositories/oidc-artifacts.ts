// What oidc-provider keeps: sessions, interactions, grants, codes, tokens. Ids are keyed hashes, payloads are
// sealed. Expiry is the caller's question: rows say when they end, `now` comes with the call.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

export type StoredArtifact = {
  model: string
  idHash: string
  sealedPayload: string
  grantHash: string | null
  uidHash: string | null
  userCodeHash: string | null
  accountId: string | null
  consumedAt: number | null
  createdAt: number
  expiresAt: number | null
}

export type OidcArtifactsRepository = ReturnType<typeof createOidcArtifactsRepository>

export function createOidcArtifactsRepository(db: Knex) {
  const artifacts = () => db<StoredArtifact>('oidc_artifacts')
  return {
    async upsert(artifact: StoredArtifact): Promise<void> {
      // `consumedAt` and `createdAt` stay: saving a token again must not make it usable again.
      const { consumedAt: _consumed, createdAt: _created, ...changes } = artifact
      await artifacts().insert(artifact).onConflict(['model', 'idHash']).merge(changes)
    },

    /** False when the row is there already: for values that may be seen once (`jti`). */
    async insertOnce(artifact: StoredArtifact): Promise<boolean> {
      const inserted = await artifacts()
        .insert(artifact)
        .onConflict(['model', 'idHash'])
        .ignore()
        .returning('idHash')
      return inserted.length === 1
    },

    find: (model: string, idHashes: string[]): Promise<StoredArtifact | undefined> =>
      artifacts().where({ model }).whereIn('idHash', idHashes).first(),

    /** Inside a transaction: others wait with it until the transaction ends. */
    lock: (model: string, idHash: string): Promise<StoredArtifact | undefined> =>
      artifacts().where({ model, idHash }).forUpdate().first(),

    findBy: (
      model: string,
      column: 'uidHash' | 'userCodeHash',
      hashes: string[],
    ): Promise<StoredArtifact | undefined> =>
      artifacts()
        .where({ model })
        .whereIn(column, hashes)
        .orderByRaw('consumed_at is null desc')
        .orderBy('createdAt', 'desc')
        .first(),

    /** True for the one caller that consumes it; the others changed no row. */
    async consume(model: string, idHashes: string[], consumedAt: number): Promise<boolean> {
      const changed = await artifacts()
        .where({ model, consumedAt: null })
        .whereIn('idHash', idHashes)
        .update({ consumedAt })
      return changed === 1
    },

    delete: (model: string, idHashes: string[]): Promise<number> =>
      artifacts().where({ model }).whereIn('idHash', idHashes).delete(),

    /** Moves the end of what has not ended. */
    prolong: (model: string, idHash: string, now: number, expiresAt: number): Promise<number> =>
      artifacts()
        .where({ model, idHash })
        .where('expiresAt', '>', now)
        .where('expiresAt', '<', expiresAt)
        .update({ expiresAt }),

    deleteByGrant: (grantHashes: string[], models: readonly string[]): Promise<number> =>
      artifacts().whereIn('grantHash', grantHashes).whereIn('model', models).delete(),

    /**
     * All of the account, but for its sessions, which are marked as ended: a request under way may still save
     * one, and must not revive it.
     */
    endAccount: async (accountId: string, endedAt: number): Promise<void> => {
      await artifacts()
        .where({ accountId, model: 'Session', consumedAt: null })
        .update({ consumedAt: endedAt })
      await artifacts().where({ accountId }).whereNot({ model: 'Session' }).delete()
    },

    /**
     * Everybody's, and nobody's: no sign-in under way goes on, no token serves. What was seen once (`jti`)
     * stays seen.
     */
    endAll: async (endedAt: number): Promise<void> => {
      await artifacts().where({ model: 'Session', consumedAt: null }).update({ consumedAt: endedAt })
      await artifacts().whereNotIn('model', ['Session', 'ReplayDetection']).delete()
    },

    /** Its sessions as well: nothing can revive one whose account is gone. */
    deleteOfAccount: (accountId: string): Promise<number> => artifacts().where({ accountId }).delete(),

    listByAccount: (accountId: string, model: string): Promise<StoredArtifact[]> =>
      artifacts().where({ accountId, model, consumedAt: null }),

    countByAccount: async (accountId: string, model: string, now: number): Promise<number> => {
      const [row] = await artifacts()
        .where({ accountId, model, consumedAt: null })
        .where('expiresAt', '>', now)
        .count<{ count: number }[]>({ count: '*' })
      return Number(row?.count ?? 0)
    },

    countLive: async (model: string, now: number): Promise<number> => {
      const [row] = await artifacts()
        .where({ model, consumedAt: null })
        .whereNotNull('accountId')
        .where('expiresAt', '>', now)
        .count<{ count: number }[]>({ count: '*' })
      return Number(row?.count ?? 0)
    },

    /** What belongs to nobody: interactions, pushed requests, sessions without a sign-in. */
    deleteExpiredOfNobody: (before: number, limit: number): Promise<number> =>
      deleteSome(
        db,
        () => artifacts().where('expiresAt', '<', before).whereNull('accountId'),
        ['model', 'idHash'],
        limit,
      ),

    deleteExpired: (before: number, limit: number): Promise<number> =>
      deleteSome(db, () => artifacts().where('expiresAt', '<', before), ['model', 'idHash'], limit),
  }
}
