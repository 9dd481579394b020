// The other side of altered-accounts.test.ts: whatever this program writes leaves a seal that fits, whoever
// writes at the same moment, so that nobody is refused for what nobody has done.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { randomBytes } from 'node:crypto'
import { newestEpoch } from '../../src/accounts/account-seal.js'
import { listSealFaults } from '../../src/accounts/account-seals.js'
import type { Account } from '../../src/accounts/accounts.js'
import { importAccounts } from '../../src/accounts/import.js'
import { rotateMasterKey } from '../../src/keys/master-keys.js'
import { randomId } from '../../src/key-ring.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { addDevice } from '../support/devices.js'
import { OPERATOR, TEST_PASSWORD } from '../support/people.js'
import { bindPhone, createPersonWithEverything, PAYROLL, SIGN_IN } from '../support/person-with-everything.js'
import { describeWith } from '../support/requirements.js'
import { setColumns } from '../support/sealed.js'
import { MASTER_KEYS } from '../support/settings.js'
import { openServices, type TestServices } from '../support/services.js'

const REASON = 'appel du 24 novembre'
const VISITOR = { clientAddress: '192.0.2.1', browserIds: [] }

async function faultOf({ store, accountSeals }: TestServices, { id }: Pick<Account, 'id'>) {
  const record = await store.accounts.findRecord({ id })
  if (record === undefined) throw new Error(`no account ${id}`)
  return accountSeals.faultOf(record)
}

