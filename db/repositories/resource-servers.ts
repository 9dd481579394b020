// The APIs that access tokens can be made for, each with the scopes it knows.

import type { Knex } from 'knex'

export type TokenFormat = 'jwt' | 'opaque'

export type StoredResourceServer = {
  indicator: string
  name: string
  scopes: string
  tokenSeconds: number
  tokenFormat: TokenFormat
  createdAt: number
}

export type ResourceServersRepository = ReturnType<typeof createResourceServersRepository>

export function createResourceServersRepository(db: Knex) {
  const servers = () => db<StoredResourceServer>('resource_servers')
  return {
    async insert(server: StoredResourceServer): Promise<boolean> {
      const inserted = await servers().insert(server).onConflict('indicator').ignore().returning('indicator')
      return inserted.length === 1
    },

    find: (indicator: string): Promise<StoredResourceServer | undefined> =>
      servers().where({ indicator }).first(),

    list: (): Promise<StoredResourceServer[]> => servers().orderBy('indicator'),

    async remove(indicator: string): Promise<boolean> {
      return (await servers().where({ indicator }).delete()) === 1
    },
  }
}
