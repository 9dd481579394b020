// Every column that holds a sealed value, as one table: what a change of master key must go through. Also the
// canaries that tell, at start, whether the keys given are the ones this database was sealed with.

import type { Knex } from 'knex'

export type SealedColumn = { table: string; column: string; id: readonly string[] }

/** `id` are the columns of the primary key. */
export const SEALED_COLUMNS = {
  'second-factor': { table: 'second_factors', column: 'sealedSecret', id: ['id', 'accountId'] },
  'signing-key': { table: 'signing_keys', column: 'sealedJwk', id: ['kid'] },
  'client-secret': { table: 'clients', column: 'sealedSecret', id: ['clientId'] },
  'sealed-secret': { table: 'sealed_secrets', column: 'sealedValue', id: ['name'] },
  'outbox': { table: 'outbox', column: 'sealedMessage', id: ['id'] },
  'sealed-artifact': { table: 'oidc_artifacts', column: 'sealedPayload', id: ['model', 'idHash'] },
} as const satisfies Record<string, SealedColumn>

export type SealedKind = keyof typeof SEALED_COLUMNS
export type SealedRow = { id: Record<string, string>; sealed: string }

/** What nobody finds any more when the key is gone that its hash was made with. */
export type HashedCounts = Record<'sessions' | 'refreshTokens' | 'activationCodes' | 'knownBrowsers', number>

export type SealedValuesRepository = ReturnType<typeof createSealedValuesRepository>

export function createSealedValuesRepository(db: Knex) {
  const notUnder = (kind: SealedKind, keyId: string) => {
    const { table, column } = SEALED_COLUMNS[kind]
    return db(table).whereNotNull(column).whereNot(column, 'like', `${keyId}.%`)
  }
  return {
    /** Values sealed under another key than `keyId`. */
    async listOthers(kind: SealedKind, keyId: string, limit: number): Promise<SealedRow[]> {
      const { column, id } = SEALED_COLUMNS[kind]
      const rows = (await notUnder(kind, keyId)
        .select([...id, column])
        .limit(limit)) as Record<string, string>[]
      return rows.map((row) => ({
        id: Object.fromEntries(id.map((name) => [name, String(row[name])])),
        sealed: String(row[column]),
      }))
    },

    /** Replaces a value, unless it was changed meanwhile. */
    async replace(kind: SealedKind, row: SealedRow, resealed: string): Promise<boolean> {
      const { table, column } = SEALED_COLUMNS[kind]
      return (
        (await db(table)
          .where({ ...row.id, [column]: row.sealed })
          .update({ [column]: resealed })) === 1
      )
    },

    /** How many values a master key still holds. */
    async countUnder(kind: SealedKind, keyId: string): Promise<number> {
      const { table, column } = SEALED_COLUMNS[kind]
      return countOf(db(table).where(column, 'like', `${keyId}.%`))
    },

    countAccountSealsUnder: (keyId: string): Promise<number> =>
      countOf(db('accounts').where('seal', 'like', `${keyId}.%`)),

    countPasswordsUnder: (keyId: string): Promise<number> =>
      countOf(db('accounts').where('passwordHash', 'like', `v_$${keyId}$%`)),

    /**
     * What lives on under a keyed hash and began before `rotatedAt`: no later change of key reaches it, since
     * what was hashed is stored nowhere.
     */
    async countHashedBefore(rotatedAt: number, now: number, browserKeptMs: number): Promise<HashedCounts> {
      const artifacts = (model: string) =>
        db('oidc_artifacts').where({ model, consumedAt: null }).where('expiresAt', '>', now)
      const codes = db('activation_codes').where({ usedAt: null }).where('expiresAt', '>', now)
      const browsers = db('known_browsers').where('lastSeenAt', '>', now - browserKeptMs)
      return {
        sessions: await countOf(artifacts('Session').where('createdAt', '<', rotatedAt)),
        refreshTokens: await countOf(artifacts('RefreshToken').where('createdAt', '<', rotatedAt)),
        activationCodes: await countOf(codes.where('createdAt', '<', rotatedAt)),
        knownBrowsers: await countOf(browsers.where('lastSeenAt', '<', rotatedAt)),
      }
    },

    listCanaries: (): Promise<{ keyId: string; sealed: string }[]> =>
      db('master_key_canaries').select('keyId', 'sealed'),

    async addCanary(keyId: string, sealed: string): Promise<void> {
      await db('master_key_canaries').insert({ keyId, sealed }).onConflict('keyId').ignore()
    },

    async removeCanary(keyId: string): Promise<boolean> {
      return (await db('master_key_canaries').where({ keyId }).delete()) === 1
    },
  }
}

async function countOf(query: Knex.QueryBuilder): Promise<number> {
  const [row] = await query.count<{ count: number }[]>({ count: '*' })
  return Number(row?.count ?? 0)
}