function suite(database: DatabaseKind): void {
  let services: TestServices
  beforeAll(async () => {
    services = await openServices({ database })
    await services.clients.create(PAYROLL, OPERATOR)
  })
  afterAll(() => services.close())

  describe('a repository that changes what a seal covers seals it again', () => {
    type Call = (account: Account) => Promise<unknown>
    const at = () => clock.now()
    const ofFactor = async ({ id }: Account) => (await services.secondFactors.list(id))[0]?.id ?? ''
    const newCode = (accountId: string) => ({
      id: randomId(),
      accountId,
      codeHash: randomId(),
      createdAt: at(),
      expiresAt: at() + 60_000,
      tries: 0,
      claimedBy: null,
      usedAt: null,
    })

    /** Every call of the three repositories that writes; those that only read stand beside. */
    const CALLS = {
      accounts: {
        insert: ({ id: _id, ...account }) =>
          services.store.accounts.insert({ ...account, id: randomId(), cip: randomId().toLowerCase() }),
        insertAll: (account) =>
          services.store.accounts.insertAll(
            ['a', 'b'].map((n) => ({ ...account, id: randomId(), cip: `${randomId().toLowerCase()}${n}` })),
          ),
        raiseEpoch: ({ id, credentialEpoch }) =>
          services.store.accounts.raiseEpoch(id, credentialEpoch, 'a-sign-in', { passwordHash: 'x' }),
        resetEpoch: ({ id }) => services.store.accounts.resetEpoch(id, { activationRequiredAt: at() }),
        replaceHash: ({ id, passwordHash }) =>
          services.store.accounts.replaceHash(id, passwordHash ?? '', 'another'),
        setProfile: ({ id }) => services.store.accounts.setProfile(id, { groups: '["soins"]' }, at()),
        setDisabled: ({ id }) => services.store.accounts.setDisabled(id, at()),
        endSessions: ({ id }) => services.store.accounts.endSessions(id, at()),
        endSessionsBefore: ({ id }) => services.store.accounts.endSessionsBefore(id, at()),
        recordSignIn: ({ id }) => services.store.accounts.recordSignIn(id, at(), 'en'),
      },
      secondFactors: {
        insert: ({ id }) => addDevice(services, id, 'Ma tablette'),
        useStep: async (account) =>
          services.store.secondFactors.useStep(await ofFactor(account), 2 ** 31, 's', at()),
        lowerStep: async (account) =>
          services.store.secondFactors.lowerStep(await ofFactor(account), 2 ** 31, 1),
        forgetVerification: ({ id }) => services.store.secondFactors.forgetVerification(id, SIGN_IN.signIn),
        useAllTo: () => services.store.secondFactors.useAllTo(2 ** 31),
        disable: async (account) =>
          services.store.secondFactors.disable(account.id, [await ofFactor(account)], at()),
        removeAll: ({ id }) => services.store.secondFactors.removeAll(id, at()),
        deleteRemoved: async ({ id }) => {
          await services.store.secondFactors.removeAll(id, at())
          await services.store.secondFactors.deleteRemoved(at() + 1, 100)
        },
      },
      activationCodes: {
        replace: ({ id }) => services.store.activationCodes.replace(newCode(id)),
        withdraw: async ({ id }) => {
          await services.store.activationCodes.replace(newCode(id))
          expect(await services.store.activationCodes.withdraw(id, at())).toBe(1)
        },
        countTry: ({ id }) => services.store.activationCodes.countTry(id, at(), 10),
        claim: ({ id }) => services.store.activationCodes.claim(id, [], 'a-sign-in', at()),
        releaseClaim: ({ id }) => services.store.activationCodes.releaseClaim(id, 'a-sign-in'),
        use: async ({ id }) => {
          const code = newCode(id)
          await services.store.activationCodes.replace({ ...code, claimedBy: 'a-sign-in' })
          expect(await services.store.activationCodes.use(id, 'a-sign-in', at())).toBe(true)
        },
        deleteExpired: async ({ id }) => {
          await services.store.activationCodes.deleteExpired(at() + 3_600_000, 100)
          expect(await services.db('activation_codes').where({ accountId: id })).toEqual([])
        },
      },
    } satisfies Record<string, Record<string, Call>>
    const READS = {
      accounts: [
        'findById',
        'findByCip',
        'findRecord',
        'list',
        'listByCips',
        'listRecordsAfter',
        'listSealedUnderOther',
        'listUnsealed',
        'lock',
        'lockRecord',
        'remove', // what is gone needs none
        'writeSeal', // for whoever vouches for it
      ],
      secondFactors: ['listCurrent', 'lockCurrent', 'lockOrigins', 'listRemovedSince'],
      activationCodes: ['isClaimedBy'],
    }

    test.each(Object.keys(READS) as (keyof typeof READS)[])('%s: no call is missing here', (name) => {
      const known = [...Object.keys(CALLS[name]), ...READS[name]]
      expect(known.toSorted()).toEqual(Object.keys(services.store[name]).toSorted())
    })

    const calls = Object.entries(CALLS).flatMap(([name, table]) =>
      Object.entries<Call>(table).map(([call, work]): [string, Call] => [`${name}.${call}`, work]),
    )
    test.each(calls)('%s', async (_name, call) => {
      const account = await createPersonWithEverything(services)
      await call(account)
      expect(await listSealFaults(services)).toEqual([])
    })
  })

  describe('after every act the seal fits, and the log tells the epoch', () => {
    const on = () => services.accountActions
    const ACTS: Record<string, (account: Account) => Promise<unknown>> = {
      'disable': (account) => on().disable(account, OPERATOR, REASON),
      'disable, then enable': async (account) => {
        await on().disable(account, OPERATOR, REASON)
        await on().enable(account, OPERATOR, REASON)
      },
      'sign out everywhere': (account) => on().signOutEverywhere(account, OPERATOR, REASON),
      'update what is said about the person': (account) =>
        services.profileUpdate.update(
          account,
          { name: 'Marie Roy', givenName: 'Marie', address: { locality: 'Laval' }, addGroups: ['soins'] },
          OPERATOR,
          REASON,
        ),
      'update, then take all of it back': async (account) => {
        const known = { zoneinfo: 'America/Toronto', phoneNumber: '555-0123', addGroups: ['soins'] }
        await services.profileUpdate.update(account, known, OPERATOR, REASON)
        const nothing = { zoneinfo: '', phoneNumber: '', removeGroups: ['soins'] }
        await services.profileUpdate.update(account, nothing, OPERATOR, REASON)
      },
      'unlock': (account) => on().unlock(account, OPERATOR, REASON),
      'end all after a restore': () => services.restoration.endAll(OPERATOR, {}),
      'reset the password': (account) => on().resetPassword(account, OPERATOR, REASON, { delivery: 'mail' }),
      'reset the second factor': (account) => on().resetSecondFactor(account, OPERATOR, REASON),
      'issue an activation code': (account) => on().issueActivationCode(account, OPERATOR, REASON),
      'reset, then bind another phone with the code': async (account) => {
        const { code } = await on().resetSecondFactor(account, OPERATOR, REASON)
        const latest = await services.account(account)
        await services.activation.submit(latest, code, SIGN_IN.signIn, SIGN_IN.clientAddress)
        await bindPhone(services, latest)
      },
      'change the password': (account) =>
        services.passwordChange.change(account, 'onze-girafes-vertes', randomId(), '192.0.2.1'),
      'twenty wrong codes, which disable the phone': async (account) => {
        const person = { account, signIn: 's', visitor: VISITOR }
        for (let guess = 1; guess <= 20; guess += 1) {
          await services.signIns.verifyCode(person, '000000', undefined)
          await on().unlock(account, OPERATOR, REASON)
          clock.advance({ hours: 1 })
        }
      },
      'a hash of another time, stored anew at the sign-in': async (account) => {
        const passwordHash = await bcrypt.hash(TEST_PASSWORD, 4)
        await setColumns(services.db, services, account.id, { passwordHash })
        await services.passwords.verify(account.cip, TEST_PASSWORD, VISITOR)
        expect((await services.account(account)).passwordHash).toMatch(/^v2\$/)
      },
    }

    test.each(Object.entries(ACTS))('%s', async (_name, act) => {
      const account = await createPersonWithEverything(services)
      await on().unlock(account, OPERATOR, REASON)
      await act(account)
      const record = await services.store.accounts.findRecord({ id: account.id })
      if (record === undefined) throw new Error('no account')
      expect(services.accountSeals.faultOf(record)).toBeUndefined()
      expect(newestEpoch(record)).toBe(record.account.credentialEpoch)
    })

    test.each([
      ['create', async () => services.accounts.create(somebody('cree'), OPERATOR, 'print')],
      ['import without a hash', () => importRow('importe,Sam Roy,sam@exemple.ca,')],
      ['import with a hash', () => importRow(`importe2,Sam Roy,sam@exemple.ca,$2b$04$${'a'.repeat(53)}`)],
    ])('%s', async (_name, act) => {
      const known = new Set((await services.accounts.list()).map(({ id }) => id))
      await act()
      const created = (await services.accounts.list()).find(({ id }) => !known.has(id))
      const record = await services.store.accounts.findRecord({ id: created?.id ?? '' })
      if (record === undefined) throw new Error('no account')
      expect(services.accountSeals.faultOf(record)).toBeUndefined()
      expect(newestEpoch(record)).toBe(1)
    })

    const somebody = (cip: string) => ({ cip, name: 'Marie Tremblay', email: 'marie@exemple.ca' })
    const importRow = (row: string) =>
      importAccounts(
        `cip,name,email,password_hash\n${row}\n`,
        { ...services, now: clock.now, cipPattern: undefined },
        OPERATOR,
      )
  })

  test('acts at once, from two processes, never leave a seal that does not fit', async () => {
    const beside = await openServices({ databaseUrl: services.config.databaseUrl })
    const account = await createPersonWithEverything(services)
    for (let round = 1; round <= 15; round += 1) {
      const latest = await services.account(account)
      const hash = latest.passwordHash ?? ''
      await Promise.allSettled([
        services.accountActions.disable(latest, OPERATOR, REASON),
        beside.accountActions.issueActivationCode(latest, OPERATOR, REASON),
        services.accountActions.signOutEverywhere(latest, OPERATOR, REASON),
        beside.accountActions.resetSecondFactor(latest, OPERATOR, REASON),
        services.store.accounts.replaceHash(latest.id, hash, `${hash} `),
        beside.store.activationCodes.deleteExpired(clock.now() + 3_600_000, 100),
        services.accountSeals.renew(),
      ])
      await beside.accountActions.enable(latest, OPERATOR, REASON)
      const enabled = await services.account(account)
      await Promise.allSettled([
        bindPhone(services, enabled),
        beside.accountActions.issueActivationCode(enabled, OPERATOR, REASON),
      ])
      expect({ round, fault: await faultOf(services, account) }).toEqual({ round, fault: undefined })
      clock.nextStep()
    }
    await beside.close()
  })

  test('over a change of master key the seals stay, and are renewed under the new one', async () => {
    const account = await createPersonWithEverything(services)
    const other = `other:${randomBytes(32).toString('base64')}`
    const rotated = await openServices({
      databaseUrl: services.config.databaseUrl,
      settings: { MASTER_KEYS: `${other},${MASTER_KEYS}` },
    })
    expect(await faultOf(rotated, account)).toBeUndefined()
    await rotated.accountActions.issueActivationCode(account, OPERATOR, REASON)
    expect((await rotated.account(account)).seal).toMatch(/^other\./)
    await rotateMasterKey(rotated, OPERATOR)
    expect((await rotated.accounts.list()).filter(({ seal }) => seal?.startsWith('other.') !== true)).toEqual(
      [],
    )
    expect(await listSealFaults(rotated)).toEqual([])
    await rotated.close()
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
