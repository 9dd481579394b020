// Threat: an activation code that was withdrawn, or has run out, while its phone was being bound, and binds
// it all the same (ENR-1). The page has let the sign-in pass; what decides is the moment of the change.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { OPERATOR } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'

const VISITOR = { clientAddress: '192.0.2.1', browserIds: [] }

function suite(kind: DatabaseKind): void {
  let services: TestServices
  beforeAll(async () => {
    services = await openServices({ database: kind })
  })
  afterAll(() => services.close())

  /** Somebody whose phone was reset, and whose sign-in has typed the code. */
  async function standAtTheQrCode(signIn: string): Promise<Account> {
    const person = await services.createPerson()
    const { code } = await services.accountActions.resetSecondFactor(person, OPERATOR, 'lost')
    const account = await services.account(person)
    expect(await services.activation.submit(account, code, signIn, VISITOR.clientAddress)).toEqual({
      ok: true,
    })
    return account
  }

  const bind = (account: Account, signIn: string) =>
    services.signIns.enrol(
      { account, signIn, visitor: VISITOR },
      'uid',
      createPhone(services.secondFactors.pending(account, 'uid').key).code(),
      'Mon iPhone',
      undefined,
    )

  const WITHDRAWN: Record<string, (account: Account) => Promise<unknown>> = {
    'a newer code was issued': (account) =>
      services.accountActions.issueActivationCode(account, OPERATOR, 'asked again'),
    'its time has run out': async () => clock.advance({ minutes: 16 }),
    'another sign-in has claimed it': async (account) =>
      services.db('activation_codes').where({ accountId: account.id }).update({ claimedBy: 'another' }),
    'its owner has left that sign-in': (account) => services.activation.releaseClaim(account.id, 'a-sign-in'),
    'it was used already': async (account) =>
      services.db('activation_codes').where({ accountId: account.id }).update({ usedAt: clock.now() }),
  }

  test.each(Object.entries(WITHDRAWN))(
    '%s: no phone is bound, and nothing has changed',
    async (_name, act) => {
      const account = await standAtTheQrCode('a-sign-in')
      await act(account)
      const { seal } = await services.account(account) // it covers the codes as well
      const codes = await services.db('activation_codes').where({ accountId: account.id })
      expect(await bind(account, 'a-sign-in')).toEqual({ ok: false, reason: 'overtaken' })
      expect(await services.secondFactors.list(account.id)).toEqual([])
      expect(await services.account(account)).toEqual({ ...account, seal })
      expect(await services.db('activation_codes').where({ accountId: account.id })).toEqual(codes)
    },
  )

  test('the code that stands binds one phone, and is used up', async () => {
    const account = await standAtTheQrCode('a-sign-in')
    expect(await bind(account, 'a-sign-in')).toMatchObject({ ok: true })
    expect(await services.db('activation_codes').where({ accountId: account.id, usedAt: null })).toEqual([])
    expect((await services.account(account)).activationRequiredAt).toBeNull()
  })

  test('codes issued while phones are being bound: a phone is bound by the code that stands, or none is', async () => {
    for (let round = 1; round <= 10; round += 1) {
      const account = await standAtTheQrCode('a-sign-in')
      const [bound] = await Promise.all([
        bind(account, 'a-sign-in'),
        services.accountActions.issueActivationCode(account, OPERATOR, 'asked again'),
      ])
      const used = await services
        .db('activation_codes')
        .where({ accountId: account.id })
        .whereNotNull('usedAt')
      expect({ isBound: bound.ok, used: used.length }).toEqual({ isBound: bound.ok, used: bound.ok ? 1 : 0 })
    }
  })
}

describe('an activation code withdrawn at the last moment, on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'an activation code withdrawn at the last moment, on PostgreSQL', () =>
  suite('postgres'),
)
