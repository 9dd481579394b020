// The compiled provider and the signals a service manager sends: SIGHUP never ends it, SIGTERM lets it finish
// what it has begun (R13).

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'
import type { StoredMail } from '../../db/repositories/outbox.js'
import { MAIL_CONNECTIONS } from '../../src/mail/mailbox.js'
import { createMigratedDatabase, type TestDatabase } from '../support/databases.js'
import { startProcess } from '../support/provider-process.js'
import { openServices } from '../support/services.js'
import { until } from '../support/until.js'

let database: TestDatabase
let settings: Record<string, string>
beforeEach(async () => {
  database = await createMigratedDatabase('sqlite')
  settings = { ISSUER_URL: 'http://localhost:3000', DATABASE_URL: database.url }
})
afterEach(() => database.remove())

describe('SIGHUP', () => {
  test('where a proxy does TLS: a line in the log, and the service goes on', async () => {
    const running = await startProcess(settings)
    running.signal('SIGHUP')
    await until(() => running.output().includes('nothing to read again'))
    expect((await fetch(`http://localhost:${running.port}/readyz`)).status).toBe(200)
    const { code, output } = await running.stop()
    expect(code).toBe(0)
    expect(output.match(/nothing to read again/g)).toHaveLength(1)
  })
})

describe('SIGTERM', () => {
  test('while mails are on their way: they are sent, written down as sent, and go out once; no other is begun', async () => {
    const services = await openServices({ databaseUrl: database.url })
    await services.store.transaction(async (tx) => {
      for (const cip of Array.from({ length: MAIL_CONNECTIONS + 2 }, (_, index) => `p${index}`))
        await services.mailbox.post(tx, 'password-changed', {
          id: cip,
          name: 'Marie',
          email: `${cip}@exemple.ca`,
          cip,
          locale: null,
        })
    })
    const acknowledge: (() => void)[] = []
    const received: string[] = []
    const mailServer = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, session, done) {
        stream.on('data', () => {})
        stream.on('end', () => {
          received.push(...session.envelope.rcptTo.map(({ address }) => address))
          acknowledge.push(done)
        })
      },
    })
    await new Promise<void>((resolve) => mailServer.listen(0, '127.0.0.1', resolve))
    const { port } = mailServer.server.address() as AddressInfo

    const running = await startProcess({ ...settings, SMTP_URL: `smtp://127.0.0.1:${port}` })
    await until(() => acknowledge.length === MAIL_CONNECTIONS)
    running.signal('SIGTERM')
    await until(() => refusesAt(running.port))
    acknowledge.forEach((done) => done())
    expect(await running.ended).toMatchObject({ code: 0 })
    expect(new Set(received).size).toBe(MAIL_CONNECTIONS)
    expect(received).toHaveLength(MAIL_CONNECTIONS)
    const mails = await services.db<StoredMail>('outbox')
    const waiting = mails.filter(({ sentAt }) => sentAt === null)
    expect(waiting).toMatchObject([{ tries: 0 }, { tries: 0 }])
    expect(mails.filter(({ tries, sealedMessage }) => tries === 1 && sealedMessage === null)).toHaveLength(
      MAIL_CONNECTIONS,
    )
    await new Promise<void>((resolve) => mailServer.close(resolve))
    await services.close()
  })
})

/** True once it has heard a signal to end: it takes no new connection. */
const refusesAt = (port: number): Promise<boolean> =>
  fetch(`http://localhost:${port}/healthz`, { headers: { connection: 'close' } }).then(
    () => false,
    () => true,
  )
