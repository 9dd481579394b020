// Threat: a process that dies, or a database that fails, in the middle of an act, and leaves half of it: a
// person without a device and without the code for the next one, a stolen key that stays published. Each
// statement of each act fails in its turn.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { importAccounts } from '../../src/accounts/import.js'
import type { Account } from '../../src/accounts/accounts.js'
import { createSigningKeys, type KeyFamily } from '../../src/keys/signing-keys.js'
import { randomId } from '../../src/key-ring.js'
import { expectAllOrNothing } from '../support/all-or-nothing.js'
import { clock } from '../support/clock.js'
import { bindPhone, createPersonWithEverything, PAYROLL, SIGN_IN } from '../support/person-with-everything.js'
import { OPERATOR } from '../support/people.js'
import { openServices, type TestServices } from '../support/services.js'

const REASON = 'appel du 24 novembre'

let services: TestServices
beforeAll(async () => {
  services = await openServices({ database: 'sqlite' })
  await services.clients.create(PAYROLL, OPERATOR)
})
afterAll(() => services.close())

describe('an act on an account happens whole or not at all', () => {
  type Act = (account: Account) => Promise<unknown>
  const on = (): TestServices['accountActions'] => services.accountActions
  const ACTS: Record<string, Act> = {
    'disable': (account) => on().disable(account, OPERATOR, REASON),
    'sign out everywhere': (account) => on().signOutEverywhere(account, OPERATOR, REASON),
    'unlock': (account) => on().unlock(account, OPERATOR, REASON),
    'reset the password, by mail': (account) =>
      on().resetPassword(account, OPERATOR, REASON, { delivery: 'mail' }),
    'reset the password, printed': (account) =>
      on().resetPassword(account, OPERATOR, REASON, { delivery: 'print' }),
    'reset the second factor': (account) => on().resetSecondFactor(account, OPERATOR, REASON),
    'issue an activation code': (account) => on().issueActivationCode(account, OPERATOR, REASON),
    'revoke a consent': (account) => services.consents.revoke(account, 'paie', OPERATOR, REASON),
    'erase': (account) => services.accountErasure.erase(account, OPERATOR, REASON),
    'change the password': (account) =>
      services.passwordChange.change(account, 'onze-girafes-vertes', randomId(), '192.0.2.1'),
  }

  test.each(Object.entries(ACTS))('%s', async (_name, act) => {
    const account = await createPersonWithEverything(services)
    expect(await expectAllOrNothing(services.db, () => act(account))).toBeGreaterThan(3)
  })

  test('enable', async () => {
    const account = await createPersonWithEverything(services)
    await on().disable(account, OPERATOR, REASON)
    await expectAllOrNothing(services.db, () => on().enable(account, OPERATOR, REASON))
  })

  test('bind a phone, with the activation code that lets it', async () => {
    const account = await services.createPerson()
    const { code } = await on().resetSecondFactor(account, OPERATOR, REASON)
    const latest = await services.account(account)
    await services.activation.submit(latest, code, SIGN_IN.signIn, SIGN_IN.clientAddress)
    await expectAllOrNothing(services.db, () => bindPhone(services, latest))
    expect(await services.db('activation_codes').where({ accountId: account.id }).first()).toMatchObject({
      usedAt: expect.any(Number),
    })
  })

  test.each(['mail', 'print'] as const)('create one, with its password by %s', async (delivery) => {
    const person = { cip: `new.${delivery}`, name: 'Marie Tremblay', email: 'marie@exemple.ca' }
    await expectAllOrNothing(services.db, () => services.accounts.create(person, OPERATOR, delivery))
  })

  test.each([
    ['with a hash', `importe,Sam Roy,sam@exemple.ca,$2b$04$${'a'.repeat(53)}`],
    ['without one', 'importe2,Sam Roy,sam@exemple.ca,'],
  ])('import one row %s', async (_what, row) => {
    const csv = `cip,name,email,password_hash\n${row}\n`
    const dependencies = { ...services, now: clock.now, cipPattern: undefined }
    await expectAllOrNothing(services.db, () => importAccounts(csv, dependencies, OPERATOR))
  })
})

describe('a change of relying parties happens whole or not at all', () => {
  const API = 'https://api.exemple.ca'
  const client = (id: string) => ({ client_id: id, redirect_uris: [`https://${id}.exemple.ca/cb`] })
  const createApi = (indicator: string) =>
    services.resourceServers.create(
      { indicator, name: 'Horaires', scopes: ['lire'], tokenSeconds: 60 },
      OPERATOR,
    )
  const CHANGES: Record<string, () => Promise<unknown>> = {
    'create': () => services.clients.create(client('nouveau'), OPERATOR),
    'apply a file that creates two and changes one': () =>
      services.clients.apply(
        [client('un'), { ...PAYROLL, client_name: 'Paie' }, client('deux')],
        OPERATOR,
        false,
      ),
    'rotate a secret': () => services.clients.rotateSecret('ancien', OPERATOR),
    'remove': () => services.clients.remove('ancien', OPERATOR),
    'create an API': () => createApi(`${API}/nouveau`),
    'remove an API': () => services.resourceServers.remove(`${API}/ancien`, OPERATOR),
  }
  beforeEach(async () => {
    await services.clients.create(client('ancien'), OPERATOR)
    await createApi(`${API}/ancien`)
  })

  test.each(Object.entries(CHANGES))('%s', async (_name, change) => {
    expect(await expectAllOrNothing(services.db, change)).toBeGreaterThan(3)
  })
})

describe('signing keys change in all families or in none', () => {
  // Making a real RSA key takes up to seconds, and here nobody signs with it.
  const makeKey = async (family: KeyFamily) => ({ kty: family, kid: randomId(), use: 'sig' as const })
  const signingKeys = () => createSigningKeys({ ...services, now: clock.now, makeKey })
  const kids = async (): Promise<string[]> => (await signingKeys().list()).map(({ kid }) => kid)
  beforeEach(() => services.store.signingKeys.deleteAll())

  test('the first ones', async () => {
    await expectAllOrNothing(services.db, () => signingKeys().ensure())
    expect(await kids()).toHaveLength(3)
  })

  test('by a rotation', async () => {
    await signingKeys().ensure()
    const before = await kids()
    await expectAllOrNothing(services.db, () => signingKeys().rotate(OPERATOR, false))
    expect(await kids()).toEqual(expect.arrayContaining(before))
    expect(await kids()).toHaveLength(6)
  })

  test('by an urgent rotation: a stolen one is never published beside a new one', async () => {
    await signingKeys().ensure()
    await signingKeys().rotate(OPERATOR, false)
    const before = await kids()
    await expectAllOrNothing(services.db, () => signingKeys().rotate(OPERATOR, true))
    const after = await kids()
    expect(after).toHaveLength(3)
    expect(after.filter((kid) => before.includes(kid))).toEqual([])
  })

  test('when they are due', async () => {
    await signingKeys().ensure()
    clock.advance({ days: 90 })
    await expectAllOrNothing(services.db, () => signingKeys().rotateWhenDue())
    expect(await kids()).toHaveLength(6)
  })
})

test('an act in two transactions is found out', async () => {
  const account = await createPersonWithEverything(services)
  const inTwo = async () => {
    await services.accountActions.unlock(account, OPERATOR, REASON)
    await services.accountActions.disable(account, OPERATOR, REASON)
  }
  await expect(expectAllOrNothing(services.db, inTwo)).rejects.toThrow(/"changed": Array \[\]/)
})
