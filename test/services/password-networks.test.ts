// Threat: strangers who lock a newcomer out with 96 posts a day (RATE-2), and those who guess from many
// networks so that nothing is slow enough (RATE-1). Waits are an account's from one network; from everywhere
// only when several networks guess at it.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomId } from '../../src/key-ring.js'
import { reserveAttempt, type AttemptKey } from '../../src/rate-limits.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { addDevice } from '../support/devices.js'
import { mailsAbout } from '../support/outbox.js'
import { OPERATOR, TEST_PASSWORD } from '../support/people.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'

const WRONG = 'faux-mot-de-passe'
const NEWCOMER = '192.0.2.1'

function suite(kind: DatabaseKind): void {
  let services: TestServices
  let other: TestServices
  beforeAll(async () => {
    services = await openServices({ database: kind })
    other = await openServices({ databaseUrl: services.config.databaseUrl })
  })
  afterAll(async () => {
    await other.close()
    await services.close()
  })

  const verify = (cip: string, password: string, clientAddress: string, side = services) =>
    side.passwords.verify(cip, password, { clientAddress, browserIds: [] })
  /** « in », the wait, or why not. */
  async function tryRight(cip: string, clientAddress = NEWCOMER): Promise<string | number> {
    const outcome = await verify(cip, TEST_PASSWORD, clientAddress)
    return outcome.ok ? 'in' : outcome.reason === 'waiting' ? inMinutes(outcome) : outcome.reason
  }
  /** So many wrong ones, from these addresses by turns; the waits that were started or stood. */
  async function guess(cip: string, times: number, ...addresses: string[]): Promise<string[]> {
    const answers: string[] = []
    for (let index = 0; index < times; index += 1) {
      const outcome = await verify(cip, WRONG, addresses[index % addresses.length] ?? '')
      if (outcome.ok || outcome.reason === 'temporary-password-expired') throw new Error('wrong, yet right')
      answers.push(`${outcome.reason} ${inMinutes(outcome)}`)
    }
    return answers
  }
  const networks = (count: number): string[] =>
    Array.from({ length: count }, (_, index) => `203.0.${index}.1`)
  const verified = async (cip: string): Promise<number> =>
    (await services.db('audit_events').where({ cip, event: 'password.verified' })).length

  test('ninety-six posts a day from one network: a newcomer elsewhere is let in at any time', async () => {
    const { cip } = await services.createPerson()
    for (let post = 1; post <= 96; post += 1) {
      await guess(cip, 1, '203.0.113.7')
      expect({ post, newcomer: await tryRight(cip) }).toEqual({ post, newcomer: 'in' })
      clock.advance({ minutes: 15 })
    }
    await guess(cip, 1, '203.0.113.7')
    expect(await tryRight(cip, '203.0.113.200')).toBeGreaterThan(0)
  })

  test('while a network waits for an account no password from there is looked at, not even the right one', async () => {
    const { cip } = await services.createPerson()
    await guess(cip, 5, '203.0.113.7')
    expect(await tryRight(cip, '203.0.113.200')).toBe(60)
    expect(await verified(cip)).toBe(0)
    clock.advance({ seconds: 60 })
    expect(await tryRight(cip, '203.0.113.200')).toBe('in')
  })

  test('one site of IPv6 has 65,536 networks: from the twentieth failure on all of it waits, and nobody else', async () => {
    const { cip } = await services.createPerson()
    const site = Array.from({ length: 30 }, (_, index) => `2001:db8:77:${index}::1`)
    const answers = await guess(cip, 30, ...site)
    expect(answers.filter((answer) => answer.startsWith('wrong'))).toHaveLength(20)
    expect(await tryRight(cip, '2001:db8:77:ffff::1')).toBe(60)
    expect(await tryRight(cip, '2001:db8:78::1')).toBe('in')
  })

  test('two networks, however long: nobody else waits', async () => {
    const { cip } = await services.createPerson()
    for (let round = 1; round <= 30; round += 1) {
      await guess(cip, 2, '203.0.113.7', '198.51.100.7')
      expect({ round, newcomer: await tryRight(cip) }).toEqual({ round, newcomer: 'in' })
      clock.advance({ minutes: 15 })
    }
  })

  test('three networks and twenty failures in a day: the account waits from everywhere, and its owner is told once', async () => {
    const account = await services.createPerson()
    const { cip } = account
    await guess(cip, 19, ...networks(7))
    expect(await tryRight(cip)).toBe('in')
    expect(await guess(cip, 1, '198.51.100.7')).toEqual(['wrong 60'])
    expect(await tryRight(cip)).toBe(60)
    clock.advance({ seconds: 60 })
    expect(await guess(cip, 1, '198.51.100.8')).toEqual(['wrong 120'])
    const mails = await mailsAbout(cip, services)
    expect(mails.map(({ subject }) => subject)).toEqual(['Quelqu’un essaie de deviner votre mot de passe'])
    expect(mails[0]?.text).toContain('appelez le soutien')
  })

  test('twenty failures that took two days start nothing', async () => {
    const { cip } = await services.createPerson()
    for (let failure = 1; failure <= 20; failure += 1) {
      await guess(cip, 1, `203.0.${failure}.1`)
      expect({ failure, newcomer: await tryRight(cip) }).toEqual({ failure, newcomer: 'in' })
      clock.advance({ hours: 2.4 })
    }
  })

  test('a burst from forty networks at two processes: twenty are looked at', async () => {
    const { cip } = await services.createPerson()
    const outcomes = await Promise.all(
      networks(40).map((address, index) => verify(cip, WRONG, address, index % 2 === 0 ? services : other)),
    )
    expect(outcomes.filter((outcome) => !outcome.ok && outcome.reason === 'wrong')).toHaveLength(20)
  })

  test('an operator lifts the wait of the account and of all its networks', async () => {
    const account = await services.createPerson()
    await guess(account.cip, 30, ...networks(10))
    expect((await services.accountSummaries.summarise(account)).waits.passwordSeconds).toBe(60)
    await services.accountActions.unlock(account, OPERATOR, 'called')
    expect((await services.accountSummaries.summarise(account)).waits.passwordSeconds).toBe(0)
    expect(await tryRight(account.cip)).toBe('in')
    expect(await guess(account.cip, 5, '203.0.0.1')).toEqual([...FOUR_FREE, 'wrong 60'])
  })

  test('a CIP that no account has meets the same waits (RATE-4)', async () => {
    const { cip } = await services.createPerson()
    const unknown = randomId().toLowerCase().replaceAll('_', '-')
    const play = async (name: string): Promise<string[]> => {
      const answers = [
        ...(await guess(name, 7, '203.0.113.7')),
        ...(await guess(name, 15, ...networks(5))),
        ...(await guess(name, 1, '198.51.100.1')),
      ]
      clock.advance({ days: 2 })
      return answers
    }
    expect(await play(unknown)).toEqual(await play(cip))
  })

  test('a full sign-in forgets the account’s failures and those of where it came from, no other network’s', async () => {
    const account = await services.createPerson()
    const phone = await addDevice(services, account.id, 'Mon iPhone')
    await guess(account.cip, 5, '203.0.113.7')
    await guess(account.cip, 4, NEWCOMER)
    clock.nextStep()
    await services.signIns.verifyCode(
      { account, signIn: randomId(), visitor: { clientAddress: NEWCOMER, browserIds: [] } },
      phone.code(),
      { clientId: 'eespresso', locale: undefined, isSharedComputer: false },
    )
    const left = (await services.db('attempts').where('key', 'like', `password-%:${account.cip}%`)) as {
      key: string
    }[]
    expect(left.map(({ key }) => key).toSorted()).toEqual([
      `password-network:${account.cip}@203.0.113.0/24`,
      `password-site:${account.cip}@203.0.113.0/24`,
    ])
    expect(await guess(account.cip, 5, NEWCOMER)).toEqual([...FOUR_FREE, 'wrong 60'])
  })

  describe('an address that has used up its allowance', () => {
    const GUEST = '203.0.113.50'
    const exhaust = () =>
      services.store.attempts.add(`password-source:${GUEST}`, clock.now(), 900_000, false, { points: 300 })

    test('is fed by CIPs that exist and by those that don’t alike', async () => {
      const failures = async (cip: string, address: string) => {
        await guess(cip, 3, address)
        return (await services.store.attempts.find([`password-source:${address}`]))[0]?.failures
      }
      const { cip } = await services.createPerson()
      expect(await failures(cip, '203.0.113.51')).toBe(3)
      expect(await failures('personne.ici', '203.0.113.52')).toBe(3)
    })

    test('is served one at a time, over all processes, and never shut', async () => {
      const { cip } = await services.createPerson()
      await exhaust()
      for (let round = 1; round <= 20; round += 1) {
        const startedAt = clock.now()
        const outcomes = await Promise.all(
          [services, other, services, other].map((side, index) =>
            verify(`inconnue.${round}.${index}`, WRONG, GUEST, side),
          ),
        )
        const looked = outcomes.filter((outcome) => !outcome.ok && outcome.reason === 'wrong').length
        expect(looked).toBeGreaterThanOrEqual(1)
        expect(looked).toBeLessThanOrEqual(1 + (clock.now() - startedAt) / 3_000)
        clock.advance({ seconds: 3 })
        expect({ round, newcomer: await tryRight(cip, GUEST) }).toEqual({ round, newcomer: 'in' })
      }
      expect(await tryRight(cip, GUEST)).toBe('in') // the lane is free at once after a right one
    })

    test('waits half a minute at most when a process died over a password', async () => {
      const { cip } = await services.createPerson()
      clock.advance({ hours: 1 })
      await exhaust()
      const lane: AttemptKey = { limit: 'password-slow-lane', subject: GUEST }
      await services.store.transaction((tx) => reserveAttempt(tx, [lane], clock.now()))
      const refused = await verify(cip, TEST_PASSWORD, GUEST)
      expect(refused).toMatchObject({ reason: 'waiting', waitSeconds: 3 })
      clock.advance({ seconds: 30 })
      expect(await tryRight(cip, GUEST)).toBe('in')
    })
  })
}

/** Seconds, rounded up to whole minutes: the clock goes on while a test runs. */
const inMinutes = ({ waitSeconds }: { waitSeconds: number }): number => Math.ceil(waitSeconds / 60) * 60

const FOUR_FREE = ['wrong 0', 'wrong 0', 'wrong 0', 'wrong 0']

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
