// All who change one account lock its row first, then its devices, then its counters. Were one of them to
// take another order, two at once would wait for each other until the database gives one of them up.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomId } from '../../src/key-ring.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { addDevice } from '../support/devices.js'
import { wrongCode } from '../support/phone.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'
import { hasWaitedTooLong } from '../support/waited.js'

const visitor = { clientAddress: '192.0.2.1', browserIds: [] }
const operator = { name: 'operator:test', clientAddress: 'cli' }
const COMPLETION = { clientId: 'eespresso', locale: undefined, isSharedComputer: false }

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

  test.each<[string, (side: TestServices, id: string) => Promise<unknown>]>([
    [
      'resets the second factor',
      async (side, id) =>
        side.accountActions.resetSecondFactor(await side.account({ id }), operator, 'asked'),
    ],
    [
      'lifts the waits',
      async (side, id) => side.accountActions.unlock(await side.account({ id }), operator, 'asked'),
    ],
    [
      'disables the account',
      async (side, id) => side.accountActions.disable(await side.account({ id }), operator, 'left'),
    ],
  ])('the help desk %s while codes are typed, right and wrong: each gets an answer', async (_what, act) => {
    for (let round = 1; round <= 8; round += 1) {
      const account = await services.createPerson()
      const phones = [
        await addDevice(services, account.id, 'Mon iPhone'),
        await addDevice(services, account.id, 'Ma tablette'),
      ]
      clock.nextStep()
      const wrong = wrongCode(...phones)
      const type = (side: TestServices, code: string) =>
        side.signIns.verifyCode({ account, signIn: randomId(), visitor }, code, COMPLETION)
      await type(services, wrong) // so that there are counters to lock
      await services.passwords.verify(account.cip, 'faux-mot-de-passe', visitor)
      const outcomes = await Promise.allSettled([
        type(services, wrong),
        act(other, account.id),
        ...phones.map((phone) => type(services, phone.code())),
        type(other, wrong),
      ])
      expect(
        outcomes.filter((outcome) => outcome.status === 'rejected' && !hasWaitedTooLong(outcome.reason)),
      ).toEqual([])
    }
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
