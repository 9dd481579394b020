// Threat: what was earned in a sign-in counts after the account has changed, or was disabled (FLOW-5).

import { expect, test } from '@jest/globals'
import { countsFor, freshProgress, readProgress } from '../../interactions/sign-in/progress.js'
import { newAccountRow } from '../../src/accounts/account-row.js'

const account = newAccountRow({
  id: 'marie',
  cip: 'tram1234',
  name: 'Marie Tremblay',
  email: 'marie@exemple.ca',
  passwordHash: null,
  createdAt: 0,
})
const progress = freshProgress(account, 'a-sign-in', false, 1000)

test('progress counts for the account as it was earned', () => {
  expect(countsFor(progress, account)).toBe(true)
})

test('it counts under the epoch that this very sign-in has begun', () => {
  const changed = {
    ...account,
    credentialEpoch: account.credentialEpoch + 1,
    epochChangedBy: progress.signIn,
  }
  expect(countsFor(progress, changed)).toBe(true)
})

test.each([
  ['gone', undefined],
  ['disabled, whatever its epoch', { ...account, disabledAt: 1 }],
  ['at another epoch', { ...account, credentialEpoch: account.credentialEpoch + 1 }],
  ['at an epoch begun by another sign-in', { ...account, credentialEpoch: 9, epochChangedBy: 'another' }],
])('it counts for nothing when the account is %s', (_what, now) => {
  expect(countsFor(progress, now)).toBe(false)
})

test.each([undefined, null, 'signIn', {}, { signIn: null }, { signIn: { accountId: 'marie', epoch: 0 } }])(
  '%j is no progress',
  (stored) => {
    expect(readProgress(stored)).toBeUndefined()
  },
)
