// What an account's seal is made of: a keyed hash over all that decides whether somebody gets in as this
// person, and as whom. Pure. Where it is written: db/sealed-changes.ts; who looks at it: account-seals.ts.
//
// Not covered, since each sign-in changes it: language, when that was changed, last sign-in, a device's last step and who verified
// it. A device's secret is bound to its id and account by its own seal, which is what its id stands for here.

import type { AccountRecord } from '../../db/account-records.js'
import type { KeyRing } from '../key-ring.js'

/** `older-row`: the seal fits, but the audit log tells of a later credential epoch: a copy was put back. */
export type SealFault = 'seal-missing' | 'seal-broken' | 'key-unknown' | 'older-row'

export function sealOf(ring: KeyRing, record: AccountRecord): string {
  return `${ring.writingKeyId}.${ring.mac('account-seal', covered(record))}`
}

export function sealFaultOf(ring: KeyRing, record: AccountRecord): SealFault | undefined {
  const { seal, credentialEpoch } = record.account
  if (seal === null) return 'seal-missing'
  const dot = seal.lastIndexOf('.')
  if (!ring.keyIds.includes(seal.slice(0, dot))) return 'key-unknown'
  if (!ring.verifyMac('account-seal', covered(record), seal.slice(dot + 1))) return 'seal-broken'
  return (newestEpoch(record) ?? 0) > credentialEpoch ? 'older-row' : undefined
}

/** The epoch that the audit log told of last; undefined when its newest such event is of an older program. */
export function newestEpoch({ newestEpochDetails }: AccountRecord): number | undefined {
  return (JSON.parse(newestEpochDetails ?? '{}') as { epoch?: number }).epoch
}

/** What came later: sealed where it is known, so that accounts without it keep the seal that they have. */
function profileOf({ givenName, familyName, zoneinfo, groups }: AccountRecord['account']): unknown[] {
  const later = [givenName, familyName, zoneinfo, groups]
  return later.every((value) => value === null) ? [] : [later]
}

function covered({ account, factors, activationCodes }: AccountRecord): string {
  return JSON.stringify([
    'v1',
    account.id,
    account.cip,
    account.name,
    account.email,
    account.phoneNumber,
    account.address,
    account.passwordHash,
    account.passwordSetAt,
    account.temporaryPasswordExpiresAt,
    account.credentialEpoch,
    account.epochChangedBy,
    account.disabledAt,
    account.activationRequiredAt,
    account.sessionsEndedAt,
    factors.map(({ id, kind, disabledAt }) => JSON.stringify([id, kind, disabledAt])).toSorted(),
    activationCodes
      .map(({ id, codeHash, expiresAt }) => JSON.stringify([id, codeHash, expiresAt]))
      .toSorted(),
    ...profileOf(account),
  ])
}
