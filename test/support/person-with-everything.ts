// Somebody with all that an act on an account may end, for tests below the pages: a device, a session and a
// token of the payroll, a known browser, waits, an activation code, a consent, a QR code that was shown.

import { expect } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { randomId } from '../../src/key-ring.js'
import { createAdapterFactory } from '../../src/oidc/adapter.js'
import { LIMITS, type LimitName } from '../../src/limits.js'
import { reserveAttempt } from '../../src/rate-limits.js'
import { clock } from './clock.js'
import { createPhone } from './phone.js'
import { OPERATOR } from './people.js'
import type { TestServices } from './services.js'

/** The relying party, which the test registers. */
export const PAYROLL = {
  client_id: 'paie',
  client_name: 'La paie',
  redirect_uris: ['https://paie.exemple.ca/cb'],
  backchannel_logout_uri: 'https://paie.exemple.ca/backchannel-logout',
}

export const SIGN_IN = { interaction: 'uid', signIn: 'a-sign-in', clientAddress: '192.0.2.1' }

export async function createPersonWithEverything(services: TestServices): Promise<Account> {
  const account = await services.createPerson()
  await services.secondFactors.begin(account, SIGN_IN.interaction, 'fr-CA')
  await bindPhone(services, account)
  const { store, ring, consents, accountActions, knownBrowsers } = services
  const adapter = createAdapterFactory({
    store,
    ring,
    now: clock.now,
    findClient: async () => undefined,
    endReused: async () => {},
  })
  const accountId = account.id
  const session = { accountId, authorizations: { [PAYROLL.client_id]: { sid: randomId() } } }
  await adapter('Session').upsert(randomId(), session, 3_600)
  await adapter('RefreshToken').upsert(randomId(), { accountId, grantId: randomId() }, 3_600)
  const granted = { scopes: ['openid'], claims: ['name'], apis: {} }
  await consents.give(account, PAYROLL.client_id, granted, OPERATOR)
  await store.transaction(async (tx) => {
    await knownBrowsers.remember(tx, [], { accountId, signIn: 'before' })
    for (const limit of Object.keys(LIMITS) as LimitName[])
      for (const subject of [accountId, account.cip])
        await reserveAttempt(tx, [{ limit, subject }], clock.now())
  })
  await accountActions.issueActivationCode(account, OPERATOR, 'en cas de besoin')
  return services.account(account)
}

export async function bindPhone(services: TestServices, account: Account): Promise<void> {
  const phone = createPhone(services.secondFactors.pending(account, SIGN_IN.interaction).key)
  const { interaction, signIn, clientAddress } = SIGN_IN
  const enrolled = await services.signIns.enrol(
    { account, signIn, visitor: { clientAddress, browserIds: [] } },
    interaction,
    phone.code(),
    'Mon iPhone',
    undefined,
  )
  expect(enrolled).toMatchObject({ ok: true })
}
