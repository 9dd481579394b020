// Threat: our own clock was ahead, a sign-in used up a step of the future, and its owner's honest codes are
// refused until that time has come; or a clock that was set back opens the door to a code used before.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { randomId } from '../../src/key-ring.js'
import type { LimitName } from '../../src/limits.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { addDevice, type Device } from '../support/devices.js'
import { OPERATOR } from '../support/people.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'

const OWNER = { clientAddress: '192.0.2.1', browserIds: [] }

function suite(kind: DatabaseKind): void {
  let services: TestServices
  beforeAll(async () => {
    services = await openServices({ database: kind })
  })
  afterAll(() => services.close())

  type Person = { account: Account; phone: Device }
  const type = ({ account }: Person, code: string) =>
    services.signIns.verifyCode({ account, signIn: randomId(), visitor: OWNER }, code, undefined)

  /** Somebody who signed in while our clock was ahead; `used` is the code that it took. */
  async function signInAhead(by: { minutes?: number; hours?: number }): Promise<Person & { used: string }> {
    const account = await services.createPerson()
    const phone = await addDevice(services, account.id, 'Mon iPhone')
    const person = { account, phone }
    const back = { minutes: -(by.minutes ?? 0), hours: -(by.hours ?? 0) }
    clock.advance(by)
    clock.nextStep()
    const used = phone.code()
    expect(await type(person, used)).toMatchObject({ ok: true })
    clock.advance(back)
    return { ...person, used }
  }

  const unlock = ({ account }: Person) => services.accountActions.unlock(account, OPERATOR, 'called')
  const failures = async (limit: LimitName, { account }: Person): Promise<number> =>
    (await services.store.attempts.find([`${limit}:${account.id}`]))[0]?.failures ?? 0
  const whys = async ({ account }: Person): Promise<unknown[]> =>
    (await services.db('audit_events').where({ accountId: account.id, event: 'one-time-code.refused' })).map(
      ({ details }: { details: string }) => (JSON.parse(details) as { why: string }).why,
    )

  describe('an hour ahead', () => {
    test('honest codes are refused, told apart from guesses, and suspend nothing', async () => {
      const person = await signInAhead({ hours: 1 })
      for (let code = 1; code <= 25; code += 1) {
        clock.nextStep()
        expect(await type(person, person.phone.code())).toMatchObject({
          reason: 'wrong',
          diagnosis: { kind: 'server-clock' },
        })
      }
      for (const limit of ['code-account', 'codes-in-a-row', 'code-points-in-30-days'] as const)
        expect(await failures(limit, person)).toBe(0)
      expect(new Set(await whys(person))).toEqual(new Set(['server-clock']))
    })

    test('« unlock » mends it, says so, and the next code serves', async () => {
      const person = await signInAhead({ hours: 1 })
      expect(await unlock(person)).toMatchObject({ mendedDevices: ['Mon iPhone'] })
      const [row] = (await services
        .db('audit_events')
        .where({ accountId: person.account.id, event: 'account.unlocked' })) as { details: string }[]
      expect(JSON.parse(row?.details ?? '')).toEqual({ serverClockWasAhead: 'Mon iPhone' })
      clock.advance({ seconds: 60 })
      expect(await type(person, person.phone.code())).toMatchObject({ ok: true })
      expect(await unlock(person)).toMatchObject({ mendedDevices: [] })
    })

    test('mended, a code that may have been seen of late serves no more, and the one used ahead never again', async () => {
      const person = await signInAhead({ hours: 1 })
      const seen = [-30, 0, 30].map((offsetSeconds) => person.phone.code({ offsetSeconds }))
      await unlock(person)
      for (const code of seen) expect(await type(person, code)).toMatchObject({ ok: false })
      clock.nextStep()
      clock.nextStep()
      expect(await type(person, person.phone.code())).toMatchObject({ ok: true })
      clock.advance({ minutes: 58 })
      for (let step = 1; step <= 8; step += 1) {
        clock.nextStep()
        expect(await type(person, person.used)).toMatchObject({ ok: false })
      }
      clock.nextStep()
      expect(await type(person, person.phone.code())).toMatchObject({ ok: true })
    })
  })

  test('five minutes ahead are waited for: the page says how long', async () => {
    const person = await signInAhead({ minutes: 5 })
    clock.nextStep()
    const refused = await type(person, person.phone.code())
    expect(refused).toMatchObject({ reason: 'wrong', diagnosis: { kind: 'already-used' } })
    clock.advance({ minutes: 6 })
    expect(await type(person, person.phone.code())).toMatchObject({ ok: true })
  })

  test('a device whose last step is not ahead is left as it is: what was used stays used', async () => {
    const account = await services.createPerson()
    const phone = await addDevice(services, account.id, 'Mon iPhone')
    const person = { account, phone }
    clock.nextStep()
    const code = phone.code()
    expect(await type(person, code)).toMatchObject({ ok: true })
    expect(await unlock(person)).toMatchObject({ mendedDevices: [] })
    expect(await type(person, code)).toMatchObject({ ok: false })
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
