// Registered relying parties. The secret is sealed and stands beside the metadata, never in it. Their web
// origins are kept a second time, one a row, so that one origin is found without reading every record:
// whoever writes a record writes those with it, here and nowhere else. Call inside a transaction.

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
  const origins = () => db<{ origin: string; clientId: string }>('client_origins')

  async function indexOrigins(clientId: string, metadata: string): Promise<void> {
    await origins().where({ clientId }).delete()
    const rows = originsIn(metadata).map((origin) => ({ origin, clientId }))
    if (rows.length > 0) await origins().insert(rows)
  }

  return {
    async insert(client: StoredClient): Promise<boolean> {
      const inserted = await clients().insert(client).onConflict('clientId').ignore().returning('clientId')
      if (inserted.length === 0) return false
      await indexOrigins(client.clientId, client.metadata)
      return true
    },

    find: (clientId: string): Promise<StoredClient | undefined> => clients().where({ clientId }).first(),

    list: (): Promise<StoredClient[]> => clients().orderBy('clientId'),

    /** True when some client's record names this web origin. */
    async hasOrigin(origin: string): Promise<boolean> {
      return (await origins().where({ origin }).first('clientId')) !== undefined
    },

    /** With `seen`, the metadata that was read, false as well when somebody has changed it since. */
    async update(
      clientId: string,
      changes: Partial<Omit<StoredClient, 'clientId' | 'createdAt'>>,
      seen?: string,
    ): Promise<boolean> {
      const found = seen === undefined ? { clientId } : { clientId, metadata: seen }
      if ((await clients().where(found).update(changes)) === 0) return false
      if (changes.metadata !== undefined) await indexOrigins(clientId, changes.metadata)
      return true
    },

    /** Its origins and what people allowed it go with it. */
    async remove(clientId: string): Promise<boolean> {
      return (await clients().where({ clientId }).delete()) === 1
    },
  }
}

function originsIn(metadata: string): string[] {
  const { allowed_origins: origins = [] } = JSON.parse(metadata) as { allowed_origins?: string[] }
  return [...new Set(origins)]
}
