// Threat: a reset that waits behind an import of thousands; a mail that never arrives and nobody hears of it;
// a fault of our own settings that throws away everybody's mail.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { StoredMail } from '../../db/repositories/outbox.js'
import {
  deliverDueMail,
  MAIL_CONNECTIONS,
  type MailKind,
  type MailTransport,
} from '../../src/mail/mailbox.js'
import { createSmtpTransport } from '../../src/mail/transport.js'
import { clock } from '../support/clock.js'
import { createMigratedDatabase, type TestDatabase } from '../support/databases.js'
import { startMailServer } from '../support/mail-server.js'
import { openServices, type TestServices } from '../support/services.js'
import { until } from '../support/until.js'

let database: TestDatabase
let services: TestServices
let server: Awaited<ReturnType<typeof startMailServer>>
let transport: MailTransport
beforeAll(async () => {
  database = await createMigratedDatabase()
  services = await openServices({ databaseUrl: database.url })
  server = await startMailServer()
  const issuerUrl = 'https://acces.exemple.ca'
  transport = createSmtpTransport({ smtpUrl: server.url, mailFrom: 'idp@exemple.ca', issuerUrl })
})
afterEach(async () => {
  server.refuse('RCPT TO', undefined)
  server.letGo()
  server.recipients.length = 0
  await services.db('outbox').delete()
})
afterAll(async () => {
  transport.close?.()
  await server.stop()
  await services.close()
  await database.remove()
})

const post = (kind: MailKind, name: string): Promise<void> =>
  services.store.transaction((tx) =>
    services.mailbox.post(
      tx,
      kind,
      {
        id: name,
        name,
        email: `${name}@exemple.ca`,
        cip: name,
        locale: null,
      },
      () => ({ temporaryPassword: 'x', expiresAt: 'x', applications: [], minLength: 14, maxLength: 20 }),
    ),
  )

const deliver = (): Promise<number> =>
  deliverDueMail({ ...services, transport, now: clock.now, onFailure: () => {} })

const mailOf = async (name: string): Promise<StoredMail | undefined> =>
  (await services.store.outbox.list(name, 1))[0]

describe('the mails that wait', () => {
  test('all go in one run, over a few connections that are kept', async () => {
    const before = server.connections()
    for (let n = 0; n < 120; n += 1) await post('password-changed', `marie${n}`)
    expect(await deliver()).toBe(120)
    expect(new Set(server.recipients).size).toBe(120)
    expect(server.connections() - before).toBeLessThanOrEqual(MAIL_CONNECTIONS * 2) // of a hundred mails each
  })

  test('several at once: one that the server is slow with holds up nobody', async () => {
    server.hold()
    for (let n = 0; n < MAIL_CONNECTIONS; n += 1) await post('password-changed', `marie${n}`)
    const run = deliver()
    await until(() => server.delivering() === MAIL_CONNECTIONS)
    server.letGo()
    expect(await run).toBe(MAIL_CONNECTIONS)
  })

  test('of an import let whoever is at the telephone pass', async () => {
    for (let n = 0; n < 30; n += 1) await post('account-created', `nouveau${n}`)
    clock.advance({ seconds: 1 })
    await post('password-reset', 'julie')
    await deliver()
    expect(server.recipients.indexOf('julie@exemple.ca')).toBeLessThan(MAIL_CONNECTIONS)
    expect(server.recipients).toHaveLength(31)
  })
})

describe('a refusal of the mail server', () => {
  test.each([
    [550, '5.1.1 User unknown', '550 5.1.1'],
    [553, '5.1.3 no such mailbox here', '553 5.1.3'],
    [552, '5.2.2 mailbox full', '552 5.2.2'],
  ])(
    '%s %s is for good: the mail is given up at once, and why is kept',
    async (responseCode, message, codes) => {
      server.refuse('RCPT TO', { responseCode, message }, 'personne@exemple.ca')
      await post('password-changed', 'personne')
      await post('password-changed', 'julie')
      expect(await deliver()).toBe(1)
      expect(await mailOf('personne')).toMatchObject({
        tries: 1,
        sentAt: null,
        abandonedAt: expect.any(Number),
        refusal: codes,
      })
      expect(await mailOf('julie')).toMatchObject({ sentAt: expect.any(Number), refusal: null })
    },
  )

  test.each([
    ['for now', 'RCPT TO', 450, '4.2.0 greylisted'],
    ['of our own relay', 'RCPT TO', 554, '5.7.1 Relay access denied'],
    ['of our own relay, in old words', 'RCPT TO', 550, 'Relaying denied'],
    ['of our own address', 'MAIL FROM', 550, '5.1.0 sender rejected'],
  ] as const)('%s (%s %s) is tried again', async (_why, at, responseCode, message) => {
    server.refuse(at, { responseCode, message })
    await post('password-changed', 'julie')
    expect(await deliver()).toBe(0)
    expect(await mailOf('julie')).toMatchObject({ tries: 1, abandonedAt: null, refusal: null })
    server.refuse(at, undefined)
    clock.advance({ hours: 1 })
    expect(await deliver()).toBe(1)
  })
})
