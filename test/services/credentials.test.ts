// Threat: the time of an answer tells who has an account (FLOW-7), or a verdict outlives what it was given
// about. Hashes are counted where they are computed, in bcrypt itself.

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import type { Account } from '../../src/accounts/accounts.js'
import { clock } from '../support/clock.js'
import { OPERATOR, TEST_PASSWORD } from '../support/people.js'
import { setColumns } from '../support/sealed.js'
import { openServices, type TestServices } from '../support/services.js'

const COST = 6
const WRONG = 'faux-mot-de-passe'
const VISITOR = { clientAddress: '192.0.2.1', browserIds: [] }

let services: TestServices
beforeAll(async () => {
  services = await openServices({ settings: { BCRYPT_COST: String(COST) } })
})
afterEach(() => void jest.restoreAllMocks())
afterAll(() => services.close())

/** How many hashes `work` computes: to compare, each of which cost, and to store. */
async function hashesOf(work: () => Promise<unknown>): Promise<{ comparedAt: number[]; stored: number }> {
  const compare = jest.spyOn(bcrypt, 'compare')
  const hash = jest.spyOn(bcrypt, 'hash')
  await work()
  return {
    comparedAt: compare.mock.calls.map(([, stored]) => bcrypt.getRounds(stored)),
    stored: hash.mock.calls.length,
  }
}

type Case = { cip: string; password: string; isRight: boolean }

async function personWith(columns: Partial<Account> = {}): Promise<string> {
  const { id, cip } = await services.createPerson()
  await setColumns(services.db, services, id, columns)
  return cip
}

const bcryptPart = (stored: string): string => stored.slice(stored.indexOf('$2b$'))

const CASES: Record<string, () => Promise<Case>> = {
  'no account': async () => ({ cip: 'inconnu', password: TEST_PASSWORD, isRight: false }),
  'no CIP at all': async () => ({ cip: 'jean@exemple.ca', password: TEST_PASSWORD, isRight: false }),
  'a wrong password': async () => ({ cip: await personWith(), password: WRONG, isRight: false }),
  'an empty password': async () => ({ cip: await personWith(), password: '', isRight: false }),
  'the right password': async () => ({ cip: await personWith(), password: TEST_PASSWORD, isRight: true }),
  'a disabled account': async () => ({
    cip: await personWith({ disabledAt: clock.now() }),
    password: TEST_PASSWORD,
    isRight: true,
  }),
  'a temporary password that has expired': async () => ({
    cip: await personWith({ temporaryPasswordExpiresAt: clock.now() - 1 }),
    password: TEST_PASSWORD,
    isRight: true,
  }),
  'an account without a password': async () => ({
    cip: await personWith({ passwordHash: null }),
    password: TEST_PASSWORD,
    isRight: false,
  }),
  'a stored hash that nobody can read': async () => ({
    cip: await personWith({ passwordHash: 'v9$what$ever' }),
    password: TEST_PASSWORD,
    isRight: false,
  }),
  'a hash under a master key that has left': async () => {
    const { passwordHash } = await services.createPerson()
    return {
      cip: await personWith({ passwordHash: `v2$gone$${bcryptPart(passwordHash ?? '')}` }),
      password: TEST_PASSWORD,
      isRight: false,
    }
  },
  'a plain hash that came by an import': async () => ({
    cip: await personWith({ passwordHash: await bcrypt.hash(TEST_PASSWORD, COST) }),
    password: TEST_PASSWORD,
    isRight: true,
  }),
}

describe('a hash stored at a lower cost takes the work of one of today’s (FLOW-7)', () => {
  const work = (costs: readonly number[]) => costs.reduce((sum, cost) => sum + 2 ** cost, 0)
  const peppered = async (id: string) => {
    const cheaper = await openServices({ settings: { BCRYPT_COST: '4' } })
    const passwordHash = await cheaper.hasher.hash(TEST_PASSWORD, id)
    await cheaper.close()
    return passwordHash
  }

  test.each([
    ['it came by an import', () => bcrypt.hash(TEST_PASSWORD, 4)],
    ['the cost has been raised since', peppered],
  ])('%s: right or wrong, enabled or disabled', async (_why, makeHash) => {
    for (const password of [TEST_PASSWORD, WRONG]) {
      for (const disabledAt of [null, clock.now()]) {
        const { id, cip } = await services.createPerson()
        await setColumns(services.db, services, id, { passwordHash: await makeHash(id), disabledAt })
        const { comparedAt } = await hashesOf(async () => {
          const { isRight } = await services.credentials.verify(cip, password)
          expect(isRight).toBe(password === TEST_PASSWORD)
        })
        expect(comparedAt[0]).toBe(4)
        expect(work(comparedAt)).toBe(2 ** COST)
        jest.restoreAllMocks()
      }
    }
  })
})

