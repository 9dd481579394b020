// Threat: guessing codes with patience, for somebody who has the password. The caps belong to the account:
// over all its devices, browsers and processes (OTP-7, OTP-8). What is recognised is no guess, and is never
// accepted.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { randomId } from '../../src/key-ring.js'
import type { LimitName } from '../../src/limits.js'
import type { Visitor } from '../../src/sign-ins/known-browsers.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { addDevice, type Device } from '../support/devices.js'
import { mailsAbout } from '../support/outbox.js'
import { wrongCode } from '../support/phone.js'
import { describeWith } from '../support/requirements.js'
import { OPERATOR } from '../support/people.js'
import { openServices, type TestServices } from '../support/services.js'
import { refusedForWaiting } from '../support/waited.js'

const THIEF: Visitor = { clientAddress: '198.51.100.9', browserIds: [] }
const OWNER: Visitor = { clientAddress: '192.0.2.1', browserIds: [] }
const COMPLETION = { clientId: 'eespresso', locale: undefined, isSharedComputer: false }

type Person = { account: Account; devices: Device[]; home: Visitor }

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

  /** Somebody who has signed in before, in a browser of their own. */
  async function createRegular(count = 1): Promise<Person> {
    const account = await services.createPerson()
    const devices: Device[] = []
    for (let index = 1; index <= count; index += 1)
      devices.push(await addDevice(services, account.id, `Appareil ${index}`))
    const { browserCookie } = await signIn({ account, devices }, OWNER)
    const browserIds = services.knownBrowsers.read(browserCookie)
    if (browserIds.length === 0) throw new Error('the browser is not known')
    return { account, devices, home: { ...OWNER, browserIds } }
  }

  /** The owner, with the code of the first device; the sign-in ends with it. */
  async function signIn({ account, devices }: Pick<Person, 'account' | 'devices'>, visitor = OWNER) {
    clock.nextStep()
    const code = devices[0]?.code() ?? ''
    const outcome = await services.signIns.verifyCode(
      { account, signIn: randomId(), visitor },
      code,
      COMPLETION,
    )
    if (!outcome.ok || outcome.completed === undefined) throw new Error(JSON.stringify(outcome))
    return outcome.completed
  }

  const type = ({ account }: Person, code: string, visitor: Visitor = THIEF, side = services) =>
    side.signIns.verifyCode({ account, signIn: randomId(), visitor }, code, undefined)

  /** One wrong code after whatever wait stands; how it was answered. */
  async function guess(person: Person, visitor: Visitor = THIEF): Promise<string> {
    const outcome = await type(person, wrongCode(...person.devices), visitor)
    clock.advance({ minutes: 16 })
    return outcome.ok ? 'in' : outcome.reason
  }

  const failures = async (limit: LimitName, { account }: Person): Promise<number> =>
    (await services.store.attempts.find([`${limit}:${account.id}`]))[0]?.failures ?? 0
  const points = (person: Person) => failures('code-points-in-30-days', person)
  const isSuspended = async ({ account }: Person): Promise<boolean> =>
    (await services.secondFactors.list(account.id)).every(({ disabledAt }) => disabledAt !== null)
  const rows = async ({ account }: Person, event: string): Promise<object[]> =>
    (await services.db('audit_events').where({ accountId: account.id, event }).orderBy('sequence')).map(
      ({ details }: { details: string }) => JSON.parse(details) as object,
    )

  /** Four wrong codes, then the owner signs in: never many in a row. */
  async function guessUntilSuspended(person: Person, thief: Visitor, owner: Visitor): Promise<number> {
    for (let guesses = 1; guesses <= 200; guesses += 1) {
      if ((await guess(person, thief)) === 'suspended') return guesses
      if (guesses % 4 === 0) await signIn(person, owner)
    }
    throw new Error('never suspended')
  }

  describe('fifty points in thirty days (OTP-8)', () => {
    test('one device: fifty wrong codes suspend it, however often its owner signs in between, in whatever browser', async () => {
      const person = await createRegular()
      expect(await guessUntilSuspended(person, THIEF, OWNER)).toBe(50)
      expect(await rows(person, 'second-factor.disabled')).toEqual([
        { device: 'Appareil 1', why: 'too-many-wrong-codes' },
      ])
    })

    test('two devices: a wrong code was compared with both and costs two, so twenty-five suspend both; their owner gets one mail', async () => {
      const person = await createRegular(2)
      expect(await guessUntilSuspended(person, THIEF, person.home)).toBe(25)
      expect(await isSuspended(person)).toBe(true)
      expect(await rows(person, 'second-factor.disabled')).toEqual([
        { device: 'Appareil 1', why: 'too-many-wrong-codes' },
        { device: 'Appareil 2', why: 'too-many-wrong-codes' },
      ])
      const mails = await mailsAbout(person.account.cip, services)
      expect(mails.map(({ subject }) => subject)).toEqual(['Vos appareils mobiles ont été désactivés'])
      expect(mails[0]?.text).toContain(
        'Les appareils «\u00a0Appareil 1\u00a0» et «\u00a0Appareil 2\u00a0» du compte',
      )
      for (const device of person.devices)
        expect(await type(person, device.code(), person.home)).toMatchObject({
          reason: 'suspended',
          devices: 2,
        })
    })

    test('two devices, one of them disabled: a wrong code was compared with one, and costs one', async () => {
      const person = await createRegular(2)
      await services.store.secondFactors.disable(
        person.account.id,
        [person.devices[1]?.id ?? ''],
        clock.now(),
      )
      await guess(person)
      expect(await points(person)).toBe(1)
    })

    test('all browsers draw from the same fifty: what is mistyped in a known one counts too', async () => {
      const person = await createRegular()
      for (let slip = 1; slip <= 25; slip += 1) {
        await guess(person, person.home)
        await guess(person, THIEF)
        if (slip < 25) await signIn(person, slip % 2 === 0 ? person.home : OWNER)
      }
      expect(await points(person)).toBe(50)
      expect(await isSuspended(person)).toBe(true)
    })

    test('whoever stays below begins anew thirty days later', async () => {
      const person = await createRegular()
      for (let month = 1; month <= 2; month += 1) {
        for (let attempt = 1; attempt <= 49; attempt += 1) {
          await guess(person)
          if (attempt % 10 === 0) await signIn(person)
        }
        clock.advance({ days: 31 })
        await signIn(person)
      }
      expect(await isSuspended(person)).toBe(false)
    })

    test('new devices refill no year: after 330 points only a new password helps', async () => {
      let person = await createRegular()
      let guesses = 0
      const suspensions: number[] = []
      while (suspensions.length < 8) {
        const answer = await guess(person)
        guesses += 1
        if (answer === 'suspended') {
          suspensions.push(guesses)
          const { needsNewPassword } = await services.accountActions.resetSecondFactor(
            person.account,
            OPERATOR,
            'asked',
          )
          expect({ guesses, needsNewPassword }).toEqual({ guesses, needsNewPassword: guesses >= 330 })
          const account = await services.account(person.account)
          const devices = [await addDevice(services, account.id, 'Un autre')]
          person = { account, devices, home: person.home }
        } else if (guesses % 4 === 0) await signIn(person)
      }
      expect(suspensions).toEqual([50, 100, 150, 200, 250, 300, 330, 331])
      await services.accountActions.resetPassword(person.account, OPERATOR, 'guessed', { delivery: 'print' })
      const account = await services.account(person.account)
      expect(await guess({ ...person, account })).toBe('wrong')
    })

    test('lasts until the help desk resets: then the new device has the whole fifty', async () => {
      const person = await createRegular()
      await guessUntilSuspended(person, THIEF, OWNER)
      clock.advance({ hours: 1 })
      expect(await type(person, person.devices[0]?.code() ?? '', person.home)).toMatchObject({
        reason: 'suspended',
      })
      await services.accountActions.resetSecondFactor(person.account, OPERATOR, 'asked')
      const account = await services.account(person.account)
      const anew = {
        ...person,
        account,
        devices: [await addDevice(services, account.id, 'Mon nouvel iPhone')],
      }
      expect(await points(anew)).toBe(0)
      await signIn(anew)
    })
  })

  describe('twenty in a row (OTP-8)', () => {
    test('suspend the codes of the account, wherever they were typed', async () => {
      const person = await createRegular(2)
      const answers: string[] = []
      for (let attempt = 1; attempt <= 20; attempt += 1)
        answers.push(await guess(person, attempt % 2 === 0 ? person.home : THIEF))
      expect(answers.slice(0, 19)).not.toContain('suspended')
      expect(answers[19]).toBe('suspended')
      expect(await isSuspended(person)).toBe(true)
    })

    test('are counted anew after a success with any device', async () => {
      const person = await createRegular(2)
      for (let attempt = 1; attempt <= 19; attempt += 1) await guess(person)
      expect(await failures('codes-in-a-row', person)).toBe(19)
      await signIn({ ...person, devices: person.devices.slice(1) })
      expect(await failures('codes-in-a-row', person)).toBe(0)
      expect(await points(person)).toBe(38)
    })
  })

  describe('the cookie of a browser that never signed in to this account', () => {
    const COOKIES = Array.from({ length: 30 }, (_, index) => ({ ...THIEF, browserIds: [`cookie-${index}`] }))

    test('opens no wait of its own: five wrong codes are looked at, a cookie each (OTP-7)', async () => {
      const person = await createRegular()
      const answers: string[] = []
      for (const visitor of COOKIES.slice(0, 8)) {
        const outcome = await type(person, wrongCode(...person.devices), visitor)
        answers.push(outcome.ok ? 'in' : outcome.reason)
      }
      expect(answers).toEqual([
        ...Array.from({ length: 4 }, () => 'wrong'),
        'too-many',
        ...Array.from({ length: 3 }, () => 'waiting'),
      ])
    })

    test('opens no count of its own: the twentieth in a row suspends, a cookie each (OTP-7)', async () => {
      const person = await createRegular()
      const answers: string[] = []
      for (const visitor of COOKIES.slice(0, 20)) answers.push(await guess(person, visitor))
      expect(answers.indexOf('suspended')).toBe(19)
    })

    test('clears nothing of the thirty days when its owner succeeds there for the first time (OTP-8)', async () => {
      const person = await createRegular()
      for (let attempt = 1; attempt <= 12; attempt += 1) {
        await guess(person)
        if (attempt % 4 === 0) await signIn(person, COOKIES[attempt] ?? OWNER)
      }
      expect(await points(person)).toBe(12)
    })
  })

  describe('a burst over two processes (OTP-7)', () => {
    test('of fifty wrong codes five are looked at, and five are counted', async () => {
      const person = await createRegular(2)
      const code = wrongCode(...person.devices)
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          type(person, code, THIEF, index % 2 === 0 ? services : other),
        ),
      )
      const reasons = outcomes.map((outcome) => (outcome.ok ? 'in' : outcome.reason)).toSorted()
      expect(reasons).toEqual([
        'too-many',
        ...Array.from({ length: 45 }, () => 'waiting'),
        ...Array.from({ length: 4 }, () => 'wrong'),
      ])
      expect(await failures('codes-in-a-row', person)).toBe(5)
      expect(await points(person)).toBe(10)
    })

    test('of forty guesses at once, the right code among them, it serves only if it was one of the first five', async () => {
      for (let round = 1; round <= 4; round += 1) {
        const person = await createRegular()
        clock.nextStep()
        const right = person.devices[0]?.code() ?? ''
        const wrong = wrongCode(...person.devices)
        const outcomes = await Promise.all(
          Array.from({ length: 40 }, (_, index) =>
            type(person, index === 20 ? right : wrong, THIEF, index % 2 === 0 ? services : other).catch(
              refusedForWaiting,
            ),
          ),
        )
        const looked = await rows(person, 'one-time-code.refused')
        const isIn = outcomes[20]?.ok === true
        // Whoever gets in clears the wait, so that a second five may follow.
        expect(looked.length).toBeLessThanOrEqual(isIn ? 9 : 5)
        clock.advance({ minutes: 1 })
      }
    })
  })

  describe('what is recognised costs nothing, and opens nothing', () => {
    const MINUTES: [what: string, offsetSeconds: number, diagnosis: object][] = [
      ['of ten minutes ago', -600, { kind: 'clock', offsetSeconds: -600 }],
      ['of a phone that is two minutes behind', -120, { kind: 'clock', offsetSeconds: -120 }],
      ['of a phone that is five minutes ahead', 300, { kind: 'clock', offsetSeconds: 300 }],
    ]
    test.each(MINUTES)('a code %s, again and again', async (_what, offsetSeconds, diagnosis) => {
      const person = await createRegular(2)
      clock.advance({ hours: 1 })
      for (let time = 1; time <= 25; time += 1) {
        const code = person.devices[time % 2]?.code({ offsetSeconds }) ?? ''
        expect(await type(person, code)).toMatchObject({ reason: 'wrong', diagnosis })
      }
      expect(await countsOf(person)).toEqual([0, 0, 0])
      expect(await services.signIns.waitForCode(person.account, THIEF)).toBe(0)
      await signIn(person)
    })

    test('a code already used, again and again', async () => {
      const person = await createRegular(2)
      await signIn(person)
      const code = person.devices[0]?.code() ?? ''
      for (let time = 1; time <= 25; time += 1)
        expect(await type(person, code)).toMatchObject({
          reason: 'wrong',
          diagnosis: { kind: 'already-used' },
        })
      expect(await countsOf(person)).toEqual([0, 0, 0])
    })

    test('a code of the step before, after that of now was used', async () => {
      const person = await createRegular()
      await signIn(person)
      const code = person.devices[0]?.code({ offsetSeconds: -30 }) ?? ''
      for (let time = 1; time <= 25; time += 1)
        expect(await type(person, code)).toMatchObject({
          reason: 'wrong',
          diagnosis: { kind: 'already-used' },
        })
      expect(await countsOf(person)).toEqual([0, 0, 0])
    })

    test('a code of a device that was removed, for thirty days; then it is a guess like any other', async () => {
      const person = await createRegular(2)
      const old = person.devices[1] as Device
      await services.db('second_factors').where({ id: old.id }).update({ removedAt: clock.now() })
      for (let time = 1; time <= 25; time += 1)
        expect(await type(person, old.code())).toMatchObject({ diagnosis: { kind: 'removed-device' } })
      expect(await countsOf(person)).toEqual([0, 0, 0])
      clock.advance({ days: 31 })
      expect(await type(person, old.code())).toMatchObject({ diagnosis: { kind: 'unknown' } })
      expect(await countsOf(person)).toEqual([1, 1, 1])
    })

    test('four guesses stay four: what is recognised neither adds to them nor clears them', async () => {
      const person = await createRegular()
      await signIn(person)
      for (let attempt = 1; attempt <= 4; attempt += 1) {
        expect(await type(person, wrongCode(...person.devices))).toMatchObject({ reason: 'wrong' })
        await type(person, person.devices[0]?.code() ?? '')
      }
      expect(await countsOf(person)).toEqual([4, 4, 4])
      expect(await type(person, wrongCode(...person.devices))).toMatchObject({
        reason: 'too-many',
        waitSeconds: 60,
      })
      expect(await type(person, person.devices[0]?.code() ?? '')).toMatchObject({ reason: 'waiting' })
    })

    test('a code of the future that a refusal has named does not serve when its time comes; the next one does', async () => {
      const person = await createRegular(2)
      clock.nextStep()
      for (const device of person.devices) {
        const code = device.code({ offsetSeconds: 300 })
        expect(await type(person, code)).toMatchObject({ diagnosis: { kind: 'clock', offsetSeconds: 300 } })
      }
      clock.advance({ minutes: 5 })
      for (const device of person.devices)
        expect(await type(person, device.code())).toMatchObject({
          reason: 'wrong',
          diagnosis: { kind: 'already-used' },
        })
      expect(await countsOf(person)).toEqual([0, 0, 0])
      clock.nextStep()
      for (const device of person.devices)
        expect(await type(person, device.code())).toMatchObject({ ok: true })
    })

    const countsOf = (person: Person) =>
      Promise.all(
        (['code-account', 'codes-in-a-row', 'code-points-in-30-days'] as const).map((limit) =>
          failures(limit, person),
        ),
      )
  })
}

describe('wrong codes, on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'wrong codes, on PostgreSQL', () => suite('postgres'))
