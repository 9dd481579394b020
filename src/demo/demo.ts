// `npm run demo`: the provider and the demonstration eEspresso on one machine, with example people and a
// mailbox one can read.

import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { pino } from 'pino'
import { connectDatabase } from '../../db/connect.js'
import { migrateToLatest } from '../../db/migrate.js'
import { createApp } from '../app.js'
import { startBackground } from '../background.js'
import { readConfig, type Config } from '../config/config.js'
import { DEMO_PEOPLE, seedDemo } from './people.js'
import { demoEnvironment } from './settings.js'
import { readEnvironment } from '../config/environment.js'
import { AppError } from '../errors.js'
import { createCapture, createSmtpTransport } from '../mail/transport.js'
import { packageRoot } from '../config/package-root.js'
import { startServer, stopOnSignal } from '../server.js'

try {
  await start()
} catch (error) {
  const message =
    error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
      ? 'the port is taken: stop what uses it, or set PORT and DEMO_RP_PORT'
      : (error as Error).message
  process.stderr.write(`The demonstration does not start: ${message}\n`)
  process.exit(1)
}

async function start(): Promise<void> {
  const { environment, namesInFile } = readEnvironment()
  const config = readConfig(demoEnvironment(environment), { namesInFile })
  if (new URL(config.issuerUrl).hostname !== 'localhost')
    throw new AppError(
      'configuration',
      500,
      'ISSUER_URL must be on localhost: the demonstration shows mails and passwords',
    )
  const rpPort = Number(environment['DEMO_RP_PORT'] ?? config.port + 1)
  const rpUrl = `http://localhost:${rpPort}`

  const db = connectDatabase(config.databaseUrl)
  await migrateToLatest(db)
  const log = pino({ level: environment['LOG_LEVEL'] ?? 'warn', base: null })
  const capture = createCapture(Date.now)
  const { smtpUrl, mailFrom, issuerUrl } = config
  const transport = smtpUrl === undefined ? capture : createSmtpTransport({ smtpUrl, mailFrom, issuerUrl })
  const app = await createApp(config, db, { now: Date.now, log, transport, capturedMails: capture.mails })
  const clientSecret = await seedDemo(app.services, rpUrl, Date.now())
  const server = await startServer(app, config, log)
  const background = startBackground(app, log)

  const rp = spawn(process.execPath, [join(packageRoot(), 'demo-rp', 'dist', 'main.js')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: environment['PATH'],
      PORT: String(rpPort),
      BASE_URL: rpUrl,
      ISSUER_URL: config.issuerUrl,
      CLIENT_ID: 'eespresso',
      CLIENT_SECRET: clientSecret,
    },
  })
  rp.once('exit', (code) => {
    if (code !== 0 && code !== null)
      process.stderr.write(`eEspresso has stopped (code ${code}); is port ${rpPort} taken?\n`)
  })
  greet(config, rpUrl)
  stopOnSignal(async () => {
    rp.kill()
    await Promise.all([server.stop(), background.stop()])
    await app.services.waitingPlaces.end()
    transport.close?.()
    await db.destroy()
  })
}

function greet(config: Config, rpUrl: string): void {
  const people = DEMO_PEOPLE.map(
    ({ cip, password, about }) => `    ${cip.padEnd(12)} ${password.padEnd(22)} ${about}`,
  )
  process.stdout.write(
    [
      '',
      `  eEspresso             ${rpUrl}`,
      `  Laissez-passer        ${config.issuerUrl}`,
      `  Courriels / mail      ${config.issuerUrl}/dev/mail`,
      '',
      '  CIP          Mot de passe',
      ...people,
      '',
      '  Un autre compte / another account:',
      '    npm run cli -- account create tram1234 --name "Marie Tremblay" --email marie.tremblay@exemple.ca',
      '',
      '',
    ].join('\n'),
  )
}
