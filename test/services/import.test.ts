// An import of a whole hospital: no hash holds it up, what was cut off is run again, and who is there is
// changed only where that was asked for. Threats: a file that takes over an account by its e-mail or its
// hash; one row that keeps thousands out.

import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { importAccounts, type ImportLine, type ImportOptions } from '../../src/accounts/import.js'
import { listSealFaults } from '../../src/accounts/account-seals.js'
import { verifyAuditLog } from '../../src/audit/verification.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { holdNext } from '../support/held.js'
import { OPERATOR } from '../support/people.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'

const HEAD = 'cip,name,email'

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))

function suite(database: DatabaseKind): void {
  let services: TestServices
  beforeAll(async () => {
    services = await openServices({ database })
  })
  afterAll(() => services.close())

  const bringIn = (csv: string, options: ImportOptions = {}): Promise<ImportLine[]> =>
    importAccounts(csv, { ...services, now: clock.now, cipPattern: undefined }, OPERATOR, options)

  const results = async (csv: string, options?: ImportOptions): Promise<string[]> =>
    (await bringIn(csv, options)).map(({ result }) => result)

  const find = async (cip: string) => {
    const account = await services.accounts.find(cip)
    if (account === undefined) throw new Error(`no account ${cip}`)
    return account
  }

  const crowd = (name: string, size: number): string =>
    [HEAD, ...Array.from({ length: size }, (_, n) => `${name}${n},Zoé Île,${name}${n}@exemple.ca`)].join('\n')

  const counts = (all: readonly string[]): Record<string, number> =>
    Object.fromEntries([...Map.groupBy(all, (one) => one)].map(([one, those]) => [one, those.length]))

  describe('a crowd without hashes', () => {
    test('comes in without one being computed, each with an event and a seal', async () => {
      const hash = jest.spyOn(bcrypt, 'hash')
      const done: [number, number][] = []
      const options = { afterBatch: async (...progress: [number, number]) => void done.push(progress) }
      expect(counts(await results(crowd('foule', 450), options))).toEqual({ created: 450 })
      expect(hash).not.toHaveBeenCalled()
      hash.mockRestore()
      expect(done).toEqual([
        [200, 450],
        [400, 450],
        [450, 450],
      ])
      expect(await services.store.pendingPasswords.count()).toBe(450)
      expect(await services.db('audit_events').where({ event: 'account.created' })).toHaveLength(450)
      expect(await verifyAuditLog(services)).toMatchObject({ ok: true })
      expect(await listSealFaults(services)).toEqual([])
    })

    test('that was cut off is run again: who is there is unchanged, the others come in', async () => {
      const csv = crowd('coupe', 450)
      const cutOff = { afterBatch: async () => Promise.reject(new Error('the terminal was closed')) }
      await expect(bringIn(csv, cutOff)).rejects.toThrow('the terminal was closed')
      expect(counts(await results(csv))).toEqual({ unchanged: 200, created: 250 })
      expect(counts(await results(csv))).toEqual({ unchanged: 450 })
    })

    test('a dry run says the same and writes nothing', async () => {
      const before = await services.db('audit_events')
      expect(counts(await results(crowd('essai', 3), { isDryRun: true }))).toEqual({ 'would-create': 3 })
      expect(await services.accounts.find('essai0')).toBeUndefined()
      expect(await services.db('audit_events')).toEqual(before)
    })

    test('one whose CIP somebody takes at the same moment is refused alone', async () => {
      const looked = holdNext(services.store, 'transaction', () => true)
      const importing = results(crowd('moment', 3))
      await looked.arrived
      const person = { cip: 'moment1', name: 'Marie', email: 'marie@exemple.ca' }
      expect(await services.accounts.create(person, OPERATOR, 'print')).toMatchObject({ ok: true })
      looked.release()
      expect(await importing).toEqual(['created', 'cip-taken', 'created'])
      expect(await find('moment1')).toMatchObject({ name: 'Marie' })
      expect(await services.store.pendingPasswords.find((await find('moment1')).id)).toBeUndefined()
    })
  })

  describe('somebody who is there', () => {
    const COLUMNS = 'cip,name,email,locale,phone_number,locality,groups,password_hash'
    const said = `la1,Zoé Île,zoe@exemple.ca,fr-CA,555-0123,Sherbrooke,soins;urgence,`
    beforeAll(async () => {
      expect(await results(`${COLUMNS},region\n${said},Québec\n`)).toEqual(['created'])
    })

    test('is unchanged also when the language was chosen, the password replaced, the account disabled', async () => {
      const account = await find('la1')
      await services.store.accounts.recordSignIn(account.id, clock.now(), 'en')
      await services.accountActions.resetPassword(account, OPERATOR, 'x', { delivery: 'print' })
      await services.accountActions.disable(account, OPERATOR, 'x')
      const before = await find('la1')
      const hash = `$2b$04$${'a'.repeat(53)}`
      for (const isUpdate of [false, true])
        expect(await results(`${COLUMNS}\n${said}${hash}\n`, { isUpdate })).toEqual(['unchanged'])
      expect(await find('la1')).toEqual(before)
      await services.accountActions.enable(account, OPERATOR, 'x')
    })

    test.each([
      ['name', 'la1,Zoé Roy,zoe@exemple.ca'],
      ['e-mail', 'la1,Zoé Île,voleur@exemple.com'],
      ['e-mail, which is none', 'la1,Zoé Île,nowhere'],
    ])('with another %s is refused, and stays as it is', async (_what, row) => {
      const before = await find('la1')
      expect(await results(`${HEAD}\n${row}\n`)).toEqual(['cip-taken'])
      expect(await find('la1')).toEqual(before)
    })

    test('is corrected where that is asked for, in the columns that the file has', async () => {
      const csv = `cip,name,email,phone_number,locality,groups\nLA1,Zoé Roy,zoe@exemple.ca,,Laval,soins;paie\n`
      expect(await results(csv, { isUpdate: true, isDryRun: true })).toEqual(['would-update'])
      expect(await find('la1')).toMatchObject({ name: 'Zoé Île' })
      expect(await results(csv, { isUpdate: true })).toEqual(['updated'])
      expect(await find('la1')).toMatchObject({
        name: 'Zoé Roy',
        locale: 'en',
        phoneNumber: null,
        address: '{"locality":"Laval","region":"Québec"}',
        groups: '["paie","soins"]',
      })
      expect(await results(csv, { isUpdate: true })).toEqual(['unchanged'])
      expect(await listSealFaults(services)).toEqual([])
    })

    test('hears of another e-mail address at both', async () => {
      await services.db('outbox').delete()
      await results(`${HEAD}\nla1,Zoé Roy,zoe.roy@exemple.ca\n`, { isUpdate: true })
      expect((await services.db('outbox')).map(({ kind }: { kind: string }) => kind)).toEqual([
        'email-changed',
        'email-changed',
      ])
    })

    test('is not corrected to what is refused', async () => {
      const before = await find('la1')
      expect(await results(`${HEAD}\nla1,Zoé Roy,nowhere\n`, { isUpdate: true })).toEqual(['email-invalid'])
      expect(await find('la1')).toEqual(before)
    })
  })
}
