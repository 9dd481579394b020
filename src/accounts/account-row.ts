// A new account as it is stored: every column that a fresh account leaves empty stands here once.

import type { StoredAccount } from '../../db/repositories/accounts.js'
import { randomId } from '../key-ring.js'

type Given = Pick<StoredAccount, 'cip' | 'name' | 'email' | 'createdAt'> & Partial<StoredAccount>

export function newAccountRow(given: Given): StoredAccount {
  return {
    id: randomId(),
    givenName: null,
    familyName: null,
    locale: null,
    zoneinfo: null,
    phoneNumber: null,
    address: null,
    groups: null,
    passwordHash: null,
    passwordSetAt: null,
    temporaryPasswordExpiresAt: null,
    credentialEpoch: 1,
    epochChangedBy: null,
    disabledAt: null,
    updatedAt: null,
    lastSignInAt: null,
    activationRequiredAt: null,
    sessionsEndedAt: null,
    seal: null,
    ...given,
  }
}
