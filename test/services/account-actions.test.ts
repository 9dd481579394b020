// What each act on an account changes, and what it leaves alone: one table. That it happens whole or not at
// all is all-or-nothing.test.ts's.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { clock } from '../support/clock.js'
import { describeWith } from '../support/requirements.js'
import { createPersonWithEverything, PAYROLL } from '../support/person-with-everything.js'
import { OPERATOR, TEST_PASSWORD } from '../support/people.js'
import { openServices, type TestServices } from '../support/services.js'

const REASON = 'appel du 24 novembre'

let services: TestServices
beforeAll(async () => {
  services = await openServices()
  await services.clients.create(PAYROLL, OPERATOR)
})
afterAll(() => services.close())

const acts = (): TestServices['accountActions'] => services.accountActions

/** What an act may end, as the database has it. */
async function stateOf({ id, cip }: Account) {
  const { db, store } = services
  const account = await services.account({ id })
  const count = async (table: string, where: object): Promise<number> => (await db(table).where(where)).length
  return {
    isDisabled: account.disabledAt !== null,
    isOwnPassword: await services.credentials.isCurrent(account, TEST_PASSWORD),
    sessions: await store.oidcArtifacts.countByAccount(id, 'Session', clock.now()),
    refreshTokens: await store.oidcArtifacts.countByAccount(id, 'RefreshToken', clock.now()),
    /** One that a request under way saves now began before, and is dead too. */
    areEarlierSessionsDead: account.sessionsEndedAt !== null,
    noticesToPayroll: await count('logout_notices', { accountId: id }),
    devices: (await store.secondFactors.listCurrent(id)).length,
    needsActivation: account.activationRequiredAt !== null,
    activationCodes: await count('activation_codes', { accountId: id }),
    knownBrowsers: await count('known_browsers', { accountId: id }),
    consents: await count('consents', { accountId: id }),
    waits: (await db('attempts').whereIn('key', [`password-account:${cip}`, `code-account:${id}`])).length,
  }
}

type State = Awaited<ReturnType<typeof stateOf>>
const BEFORE: State = {
  isDisabled: false,
  isOwnPassword: true,
  sessions: 1,
  refreshTokens: 1,
  areEarlierSessionsDead: false,
  noticesToPayroll: 0,
  devices: 1,
  needsActivation: false,
  activationCodes: 1,
  knownBrowsers: 1,
  consents: 1,
  waits: 2,
}
const SESSIONS_END = { sessions: 0, refreshTokens: 0, noticesToPayroll: 1, areEarlierSessionsDead: true }

type Row = {
  act: (account: Account) => Promise<unknown>
  changes: Partial<State>
  /** Progress of sign-ins under way counts no more. */
  raisesEpoch: boolean
  mails: string[]
  events: string[]
}

const TABLE: Record<string, Row> = {
  'disable': {
    act: (account) => acts().disable(account, OPERATOR, REASON),
    changes: { ...SESSIONS_END, isDisabled: true, knownBrowsers: 0 },
    raisesEpoch: true,
    mails: [],
    events: ['account.disabled'],
  },
  'enable, of one that is not disabled': {
    act: (account) => acts().enable(account, OPERATOR, REASON),
    changes: {},
    raisesEpoch: false,
    mails: [],
    events: [],
  },
  'sign out everywhere': {
    act: (account) => acts().signOutEverywhere(account, OPERATOR, REASON),
    changes: SESSIONS_END,
    raisesEpoch: false,
    mails: [],
    events: ['session.ended'],
  },
  'unlock': {
    act: (account) => acts().unlock(account, OPERATOR, REASON),
    changes: { waits: 0 },
    raisesEpoch: false,
    mails: [],
    events: ['account.unlocked'],
  },
  'reset the password, by mail': {
    act: (account) => acts().resetPassword(account, OPERATOR, REASON, { delivery: 'mail' }),
    changes: { ...SESSIONS_END, isOwnPassword: false },
    raisesEpoch: true,
    mails: ['password-reset'],
    events: ['password.reset'],
  },
  'reset the password, printed': {
    act: (account) => acts().resetPassword(account, OPERATOR, REASON, { delivery: 'print' }),
    changes: { ...SESSIONS_END, isOwnPassword: false },
    raisesEpoch: true,
    mails: ['password-changed'],
    events: ['password.reset'],
  },
  'reset the second factor': {
    act: (account) => acts().resetSecondFactor(account, OPERATOR, REASON),
    // The waits for codes go with the device; those for passwords stay.
    changes: { ...SESSIONS_END, devices: 0, needsActivation: true, knownBrowsers: 0, waits: 1 },
    raisesEpoch: true,
    mails: ['second-factor-reset'],
    events: ['second-factor.reset', 'activation-code.issued'],
  },
  'issue an activation code': {
    act: (account) => acts().issueActivationCode(account, OPERATOR, REASON),
    changes: {},
    raisesEpoch: false,
    mails: [],
    events: ['activation-code.issued'],
  },
  'revoke a consent': {
    act: (account) => services.consents.revoke(account, PAYROLL.client_id, OPERATOR, REASON),
    changes: { ...SESSIONS_END, consents: 0 },
    raisesEpoch: false,
    mails: [],
    events: ['consent.revoked'],
  },
  'change the password, by the person': {
    act: (account) =>
      services.passwordChange.change(account, 'onze-girafes-vertes', 'another-sign-in', '192.0.2.1'),
    changes: { ...SESSIONS_END, isOwnPassword: false },
    raisesEpoch: true,
    mails: ['password-changed'],
    events: ['password.changed'],
  },
}

describe('of all that a person has, an act changes', () => {
  test.each(Object.entries(TABLE))(
    '%s: what it must, and nothing else',
    async (_name, { act, changes, raisesEpoch, mails, events }) => {
      const account = await createPersonWithEverything(services)
      expect(await stateOf(account)).toEqual(BEFORE)
      const { sequence } = await services.store.auditEvents.readHead()
      await services.db('outbox').delete()
      await act(account)
      expect(await stateOf(account)).toEqual({ ...BEFORE, ...changes })
      const { credentialEpoch } = await services.account(account)
      expect(credentialEpoch - account.credentialEpoch).toBe(raisesEpoch ? 1 : 0)
      expect(await services.db('outbox').pluck<string[]>('kind')).toEqual(mails)
      const rows = await services.store.auditEvents.listAfter(sequence, 10)
      expect(rows.map(({ event }) => event)).toEqual(events)
      for (const { accountId, cip } of rows)
        expect({ accountId, cip }).toEqual({ accountId: account.id, cip: account.cip })
    },
  )
})

describeWith(
  ['postgres'],
  'an operator acts while the person types, over two processes on PostgreSQL',
  () => {
    let here: TestServices
    let there: TestServices
    beforeAll(async () => {
      here = await openServices({ database: 'postgres' })
      there = await openServices({ databaseUrl: here.config.databaseUrl })
      await here.clients.create(PAYROLL, OPERATOR)
    })
    afterAll(async () => {
      await there.close()
      await here.close()
    })

    test('nobody waits for the other for ever: codes typed while the device is reset', async () => {
      const account = await createPersonWithEverything(here)
      for (let round = 1; round <= 20; round += 1) {
        const typed = Array.from({ length: 5 }, (_, index) =>
          here.activation.submit(account, '0000-0000', `sign-in-${index}`, '192.0.2.1'),
        )
        const reset = there.accountActions.resetSecondFactor(account, OPERATOR, REASON)
        expect(await Promise.all([reset, ...typed])).toHaveLength(6)
        await here.accountActions.unlock(account, OPERATOR, REASON)
      }
    })
  },
)
