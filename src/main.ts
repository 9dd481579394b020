// Production start: configuration, database, application, listening. Whatever is wrong is said in plain
// lines, and nothing starts.

import type { Knex } from 'knex'
import { pino } from 'pino'
import { connectDatabase, durabilityFaults } from '../db/connect.js'
import { exposedPaths } from '../db/file-modes.js'
import { migrateToLatest } from '../db/migrate.js'
import { createApp } from './app.js'
import { startBackground } from './background.js'
import { readConfig } from './config/config.js'
import { readEnvironment } from './config/environment.js'
import { AppError } from './errors.js'
import { refuseDisclosedKeys } from './keys/disclosed-keys.js'
import { createSmtpTransport } from './mail/transport.js'
import { reloadOnSignal, startServer, stopOnSignal } from './server.js'

try {
  await start()
} catch (error) {
  const lines =
    error instanceof AppError
      ? error.message.split('\n')
      : [String(error instanceof Error ? error.message : error)]
  process.stderr.write(`Laissez-passer does not start:\n${lines.map((line) => `  - ${line}`).join('\n')}\n`)
  process.exit(1)
}

async function start(): Promise<void> {
  const { environment, namesInFile } = readEnvironment()
  const config = readConfig(environment, { namesInFile })
  const log = pino({ level: config.logLevel, base: null })
  let reload = (): void => {}
  reloadOnSignal(() => reload()) // first of all: the signal must not end a process that is still starting
  const exposed = exposedPaths(config.databaseUrl)
  if (exposed.length > 0) throw new AppError('configuration', 500, exposed.join('\n'))
  const db = await openDatabase(config.databaseUrl).catch((cause: unknown) => {
    throw new AppError(
      'database-unavailable',
      503,
      `DATABASE_URL cannot be reached or migrated: ${(cause as Error).message}`,
      { cause },
    )
  })
  const faults = await durabilityFaults(db)
  if (faults.length > 0) throw new AppError('configuration', 500, faults.join('\n'))

  const { smtpUrl, mailFrom, issuerUrl } = config
  const transport = smtpUrl === undefined ? undefined : createSmtpTransport({ smtpUrl, mailFrom, issuerUrl })
  if (transport === undefined) log.warn('SMTP_URL is not set: mails wait in the outbox')
  if (config.enrolment === 'open')
    log.warn('ENROLMENT=open: whoever has a CIP and its password can enrol the first phone')

  if (config.accountSeals === 'write')
    log.warn('ACCOUNT_SEALS=write: an account that was changed past this program is not refused')

  const app = await createApp(config, db, { now: Date.now, log, transport })
  refuseDisclosedKeys((await app.services.signingKeys.jwks()).keys)
  const server = await startServer(app, config, log)
  reload = server.reload
  const background = startBackground(app, log)
  log.info({ issuer: issuerUrl, port: server.port }, 'listening')
  stopOnSignal(async () => {
    await server.stop() // until then places in line are kept, and mails go out
    await background.stop()
    await app.services.waitingPlaces.end()
    transport?.close?.()
    await db.destroy()
  })
}

async function openDatabase(databaseUrl: string): Promise<Knex> {
  const db = connectDatabase(databaseUrl)
  await migrateToLatest(db)
  return db
}
