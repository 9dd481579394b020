// A whole provider in this process, on a port of its own, with a real database, a clock that moves and a
// mailbox to read.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino, type Logger } from 'pino'
import { Writable } from 'node:stream'
import { migrateToLatest } from '../../db/migrate.js'
import { createApp, type App } from '../../src/app.js'
import type { Config } from '../../src/config/config.js'
import { createKeyRing } from '../../src/key-ring.js'
import { createCapture, type CapturedMail } from '../../src/mail/transport.js'
import { clock } from './clock.js'
import { connectTestDatabase, createMigratedDatabase, type DatabaseKind } from './databases.js'
import { createPerson, type Person } from './people.js'
import { readTestConfig } from './settings.js'
import { insertTestSigningKeys } from './signing-keys.js'

export type Idp = Awaited<ReturnType<typeof startIdp>>

/** As long as a busy machine needs; what the limit of requests does has tests of its own. */
const PATIENCE_MS = 60_000

export type IdpOptions = {
  settings?: Record<string, string>
  database?: DatabaseKind
  databaseUrl?: string
  requestDatabaseMs?: number
  passwordPatienceMs?: number
}

export async function startIdp({
  settings = {},
  database,
  databaseUrl,
  requestDatabaseMs = PATIENCE_MS,
  passwordPatienceMs = PATIENCE_MS,
}: IdpOptions = {}) {
  const limits = { requestDatabaseMs, passwordPatienceMs }
  const testDatabase =
    databaseUrl === undefined
      ? await createMigratedDatabase(database)
      : { url: databaseUrl, remove: async () => {} }
  const logLines: string[] = []
  const log = pino({ level: 'debug', base: null }, collect(logLines))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  const url = `http://localhost:${(server.address() as AddressInfo).port}`
  const environment: Record<string, string> = {
    DATABASE_URL: testDatabase.url,
    ISSUER_URL: url,
    ...settings,
  }
  let config = readTestConfig(environment)
  const mails: CapturedMail[] = []
  let running = await run(config, log, server, mails, limits).catch((error: unknown) => {
    server.close() // or the test run would never end
    throw error
  })

  return {
    url,
    logLines,
    mails,
    get config() {
      return config
    },
    get db() {
      return running.db
    },
    get app(): App {
      return running.app
    },
    get services() {
      return running.app.services
    },

    createPerson: (person: Partial<Person> = {}): Promise<Person> => createPerson(running.app, person),

    async account(cip: string) {
      const account = await running.app.services.store.accounts.findByCip(cip)
      if (account === undefined) throw new Error(`no account ${cip}`)
      return account
    },

    /** Sends what waits and returns all mails so far, the latest first. */
    async readMail(): Promise<CapturedMail[]> {
      await running.app.issuePasswords()
      while ((await running.app.deliverMail()) > 0);
      return mails
    },

    /**
     * Ends the application and its connections, then starts another one on the same database and port, with
     * these settings changed.
     */
    async restart(changed: Record<string, string> = {}): Promise<void> {
      await running.stop()
      config = readTestConfig(Object.assign(environment, changed))
      running = await run(config, log, server, mails, limits)
    },

    async stop(): Promise<void> {
      await running.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await testDatabase.remove()
    },
  }
}

async function run(
  config: Config,
  log: Logger,
  server: Server,
  mails: CapturedMail[],
  limits: Required<Pick<IdpOptions, 'requestDatabaseMs' | 'passwordPatienceMs'>>,
) {
  const db = await connectTestDatabase(config.databaseUrl)
  await migrateToLatest(db)
  await insertTestSigningKeys(db, createKeyRing(config.masterKeys))
  const dependencies = {
    now: clock.now,
    log,
    transport: createCapture(clock.now, mails),
    capturedMails: mails,
    ...limits,
  }
  const app = await createApp(config, db, dependencies).catch(async (error: unknown) => {
    await db.destroy()
    throw error
  })
  const handle = app.koa.callback()
  server.on('request', handle)
  return {
    db,
    app,
    async stop() {
      server.off('request', handle)
      await app.services.waitingPlaces.end()
      await db.destroy()
    },
  }
}

function collect(lines: string[]): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk))
      done()
    },
  })
}
