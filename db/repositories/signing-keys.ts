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

    /** All others are published no more, those included that were to sign one day. */
    deleteAllExcept: (kids: readonly string[]): Promise<number> => keys().whereNotIn('kid', kids).delete(),

    deleteRetiredBefore: (now: number): Promise<number> => keys().where('publishedUntil', '<', now).delete(),
  }
}
