// Threat: whoever can write to the database, and has no master key. Each attack is tried twice: a provider
// that looks at seals refuses it and raises the alarm; one that does not (ACCOUNT_SEALS=write) shows that it
// would have gained something. What the seal costs nobody: account-seals.test.ts.

import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { createHmac, randomBytes } from 'node:crypto'
import type { AccountRecord } from '../../db/account-records.js'
import type { SealFault } from '../../src/accounts/account-seal.js'
import type { Account } from '../../src/accounts/accounts.js'
import { newAccountRow } from '../../src/accounts/account-row.js'
import { verifyAuditLog } from '../../src/audit/verification.js'
import { randomId } from '../../src/key-ring.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { addDevice } from '../support/devices.js'
import { OPERATOR, TEST_PASSWORD } from '../support/people.js'
import { describeWith } from '../support/requirements.js'
import { setColumns } from '../support/sealed.js'
import { MASTER_KEYS } from '../support/settings.js'
import { openServices, type TestServices } from '../support/services.js'

const VISITOR = { clientAddress: '192.0.2.1', browserIds: [] }
const THIEFS_PASSWORD = 'le-voleur-est-la'
const REASON = 'appel du 24 novembre'

function suite(database: DatabaseKind): void {
  let services: TestServices
  /** Over the same database, without looking. */
  let lenient: TestServices
  beforeAll(async () => {
    services = await openServices({ database })
    lenient = await openServices({
      databaseUrl: services.config.databaseUrl,
      settings: { ACCOUNT_SEALS: 'write' },
    })
  })
  afterEach(() => void jest.restoreAllMocks())
  afterAll(async () => {
    await lenient.close()
    await services.close()
  })

  const update = (account: Account, columns: Partial<Account>) =>
    services.db('accounts').where({ id: account.id }).update(columns)
  const factors = (account: Account) => services.db('second_factors').where({ accountId: account.id })
  const codes = (account: Account) => services.db('activation_codes').where({ accountId: account.id })

  async function createVictim(): Promise<Account> {
    const account = await services.createPerson()
    await addDevice(services, account.id, 'Mon iPhone')
    return services.account(account)
  }

  /** As the form before this one was: good for whoever’s row it stands in. */
  function unboundHash(password: string): string {
    const pepper = services.ring.keyFor('password-pepper')
    const peppered = createHmac('sha384', pepper).update(password).digest('base64')
    return `v1$test$${bcrypt.hashSync(peppered, 4)}`
  }

  const alarmsOf = async ({ id }: Account): Promise<object[]> =>
    (await services.db('audit_events').where({ accountId: id, event: 'account.altered' })).map(
      ({ outcome, details }: { outcome: string; details: string }) => ({
        outcome,
        ...(JSON.parse(details) as object),
      }),
    )

  type Attack = {
    /** Puts the account in the state that the thief finds; the attack, with what it needs of that. */
    begin?: (victim: Account) => Promise<() => Promise<unknown>>
    attack?: (victim: Account) => Promise<unknown>
    why?: SealFault
    /** The password that is then typed. */
    password?: string
    /** What it would have come to. */
    gains: (found: AccountRecord, signsIn: boolean) => boolean | Promise<boolean>
  }

  const ATTACKS: Record<string, Attack> = {
    'a hash of the thief’s own, without a pepper': {
      attack: (victim) => update(victim, { passwordHash: bcrypt.hashSync(THIEFS_PASSWORD, 4) }),
      password: THIEFS_PASSWORD,
      gains: (_found, signsIn) => signsIn,
    },
    'a hash copied from the thief’s own account, in the form before': {
      attack: (victim) => update(victim, { passwordHash: unboundHash(THIEFS_PASSWORD) }),
      password: THIEFS_PASSWORD,
      gains: (_found, signsIn) => signsIn,
    },
    'the devices deleted': {
      attack: (victim) => factors(victim).delete(),
      gains: (found, signsIn) => signsIn && found.factors.length === 0,
    },
    'the devices called removed': {
      attack: (victim) => factors(victim).update({ removedAt: clock.now() }),
      gains: (found, signsIn) => signsIn && found.factors.length === 0,
    },
    'a device of the thief’s moved here': {
      attack: async (victim) => {
        const thief = await createVictim()
        await factors(thief).update({ accountId: victim.id })
      },
      gains: (found) => found.factors.length === 2,
    },
    'a device that was removed brought back': {
      begin: async (victim) => {
        await services.accountActions.resetSecondFactor(victim, OPERATOR, REASON)
        return () => factors(victim).update({ removedAt: null })
      },
      gains: (found) => found.factors.length === 1,
    },
    'a device that was disabled enabled again': {
      begin: async (victim) => {
        const ids = (await services.secondFactors.list(victim.id)).map(({ id }) => id)
        await services.store.secondFactors.disable(victim.id, ids, clock.now())
        return () => factors(victim).update({ disabledAt: null })
      },
      gains: (found) => found.factors[0]?.disabledAt === null,
    },
    'a disabled account enabled': {
      begin: async (victim) => {
        await services.accountActions.disable(victim, OPERATOR, REASON)
        return () => update(victim, { disabledAt: null })
      },
      gains: (_found, signsIn) => signsIn,
    },
    'a temporary password that had expired made to last': {
      begin: async (victim) => {
        const temporaryPasswordExpiresAt = clock.now() - 1
        await setColumns(services.db, services, victim.id, { temporaryPasswordExpiresAt })
        return () => update(victim, { temporaryPasswordExpiresAt: clock.now() + 3_600_000 })
      },
      gains: (_found, signsIn) => signsIn,
    },
    'a temporary password called the person’s own': {
      begin: async (victim) => {
        const temporaryPasswordExpiresAt = clock.now() + 3_600_000
        await setColumns(services.db, services, victim.id, { temporaryPasswordExpiresAt })
        return () => update(victim, { temporaryPasswordExpiresAt: null })
      },
      gains: (found, signsIn) => signsIn && found.account.temporaryPasswordExpiresAt === null,
    },
    'the activation code made unnecessary': {
      begin: async (victim) => {
        await services.accountActions.resetSecondFactor(victim, OPERATOR, REASON)
        return () => update(victim, { activationRequiredAt: null })
      },
      gains: async (found) =>
        (await lenient.activation.missing(found.account, 's', '192.0.2.1')) === undefined,
    },
    'an activation code that had expired made to last': {
      begin: async (victim) => {
        const { code } = await services.accountActions.issueActivationCode(victim, OPERATOR, REASON)
        clock.advance({ hours: 1 })
        typed = code
        return () => codes(victim).update({ expiresAt: clock.now() + 60_000 })
      },
      gains: async (found) => (await lenient.activation.submit(found.account, typed, 's', '192.0.2.1')).ok,
    },
    'an activation code planted': {
      attack: (victim) =>
        services.db('activation_codes').insert({
          id: randomId(),
          accountId: victim.id,
          codeHash: 'x',
          createdAt: clock.now(),
          expiresAt: clock.now() + 60_000,
          tries: 0,
          claimedBy: 'the-thiefs-sign-in',
        }),
      gains: (found) =>
        lenient.store.activationCodes.isClaimedBy(found.account.id, 'the-thiefs-sign-in', clock.now()),
    },
    'the epoch lowered, so that what was earned before counts': {
      begin: async (victim) => {
        await services.accountActions.resetPassword(victim, OPERATOR, REASON, { delivery: 'print' })
        return () => update(victim, { credentialEpoch: victim.credentialEpoch })
      },
      gains: (found) => found.account.credentialEpoch === 1,
    },
    'the epoch called changed by the thief’s sign-in': {
      attack: (victim) => update(victim, { epochChangedBy: 'the-thiefs-sign-in' }),
      gains: (found) => found.account.epochChangedBy === 'the-thiefs-sign-in',
    },
    'the end of all sessions forgotten': {
      begin: async (victim) => {
        await services.accountActions.signOutEverywhere(victim, OPERATOR, REASON)
        return () => update(victim, { sessionsEndedAt: null })
      },
      gains: (found) => found.account.sessionsEndedAt === null,
    },
    'another’s CIP, which the payroll goes by': {
      attack: async (victim) => {
        await update(victim, { cip: `${victim.cip.slice(0, 20)}-directrice` })
      },
      gains: (found, signsIn) => signsIn && found.account.cip.endsWith('-directrice'),
    },
    'the thief’s address, to which a temporary password would go': {
      attack: (victim) => update(victim, { email: 'voleur@exemple.ca' }),
      gains: (found, signsIn) => signsIn && found.account.email === 'voleur@exemple.ca',
    },
    'the seal taken off': {
      attack: (victim) => update(victim, { passwordHash: bcrypt.hashSync(THIEFS_PASSWORD, 4), seal: null }),
      why: 'seal-missing',
      password: THIEFS_PASSWORD,
      gains: (_found, signsIn) => signsIn,
    },
    'the seal of the thief’s own account': {
      attack: async (victim) => {
        const { seal } = await createVictim()
        await update(victim, { passwordHash: bcrypt.hashSync(THIEFS_PASSWORD, 4), seal })
      },
      password: THIEFS_PASSWORD,
      gains: (_found, signsIn) => signsIn,
    },
    'a seal under a key that nobody has': {
      attack: (victim) => update(victim, { seal: 'thief.AAAA' }),
      why: 'key-unknown',
      gains: (_found, signsIn) => signsIn,
    },
    'all its rows as they were before the lost phone was removed': {
      begin: async (victim) => {
        const before = await factors(victim)
        const { id: _id, ...row } = victim
        await services.accountActions.resetSecondFactor(victim, OPERATOR, REASON)
        return async () => {
          await update(victim, row)
          await codes(victim).delete()
          await factors(victim).delete()
          await services.db('second_factors').insert(before)
        }
      },
      why: 'older-row',
      gains: (found, signsIn) => signsIn && found.factors.length === 1,
    },
  }
  let typed = ''

  describe('is refused and alarmed, and would have led on', () => {
    test.each(Object.entries(ATTACKS))('%s', async (_name, { begin, attack, why, password, gains }) => {
      const victim = await createVictim()
      if (begin === undefined) await attack?.(victim)
      else await (await begin(victim))()
      const { cip } = await services.account(victim)

      for (const one of [password ?? TEST_PASSWORD, 'faux-mot-de-passe'])
        expect(await services.passwords.verify(cip, one, VISITOR)).toEqual({
          ok: false,
          reason: 'wrong',
          waitSeconds: 0,
        })
      expect(await services.accounts.findTrusted(victim.id)).toBeUndefined()
      expect(await services.accounts.findById(victim.id)).toBeUndefined()
      expect(await alarmsOf(victim)).toEqual([{ outcome: 'refused', why: why ?? 'seal-broken' }])

      const outcome = await lenient.passwords.verify(cip, password ?? TEST_PASSWORD, VISITOR)
      const found = await lenient.accounts.findTrusted(victim.id)
      if (found === undefined) throw new Error('not even without a look')
      expect(await gains(found, outcome.ok)).toBe(true)
    })
  })

  test('a hash copied from the thief’s own account is of no password here, seal or not', async () => {
    const victim = await createVictim()
    const thief = await createVictim()
    await setColumns(services.db, services, victim.id, { passwordHash: thief.passwordHash })
    expect(await services.passwords.verify(victim.cip, TEST_PASSWORD, VISITOR)).toMatchObject({ ok: false })
    expect(await alarmsOf(victim)).toEqual([])
  })

  test('an account that is altered while the password is hashed is altered', async () => {
    const victim = await createVictim()
    await services.accountActions.disable(victim, OPERATOR, REASON)
    const compare = bcrypt.compare.bind(bcrypt)
    jest.spyOn(bcrypt, 'compare').mockImplementationOnce(async (given: string | Buffer, stored: string) => {
      await update(victim, { disabledAt: null })
      return compare(given, stored)
    })
    expect(await services.passwords.verify(victim.cip, TEST_PASSWORD, VISITOR)).toMatchObject({ ok: false })
    expect(await alarmsOf(victim)).toHaveLength(1)
  })

  test('a hash that is planted, and taken away while the password is hashed', async () => {
    const victim = await createVictim()
    await update(victim, { passwordHash: bcrypt.hashSync(THIEFS_PASSWORD, 4) })
    const compare = bcrypt.compare.bind(bcrypt)
    jest.spyOn(bcrypt, 'compare').mockImplementationOnce(async (given: string | Buffer, stored: string) => {
      await update(victim, { passwordHash: victim.passwordHash })
      return compare(given, stored)
    })
    expect(await services.passwords.verify(victim.cip, THIEFS_PASSWORD, VISITOR)).toMatchObject({
      ok: false,
      reason: 'wrong',
    })
    expect(await alarmsOf(victim)).toHaveLength(1)
  })

  test('an account that was planted stays refused, also after the next start', async () => {
    const planted = newAccountRow({
      cip: `plante.${randomId().slice(0, 8).toLowerCase()}`.replace(/[^a-z0-9.]/g, 'x'),
      name: 'Personne',
      email: 'voleur@exemple.ca',
      passwordHash: bcrypt.hashSync(THIEFS_PASSWORD, 4),
      passwordSetAt: clock.now(),
      createdAt: clock.now(),
    })
    await services.db('accounts').insert(planted)
    expect(await services.accountSeals.sealOlder(OPERATOR)).toBe(0)
    expect(await services.passwords.verify(planted.cip, THIEFS_PASSWORD, VISITOR)).toMatchObject({
      ok: false,
    })
  })

  test('a seal that was taken off is not put back by a start either', async () => {
    const created = await services.accounts.create(somebody(), OPERATOR, 'print')
    if (!created.ok) throw new Error(created.fault)
    await update(created.account, { seal: null })
    expect(await services.accountSeals.sealOlder(OPERATOR)).toBe(0)
    const { cip } = created.account
    expect(await services.passwords.verify(cip, created.temporaryPassword, VISITOR)).toMatchObject({
      ok: false,
    })
  })

  describe('no act vouches for what somebody else has changed', () => {
    test.each<[string, (account: Account) => Promise<unknown>]>([
      ['disable', (account) => services.accountActions.disable(account, OPERATOR, REASON)],
      ['sign out', (account) => services.accountActions.signOutEverywhere(account, OPERATOR, REASON)],
      ['a code', (account) => services.accountActions.issueActivationCode(account, OPERATOR, REASON)],
      [
        'a password',
        (one) => services.accountActions.resetPassword(one, OPERATOR, REASON, { delivery: 'mail' }),
      ],
      ['no device', (account) => services.accountActions.resetSecondFactor(account, OPERATOR, REASON)],
    ])('%s', async (_name, act) => {
      const victim = await createVictim()
      await update(victim, { email: 'voleur@exemple.ca' })
      await act(victim)
      expect(await services.accounts.findById(victim.id)).toBeUndefined()
    })
  })

  test('nor does a change of master key', async () => {
    const [victim, other] = [await createVictim(), await createVictim()]
    await update(victim, { email: 'voleur@exemple.ca' })
    const rotated = await openServices({
      databaseUrl: services.config.databaseUrl,
      settings: { MASTER_KEYS: `other:${randomBytes(32).toString('base64')},${MASTER_KEYS}` },
    })
    await rotated.accountSeals.renew()
    expect((await rotated.account(other)).seal).toMatch(/^other\./)
    expect(await rotated.accounts.findById(other.id)).toBeDefined()
    expect(await rotated.accounts.findById(victim.id)).toBeUndefined()
    await rotated.close()
  })

  describe('an operator who has looked into it', () => {
    test('vouches for the account: its owner signs in, and whatever was begun before is over', async () => {
      const victim = await createVictim()
      await services.accountActions.resetPassword(victim, OPERATOR, REASON, { delivery: 'print' })
      await update(victim, { credentialEpoch: 1, passwordHash: victim.passwordHash })
      const endedBefore = (await services.account(victim)).sessionsEndedAt ?? 0
      clock.advance({ seconds: 1 })
      expect(await services.accountActions.reseal(victim, OPERATOR, 'rétabli')).toBe('seal-broken')

      const found = await services.accounts.findById(victim.id)
      expect(found?.credentialEpoch).toBe(3) // beyond the two that were told of
      expect(found?.sessionsEndedAt).toBeGreaterThan(endedBefore)
      expect(await services.passwords.verify(victim.cip, TEST_PASSWORD, VISITOR)).toMatchObject({ ok: true })
      const [event] = await services
        .db('audit_events')
        .where({ accountId: victim.id, event: 'account.resealed' })
      expect(event).toMatchObject({ actor: OPERATOR.name, reason: 'rétabli' })
      expect(JSON.parse((event as { details: string }).details)).toEqual({ why: 'seal-broken', epoch: 3 })
    })

    test('is told that there is nothing to vouch for where the seal fits', async () => {
      const account = await createVictim()
      expect(await services.accountActions.reseal(account, OPERATOR, REASON)).toBeUndefined()
      expect((await services.account(account)).credentialEpoch).toBe(account.credentialEpoch)
    })
  })

  test('the alarm is one event in ten minutes, however often one looks', async () => {
    const victim = await createVictim()
    await update(victim, { email: 'voleur@exemple.ca' })
    for (let look = 1; look <= 5; look += 1) await services.accounts.findById(victim.id)
    expect(await alarmsOf(victim)).toHaveLength(1)
    clock.advance({ minutes: 11 })
    await services.accounts.findById(victim.id)
    expect(await alarmsOf(victim)).toHaveLength(2)
  })

  test('what remains: rows put back together with the log’s newest events, which `audit verify` tells', async () => {
    const victim = await createVictim()
    const before = await factors(victim)
    const { sequence } = await services.store.auditEvents.readHead()
    await services.accountActions.resetSecondFactor(victim, OPERATOR, REASON)
    const { id: _id, ...row } = victim
    await update(victim, row)
    await codes(victim).delete()
    await factors(victim).delete()
    await services.db('second_factors').insert(before)
    await services.db('audit_events').where('sequence', '>', sequence).delete()
    expect(await services.passwords.verify(victim.cip, TEST_PASSWORD, VISITOR)).toMatchObject({ ok: true })
    expect(await verifyAuditLog(services)).toMatchObject({ ok: false })
  })

  describe('while a program of 0.2 runs beside', () => {
    test('its passwords are written as it can read them, and what it changes is sealed at the next act', async () => {
      const account = await lenient.createPerson()
      expect(account.passwordHash).toMatch(/^v1\$/)
      await update(account, { disabledAt: clock.now() }) // by that program
      await lenient.accountActions.enable(account, OPERATOR, REASON)
      expect(await services.passwords.verify(account.cip, TEST_PASSWORD, VISITOR)).toMatchObject({ ok: true })
      expect((await services.account(account)).passwordHash).toMatch(/^v2\$/)
      expect(await alarmsOf(account)).toEqual([])
    })

    test('accounts that it has left are sealed by `migrate`, once', async () => {
      const account = await services.createPerson()
      await update(account, { seal: null })
      await services.store.transaction((tx) =>
        services.audit.record(tx, { event: 'account.created', actor: OPERATOR, account }),
      )
      expect(await services.accounts.findById(account.id)).toBeUndefined()
      expect(await services.accountSeals.sealOlder(OPERATOR)).toBe(1)
      expect(await services.accounts.findById(account.id)).toBeDefined()
      await update(account, { seal: null })
      expect(await services.accountSeals.sealOlder(OPERATOR)).toBe(0)
    })
  })

  const somebody = () => ({
    cip: `c${randomId().toLowerCase()}`.replace(/[^a-z0-9]/g, 'x'),
    name: 'Marie Tremblay',
    email: 'marie@exemple.ca',
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
