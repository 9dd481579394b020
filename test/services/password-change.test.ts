// A person replaces the password: what may be chosen, and what two clicks or an operator in between make of
// it.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { OPERATOR, TEST_PASSWORD } from '../support/people.js'
import { openServices, type TestServices } from '../support/services.js'

const HOME = '192.0.2.1'
const NEW_PASSWORD = 'onze-girafes-vertes'

let services: TestServices
beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.close())

const verdict = async (cip: string, password: string): Promise<boolean> =>
  (await services.credentials.verify(cip, password)).isRight

test('a password is counted in characters as people see them, one limit below and one above (PW-1)', async () => {
  for (const [first, second] of [
    ['q', 'w'],
    ['é', 'z'],
    ['🐈', 'z'],
  ] as const) {
    for (const [length, fault] of [
      [13, 'too-short'],
      [14, undefined],
      [20, undefined],
      [21, 'too-long'],
    ] as const) {
      const account = await services.createPerson()
      const password = Array.from({ length }, (_, index) => (index % 3 === 0 ? second : first)).join('')
      const outcome = await services.passwordChange.change(account, password, 'a-sign-in', HOME)
      expect({ password, outcome }).toEqual({
        password,
        outcome: fault === undefined ? { ok: true } : { ok: false, faults: [fault] },
      })
      expect(await verdict(account.cip, password)).toBe(fault === undefined)
    }
  }
})

describe('the new password', () => {
  test('is not the one before', async () => {
    const account = await services.createPerson()
    expect(await services.passwordChange.change(account, TEST_PASSWORD, 'a-sign-in', HOME)).toEqual({
      ok: false,
      faults: ['same-as-current'],
    })
  })

  test('asked for twice by one sign-in, at once or later, ends well both times and changes once', async () => {
    const account = await services.createPerson()
    const { change } = services.passwordChange
    const click = () => change(account, NEW_PASSWORD, 'a-sign-in', HOME)
    expect(await Promise.all([click(), click()])).toEqual([{ ok: true }, { ok: true }])
    const latest = await services.account(account)
    expect(await change(latest, NEW_PASSWORD, 'a-sign-in', HOME)).toEqual({ ok: true })
    expect((await services.account(account)).credentialEpoch).toBe(account.credentialEpoch + 1)
    expect(await verdict(account.cip, NEW_PASSWORD)).toBe(true)
  })

  test('of two sign-ins that ask at once one wins, and the other starts over', async () => {
    const account = await services.createPerson()
    const outcomes = await Promise.all(
      ['onze-girafes-vertes', 'douze-lapins-bleus'].map((password, index) =>
        services.passwordChange.change(account, password, `sign-in-${index}`, HOME),
      ),
    )
    expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
    expect(outcomes).toContainEqual({ ok: false, faults: [], reason: 'overtaken' })
  })

  test('comes too late when an operator has reset it meanwhile', async () => {
    const account = await services.createPerson()
    const { temporaryPassword } = await services.accountActions.resetPassword(account, OPERATOR, 'oublié', {
      delivery: 'print',
    })
    expect(await services.passwordChange.change(account, NEW_PASSWORD, 'a-sign-in', HOME)).toEqual({
      ok: false,
      faults: [],
      reason: 'overtaken',
    })
    expect(await verdict(account.cip, temporaryPassword)).toBe(true)
  })
})
