// The services over a fresh database, without HTTP: for what is decided below the pages and the commands.

import { connectDatabase } from '../../db/connect.js'
import { migrateToLatest } from '../../db/migrate.js'
import { newAccountRow } from '../../src/accounts/account-row.js'
import type { Account } from '../../src/accounts/accounts.js'
import { readConfig } from '../../src/config/config.js'
import { randomId } from '../../src/key-ring.js'
import { createMetrics } from '../../src/metrics.js'
import { createServices } from '../../src/services.js'
import { clock } from './clock.js'
import { createTestDatabase, type DatabaseKind } from './databases.js'

export type TestServices = Awaited<ReturnType<typeof openServices>>

export const OPERATOR = { name: 'operator:test', clientAddress: 'cli' }
export const OWN_PASSWORD = 'trois-chats-dorment'

/** `databaseUrl`: another process beside one that is open already. */
export async function openServices({
  settings = {},
  database,
  databaseUrl,
}: { settings?: Record<string, string>; database?: DatabaseKind; databaseUrl?: string } = {}) {
  const testDatabase =
    databaseUrl === undefined
      ? await createTestDatabase(database)
      : { url: databaseUrl, remove: async () => {} }
  const config = readConfig({
    NODE_ENV: 'test',
    BCRYPT_COST: '4',
    ISSUER_URL: 'http://localhost:3000',
    MASTER_KEYS: `test:${Buffer.from('a test key, 32 bytes, no secret!').toString('base64')}`,
    DATABASE_URL: testDatabase.url,
    ...settings,
  })
  const db = connectDatabase(config.databaseUrl)
  await migrateToLatest(db)
  const services = createServices(config, db, clock.now, createMetrics())
  return {
    ...services,
    db,
    config,

    /** Somebody who has replaced the temporary password by one of their own. */
    async createPerson(
      cip = `p${randomId()
        .toLowerCase()
        .replace(/[^a-z0-9]/g, '')}`,
    ): Promise<Account> {
      const account = newAccountRow({
        cip,
        name: 'Marie Tremblay',
        email: 'marie@exemple.ca',
        passwordHash: await services.hasher.hash(OWN_PASSWORD),
        passwordSetAt: clock.now(),
        createdAt: clock.now(),
      })
      await services.store.accounts.insert(account)
      return account
    },

    /** The account as it is stored now. */
    async account({ id }: Pick<Account, 'id'>): Promise<Account> {
      const account = await services.store.accounts.findById(id)
      if (account === undefined) throw new Error(`no account ${id}`)
      return account
    },

    async close(): Promise<void> {
      await db.destroy()
      await testDatabase.remove()
    },
  }
}
