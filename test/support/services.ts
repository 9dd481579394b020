// The services over a fresh database, without HTTP: for what is decided below the pages and the commands.

import type { Account } from '../../src/accounts/accounts.js'
import { createMetrics } from '../../src/metrics/metrics.js'
import { createServices } from '../../src/services.js'
import { clock } from './clock.js'
import { connectTestDatabase, createMigratedDatabase, type DatabaseKind } from './databases.js'
import { createPerson, type Person } from './people.js'
import { readTestConfig } from './settings.js'

export type TestServices = Awaited<ReturnType<typeof openServices>>

type Options = { settings?: Record<string, string>; database?: DatabaseKind; databaseUrl?: string }

/** `databaseUrl`: beside another process, over its database. */
export async function openServices({ settings = {}, database, databaseUrl }: Options = {}) {
  const testDatabase =
    databaseUrl === undefined
      ? await createMigratedDatabase(database)
      : { url: databaseUrl, remove: async () => {} }
  const config = readTestConfig({
    ISSUER_URL: 'http://localhost:3000',
    DATABASE_URL: testDatabase.url,
    ...settings,
  })
  const db = await connectTestDatabase(config.databaseUrl)
  const services = createServices(config, db, clock.now, createMetrics())
  return {
    ...services,
    services,
    db,
    config,

    /** The account of somebody who chose a password already. */
    async createPerson(person: Partial<Person> = {}): Promise<Account> {
      return this.account(await createPerson({ services }, person))
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
