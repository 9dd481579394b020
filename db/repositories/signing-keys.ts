// The keys that sign tokens, sealed. A key is published before it signs and for a while after.

import type { Knex } from 'knex'

export type StoredSigningKey = {
  kid: string
  algorithm: string
  sealedJwk: string
  createdAt: number
  signsFrom: number
  publishedUntil: number | null
}

export type SigningKeysRepository = ReturnType<typeof createSigningKeysRepository>

export function createSigningKeysRepository(db: Knex) {
  const keys = () => db<StoredSigningKey>('signing_keys')
  return {
    async insert(key: StoredSigningKey): Promise<void> {
      await keys().insert(key)
    },

    list: (): Promise<StoredSigningKey[]> => keys().orderBy('signsFrom', 'desc').orderBy('kid'),

    async retire(kid: string, publishedUntil: number): Promise<void> {
      await keys().where({ kid, publishedUntil: null }).update({ publishedUntil })
    },

    /** None is published any more, those included that were to sign one day. */
    deleteAll: (): Promise<number> => keys().delete(),

    deleteRetiredBefore: (now: number): Promise<number> => keys().where('publishedUntil', '<', now).delete(),
  }
}
