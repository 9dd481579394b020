// Who came by an import gets the first password when its mail can go. Threats: a process that dies in
// between and leaves a password that nobody was told, or a mail whose password is refused; two processes
// that issue two; a password of the person's own that is overwritten; sign-ins that wait behind it.

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { setImmediate } from 'node:timers/promises'
import { importAccounts } from '../../src/accounts/import.js'
import type { Account } from '../../src/accounts/accounts.js'
import { listSealFaults } from '../../src/accounts/account-seals.js'
import { newestEpoch } from '../../src/accounts/account-seal.js'
import { deliverDueMail, type MailMessage, type MailTransport } from '../../src/mail/mailbox.js'
import { createCapture } from '../../src/mail/transport.js'
import { expectAllOrNothing } from '../support/all-or-nothing.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { holdNext } from '../support/held.js'
import { holdHashes } from '../support/held-hashes.js'
import { OPERATOR } from '../support/people.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'

const REASON = 'appel du 24 novembre'
const HOUR_MS = 3_600_000
const PASSWORD = /[a-z2-9]{4}(-[a-z2-9]{4}){3}/

let count = 0

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))

function suite(database: DatabaseKind): void {
  let services: TestServices
  let beside: TestServices
  beforeAll(async () => {
    services = await openServices({ database })
    beside = await openServices({ databaseUrl: services.config.databaseUrl })
  })
  afterEach(async () => {
    await services.db('outbox').delete()
    await services.db('pending_passwords').delete()
  })
  afterAll(async () => {
    await beside.close()
    await services.close()
  })

  /** Somebody whom an import has just brought. */
  async function bringIn(): Promise<Account> {
    const cip = `venu${(count += 1)}`
    const csv = `cip,name,email\n${cip},Zoé Île,${cip}@exemple.ca\n`
    await importAccounts(csv, { ...services, now: clock.now, cipPattern: undefined }, OPERATOR)
    const account = await services.accounts.find(cip)
    if (account === undefined) throw new Error(`no account ${cip}`)
    return account
  }

  const failures: unknown[] = []
  afterEach(() => {
    failures.length = 0
  })
  const issueDue = ({ pendingPasswords }: TestServices = services): Promise<number> =>
    pendingPasswords.issueDue({ now: clock.now, onFailure: (error) => failures.push(error) })

  const isPending = async ({ id }: Account): Promise<boolean> =>
    (await services.store.pendingPasswords.find(id)) !== undefined

  async function mailsTo({ id }: Account): Promise<MailMessage[]> {
    const mails = await services.store.outbox.list(id, 10)
    return mails.map(
      (mail) =>
        JSON.parse(services.ring.open('outbox', mail.id, mail.sealedMessage ?? '').toString()) as MailMessage,
    )
  }

  const signsIn = async ({ cip }: Account, password: string): Promise<boolean> =>
    (await services.credentials.verify(cip, password)).isRight

  describe('whoever came by an import', () => {
    test('has no password and no mail at first, and is refused like with a wrong one', async () => {
      const account = await bringIn()
      expect(account).toMatchObject({ passwordHash: null, temporaryPasswordExpiresAt: null })
      expect(await mailsTo(account)).toEqual([])
      for (const password of ['', 'null', 'n’importe quoi'])
        expect(await services.credentials.verify(account.cip, password)).toMatchObject({ isRight: false })
    })

    test('gets one password, by one mail; its time runs from then on', async () => {
      const account = await bringIn()
      clock.advance({ hours: 20 })
      const from = clock.now()
      expect(await issueDue()).toBe(1)
      const [mail, ...others] = await mailsTo(account)
      expect({ to: mail?.to, others }).toEqual({ to: account.email, others: [] })
      expect(await signsIn(account, PASSWORD.exec(mail?.text ?? '')?.[0] ?? '')).toBe(true)
      expect((await services.account(account)).temporaryPasswordExpiresAt).toBeGreaterThanOrEqual(
        from + services.config.temporaryPasswordHours * HOUR_MS,
      )
      expect(await isPending(account)).toBe(false)
      expect(await issueDue()).toBe(0)
    })

    test('has a seal that fits afterwards, and the log tells who issued it', async () => {
      const account = await bringIn()
      await issueDue()
      expect(await listSealFaults(services)).toEqual([])
      const record = await services.store.accounts.findRecord({ id: account.id })
      expect(record === undefined ? undefined : newestEpoch(record)).toBe(2)
      expect(record?.account.credentialEpoch).toBe(2)
      expect(
        await services.db('audit_events').where({ accountId: account.id }).orderBy('sequence'),
      ).toMatchObject([
        { event: 'account.created', actor: OPERATOR.name },
        { event: 'password.issued', actor: 'laissez-passer', clientAddress: 'schedule' },
      ])
    })

    test('is told the same password by a second try of the mail', async () => {
      const account = await bringIn()
      await issueDue()
      const [first] = await mailsTo(account)
      const capture = createCapture(clock.now)
      const failing = { send: async () => Promise.reject(new Error('the mail server is away')) }
      const delivery = { ...services, now: clock.now, onFailure: () => {} }
      expect(await deliverDueMail({ ...delivery, transport: failing })).toBe(0)
      clock.advance({ hours: 1 })
      expect(await issueDue()).toBe(0)
      expect(await deliverDueMail({ ...delivery, transport: capture })).toBe(1)
      expect(capture.mails[0]?.text).toBe(first?.text)
    })
  })

  describe('nothing is issued to whom', () => {
    const OTHERWISE: Record<string, (account: Account) => Promise<unknown>> = {
      'an operator has given another one': (account) =>
        services.accountActions.resetPassword(account, OPERATOR, REASON, { delivery: 'print' }),
      'is disabled': (account) => services.accountActions.disable(account, OPERATOR, REASON),
      'somebody has changed past this program': (account) =>
        services.db('accounts').where({ id: account.id }).update({ email: 'voleur@exemple.com' }),
    }

    test.each(Object.entries(OTHERWISE))('%s', async (who, happen) => {
      const account = await bringIn()
      await happen(account)
      const before = await services.account(account)
      if (who !== 'somebody has changed past this program')
        expect(await services.accountSummaries.summarise(before)).toMatchObject({
          passwordPendingSince: null,
        })
      await services.db('outbox').delete()
      expect(await issueDue()).toBe(1)
      expect(await services.account(account)).toEqual(before)
      expect([await mailsTo(account), await isPending(account)]).toEqual([[], false])
      expect(failures).toEqual([])
    })

    test('is given another one while ours is being hashed', async () => {
      const account = await bringIn()
      const row = await services.store.pendingPasswords.find(account.id)
      if (row === undefined) throw new Error('nothing is pending')
      const hashing = holdNext(services.credentials, 'prepareTemporary', (id) => id === account.id)
      const issuing = services.pendingPasswords.issue(row)
      await hashing.arrived
      const by = { delivery: 'print' } as const
      const { temporaryPassword: given } = await beside.accountActions.resetPassword(
        account,
        OPERATOR,
        REASON,
        by,
      )
      hashing.release()
      await issuing
      expect(await signsIn(account, given)).toBe(true)
      expect((await services.store.outbox.list(account.id, 10)).map(({ kind }) => kind)).toEqual([
        'password-changed',
      ])
    })

    test('is erased: the account goes, and what is pending with it', async () => {
      const account = await bringIn()
      await services.accountErasure.erase(account, OPERATOR, REASON)
      expect(await isPending(account)).toBe(false)
    })
  })

  describe('two processes', () => {
    test('issue one to each, and to each account one', async () => {
      const people: Account[] = []
      for (let n = 0; n < 12; n += 1) people.push(await bringIn())
      const issued = await Promise.all([issueDue(), issueDue(beside), issueDue(), issueDue(beside)])
      expect(issued.reduce((sum, one) => sum + one, 0)).toBe(people.length)
      for (const account of people) {
        const mails = await mailsTo(account)
        expect(mails).toHaveLength(1)
        expect(await signsIn(account, PASSWORD.exec(mails[0]?.text ?? '')?.[0] ?? '')).toBe(true)
      }
      expect(failures).toEqual([])
    })

    test('of which one died with its claim: the other takes it over, and the dead one’s hash counts no more', async () => {
      const account = await bringIn()
      const row = await services.store.pendingPasswords.find(account.id)
      if (row === undefined) throw new Error('nothing is pending')
      const claimed = { ...row, nextTryAt: clock.now() + 120_000 }
      expect(await services.store.pendingPasswords.claim(row, claimed.nextTryAt)).toBe(true)
      expect(await issueDue(beside)).toBe(0)
      clock.advance({ seconds: 121 })
      expect(await issueDue(beside)).toBe(1)
      const before = await services.account(account)
      await services.pendingPasswords.issue(claimed)
      expect(await services.account(account)).toEqual(before)
      expect(await mailsTo(account)).toHaveLength(1)
    })

    test('of which one is so slow that its claim has run out: its password is undone', async () => {
      const account = await bringIn()
      const row = await services.store.pendingPasswords.find(account.id)
      if (row === undefined) throw new Error('nothing is pending')
      await beside.store.pendingPasswords.claim(row, clock.now() + 120_000)
      await expect(services.pendingPasswords.issue(row)).rejects.toThrow('another process has taken it over')
      expect((await services.account(account)).passwordHash).toBeNull()
      expect([await mailsTo(account), await isPending(account)]).toEqual([[], true])
    })
  })

  test('whoever signs in is served before it, however long it has waited', async () => {
    await bringIn()
    const order: string[] = []
    const hash = bcrypt.hash.bind(bcrypt)
    const spy = jest
      .spyOn(bcrypt, 'hash')
      .mockImplementation(async (...args: [string | Buffer, string | number]) => {
        order.push('mail')
        return hash(...args)
      })
    const held = holdHashes(services)
    const joining = holdNext(services.credentials, 'prepareTemporary', () => true)
    const issuing = issueDue()
    await joining.arrived
    joining.release()
    await setImmediate() // it stands in line
    const caller = { class: 'stranger', sources: ['192.0.2.1'] } as const
    const signingIn = Array.from({ length: 5 }, async () => {
      await services.hasher.verify('x', undefined, { caller })
      order.push('sign-in')
    })
    await held.release()
    await Promise.all([issuing, ...signingIn])
    held.stop()
    spy.mockRestore()
    expect(order.indexOf('mail')).toBeGreaterThanOrEqual(5 - 2)
    expect(order).toHaveLength(6)
  })

  test('a failure is tried again, without end', async () => {
    const account = await bringIn()
    const { credentials } = services
    const prepare = credentials.prepareTemporary
    credentials.prepareTemporary = async () => Promise.reject(new Error('busy'))
    for (let day = 1; day <= 10; day += 1) {
      expect(await issueDue()).toBe(0)
      clock.advance({ hours: 24 })
    }
    credentials.prepareTemporary = prepare
    expect(failures).toHaveLength(10)
    expect(await issueDue()).toBe(1)
    expect(await mailsTo(account)).toHaveLength(1)
  })

  describe('while their mails do not leave', () => {
    const away = { send: async () => Promise.reject(new Error('the mail server is away')) }
    const deliver = (transport: MailTransport) =>
      deliverDueMail({ ...services, transport, now: clock.now, onFailure: () => {} })

    test('no more than fifty are made, whose time runs, and one more now and then; then all', async () => {
      const people = Array.from({ length: 60 }, () => `foule${(count += 1)}`)
      const csv = ['cip,name,email', ...people.map((cip) => `${cip},Zoé Île,${cip}@exemple.ca`)].join('\n')
      await importAccounts(csv, { ...services, now: clock.now, cipPattern: undefined }, OPERATOR)
      expect(await issueDue()).toBe(50)
      expect(await issueDue()).toBe(0)
      await deliver(away)
      clock.advance({ minutes: 4 })
      expect(await issueDue()).toBe(0)
      clock.advance({ minutes: 2 })
      expect([await issueDue(), await issueDue()]).toEqual([1, 0])
      clock.advance({ hours: 1 })
      await deliver(createCapture(clock.now))
      expect(await issueDue()).toBe(9)
    })

    test('fifty that no server takes hold up nobody once one behind them has left', async () => {
      const people = Array.from({ length: 60 }, () => `foule${(count += 1)}`)
      const csv = ['cip,name,email', ...people.map((cip) => `${cip},Zoé Île,${cip}@exemple.ca`)].join('\n')
      await importAccounts(csv, { ...services, now: clock.now, cipPattern: undefined }, OPERATOR)
      await issueDue()
      await deliver(away)
      clock.advance({ seconds: 10 })
      for (const [minutes, issued] of [
        [6, 1],
        [0, 1],
        [0, 2],
        [0, 4],
      ] as const) {
        clock.advance({ minutes })
        await services
          .db('outbox')
          .where({ tries: 1 })
          .update({ nextTryAt: clock.now() + HOUR_MS })
        expect(await issueDue()).toBe(issued)
        await deliver(createCapture(clock.now))
        clock.advance({ seconds: 1 })
      }
    })
  })

  if (database === 'sqlite')
    test('happens whole or not at all, whichever statement fails', async () => {
      const account = await bringIn()
      const row = await services.store.pendingPasswords.find(account.id)
      if (row === undefined) throw new Error('nothing is pending')
      expect(
        await expectAllOrNothing(services.db, () => services.pendingPasswords.issue(row)),
      ).toBeGreaterThan(5)
      expect(await mailsTo(account)).toHaveLength(1)
    })
}
