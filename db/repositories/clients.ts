// Registered relying parties. The secret is sealed and stands beside the metadata, never in it.

import type { Knex } from 'knex'

export type StoredClient = {
  clientId: string
  metadata: string
  sealedSecret: string | null
  createdAt: number
  updatedAt: number
}

export type ClientsRepository = ReturnType<typeof createClientsRepository>

export function createClientsRepository(db: Knex) {
  const clients = () => db<StoredClient>('clients')
  return {
    async insert(client: StoredClient): Promise<boolean> {
      const inserted = await clients().insert(client).onConflict('clientId').ignore().returning('clientId')
      return inserted.length === 1
    },

    find: (clientId: string): Promise<StoredClient | undefined> => clients().where({ clientId }).first(),

    list: (): Promise<StoredClient[]> => clients().orderBy('clientId'),

    async update(
      clientId: string,
      changes: Partial<Omit<StoredClient, 'clientId' | 'createdAt'>>,
    ): Promise<boolean> {
      return (await clients().where({ clientId }).update(changes)) === 1
    },

    async remove(clientId: string): Promise<boolean> {
      return (await clients().where({ clientId }).delete()) === 1
    },
  }
}