describe('a password is verified with one hash of today’s cost', () => {
  test.each(Object.entries(CASES))('%s', async (_name, prepare) => {
    const { cip, password, isRight } = await prepare()
    let verification
    const hashes = await hashesOf(async () => {
      verification = await services.credentials.verify(cip, password)
    })
    expect(hashes).toEqual({ comparedAt: [COST], stored: 0 })
    expect(verification).toMatchObject({ isRight })
  })

  test.each(Object.entries(CASES))(
    'and at the sign-in no other one is computed: %s',
    async (name, prepare) => {
      const { cip, password } = await prepare()
      const hashes = await hashesOf(() => services.passwords.verify(cip, password, VISITOR))
      // What is right and outdated is stored anew: its owner waits for that, nobody else can.
      expect(hashes).toEqual({ comparedAt: [COST], stored: name.startsWith('a plain hash') ? 1 : 0 })
    },
  )

  test('none is computed for whoever must wait', async () => {
    const { cip } = await services.createPerson()
    for (let attempt = 1; attempt <= 5; attempt += 1) await services.passwords.verify(cip, WRONG, VISITOR)
    const hashes = await hashesOf(() => services.passwords.verify(cip, TEST_PASSWORD, VISITOR))
    expect(hashes).toEqual({ comparedAt: [], stored: 0 })
  })
})

test('the database alone does not verify the right password: under another master key of the same name it is wrong (PW-8)', async () => {
  const account = await services.createPerson()
  const thief = await openServices({
    databaseUrl: services.config.databaseUrl,
    settings: { MASTER_KEYS: `test:${Buffer.from('a key of the thief, 32 bytes too').toString('base64')}` },
  })
  try {
    // The hash alone: the account's seal, which does not open either, is not looked at here.
    expect(await services.hasher.verify(TEST_PASSWORD, account)).toMatchObject({ isRight: true })
    expect(await thief.hasher.verify(TEST_PASSWORD, account)).toMatchObject({ isRight: false })
  } finally {
    await thief.close()
  }
})

describe('the verdict is about the account as it is when the hash is computed', () => {
  /** `event` happens while the hash is computed. */
  async function verifyDuring(account: Account, event: () => Promise<unknown>) {
    const compare = bcrypt.compare.bind(bcrypt)
    jest
      .spyOn(bcrypt, 'compare')
      .mockImplementationOnce(async (password: string | Buffer, stored: string) => {
        await event()
        return compare(password, stored)
      })
    return services.credentials.verify(account.cip, TEST_PASSWORD)
  }

  test('a password that is replaced meanwhile is right no more', async () => {
    const account = await services.createPerson()
    const verification = await verifyDuring(account, () =>
      services.accountActions.resetPassword(account, OPERATOR, 'oublié', { delivery: 'print' }),
    )
    expect(verification).toMatchObject({ isRight: false, isOutdated: false })
  })

  test('an account that is disabled meanwhile is seen disabled', async () => {
    const account = await services.createPerson()
    const verification = await verifyDuring(account, () =>
      services.accountActions.disable(account, OPERATOR, 'départ'),
    )
    expect(verification.account?.disabledAt).not.toBeNull()
  })

  test('the same password, stored meanwhile under today’s parameters, is no other one', async () => {
    const account = await services.createPerson()
    const imported = await bcrypt.hash(TEST_PASSWORD, COST)
    await setColumns(services.db, services, account.id, { passwordHash: imported })
    const read = await services.account(account)
    const verification = await verifyDuring(read, () => services.credentials.renew(read, TEST_PASSWORD))
    expect(verification.isRight).toBe(true)
    expect(verification.account?.passwordHash).toMatch(/^v2\$/)
  })

  test('and what is renewed late never brings an older password back', async () => {
    const account = await services.createPerson()
    await services.accountActions.resetPassword(account, OPERATOR, 'oublié', { delivery: 'print' })
    const { passwordHash } = await services.account(account)
    await services.credentials.renew(account, TEST_PASSWORD)
    expect((await services.account(account)).passwordHash).toBe(passwordHash)
  })
})
