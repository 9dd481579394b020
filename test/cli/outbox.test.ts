// The operator's view of the mails: which wait, which never arrived and why, and one more try.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { MailMessage } from '../../src/mail/mailbox.js'
import { clock } from '../support/clock.js'
import { createCli, type Cli } from '../support/cli.js'
import { createMigratedDatabase, type TestDatabase } from '../support/databases.js'
import { openServices, type TestServices } from '../support/services.js'
import { MASTER_KEYS } from '../support/settings.js'

let database: TestDatabase
let services: TestServices
let cli: Cli
beforeEach(async () => {
  database = await createMigratedDatabase('sqlite')
  cli = createCli({ DATABASE_URL: database.url, MASTER_KEYS, TIME_ZONE: 'UTC' })
  services = await openServices({ databaseUrl: database.url })
  await cli.json('account', 'create', 'gagj2345', '--name', 'Julie Gagnon', '--email', 'julie@exmple.ca')
})
afterEach(async () => {
  await services.close()
  await database.remove()
})

type Listed = { id: string; cip: string; kind: string; state: string; refusal: string | null; tries: number }
const list = (...options: string[]) => cli.json<Listed[]>('outbox', 'list', ...options)

/** As if the mail server had refused it for good. */
async function refuse(): Promise<string> {
  const [mail] = await services.store.outbox.listDue(clock.now(), 1)
  if (mail === undefined) throw new Error('no mail waits')
  await services.store.outbox.abandon(mail, clock.now(), '550 5.1.1')
  return mail.id
}

async function messageOf(id: string): Promise<MailMessage> {
  const mail = await services.store.outbox.find(id)
  return JSON.parse(services.ring.open('outbox', id, mail?.sealedMessage ?? '').toString()) as MailMessage
}

describe('outbox list', () => {
  test('names each mail that waits or was refused, whose it is, and why', async () => {
    expect(await list()).toMatchObject([
      { cip: 'gagj2345', kind: 'account-created', state: 'waiting', tries: 0, refusal: null },
    ])
    await refuse()
    expect(await list()).toMatchObject([{ cip: 'gagj2345', state: 'refused', refusal: '550 5.1.1' }])
    expect((await cli.run('outbox', 'list')).stdout).toMatch(
      /gagj2345 +account-created +.* refused .*: 550 5\.1\.1/,
    )
    expect((await cli.run('account', 'show', 'gagj2345')).stdout).toMatch(
      /^Mails +account-created, .*: refused .*: 550 5\.1\.1$/m,
    )
  })

  test('of one person shows those that were sent too; who looked is recorded', async () => {
    const id = await refuse()
    await services.store.outbox.finish(id, clock.now())
    await services.db('outbox').update({ sentAt: clock.now(), abandonedAt: null })
    expect(await list()).toEqual([])
    expect(await list('--cip', 'gagj2345')).toMatchObject([{ id, state: 'sent' }])
    const events = await services.store.auditEvents.listAfter(0, 100)
    expect(events.filter(({ event }) => event === 'mails.listed')).toHaveLength(2)
  })
})

describe('outbox resend', () => {
  const resend = (id: string) => ['outbox', 'resend', id, '--reason', 'adresse corrigée']

  test('sends a refused mail again, to the address the person has now', async () => {
    const id = await refuse()
    const { text } = await messageOf(id)
    const correction = ['--email', 'julie@exemple.ca', '--reason', 'faute de frappe']
    await cli.json('account', 'update', 'gagj2345', ...correction)
    expect(await cli.json(...resend(id))).toEqual({ id, cip: 'gagj2345', to: 'julie@exemple.ca' })
    expect(await messageOf(id)).toMatchObject({ to: 'julie@exemple.ca', text })
    expect((await list('--cip', 'gagj2345')).find((mail) => mail.id === id)).toMatchObject({
      state: 'waiting',
      tries: 0,
    })
    const events = await services.store.auditEvents.listAfter(0, 100)
    expect(events.at(-2)).toMatchObject({ event: 'mail.resent', cip: 'gagj2345', reason: 'adresse corrigée' })
  })

  test('refuses one that is unknown, sent, or whose text is gone, and says what to do', async () => {
    await cli.expectRefused(resend('x'), /no such mail/)
    const id = await refuse()
    await services.store.outbox.wipeAbandoned(clock.now() + 1, 10)
    await cli.expectRefused(resend(id), /its text is gone: issue what it told of again/)
    await services.db('outbox').update({ sentAt: clock.now() })
    await cli.expectRefused(resend(id), /it was sent meanwhile/)
  })

  test('sends no warning of a change of address to the new one', async () => {
    const reason = ['--reason', 'au téléphone']
    await cli.json('account', 'update', 'gagj2345', '--email', 'voleur@evil.example', ...reason)
    const old = await Promise.all(
      (await list('--cip', 'gagj2345'))
        .filter(({ kind }) => kind === 'email-changed')
        .map(async ({ id }) => ({ id, to: (await messageOf(id)).to })),
    )
    const warning = old.find(({ to }) => to === 'julie@exmple.ca')?.id ?? ''
    await cli.json(...resend(warning))
    expect((await messageOf(warning)).to).toBe('julie@exmple.ca')
  })

  test('refuses what was moved to another account past the program, or whose address was', async () => {
    const id = await refuse()
    await cli.json('account', 'create', 'voleur', '--name', 'Luc Roy', '--email', 'voleur@evil.example')
    const thief = await services.store.accounts.findByCip('voleur')
    const julie = await services.store.accounts.findByCip('gagj2345')
    await services.db('outbox').where({ id }).update({ accountId: thief?.id })
    await cli.expectRefused(resend(id), /changed past this program/)
    await services.db('outbox').where({ id }).update({ accountId: julie?.id })
    await services.db('accounts').where({ cip: 'gagj2345' }).update({ email: 'voleur@evil.example' })
    await cli.expectRefused(resend(id), /changed past this program/)
    expect((await messageOf(id)).to).toBe('julie@exmple.ca')
  })
})
