// The state of an account as whoever helps its owner sees it, as data: the CLI and the help desk put it in
// words. Never a hash, a sealed secret, or anything one could sign in with.

import type { SealFault } from '../accounts/account-seal.js'
import type { AccountSeals } from '../accounts/account-seals.js'
import type { StoredSecondFactor } from '../../db/repositories/second-factors.js'
import type { Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { groupsOf } from '../accounts/groups.js'
import { awaitsPassword } from '../accounts/pending-passwords.js'
import { addressOf, type Address } from '../accounts/profile.js'
import { fateOf, type MailFate } from '../mail/fate.js'
import type { OneTimeCodesService } from '../second-factors/one-time-codes.js'
import type { EnrolmentRules } from '../second-factors/enrolment-policy.js'
import type { PasswordVerification } from '../sign-ins/verify-password.js'

export type PasswordSummary =
  | { state: 'none' | 'chosen'; setAt: number | null; expiresAt: null }
  /** `expired`: good for nothing any more. */
  | { state: 'temporary' | 'expired'; setAt: number | null; expiresAt: number }

/** What the account alone tells: enough for a list. Times are milliseconds; null is «not yet». */
export type AccountOverview = {
  cip: string
  name: string
  email: string
  locale: string | null
  status: 'active' | 'disabled'
  password: PasswordSummary
  lastSignInAt: number | null
}

export type DeviceSummary = {
  name: string
  enrolledAt: number
  lastUsedAt: number | null
  /** Too many wrong codes. */
  disabledAt: number | null
}

export type AccountSummary = AccountOverview & {
  sub: string
  givenName: string | null
  familyName: string | null
  zoneinfo: string | null
  phoneNumber: string | null
  address: Address | null
  groups: string[]
  createdAt: number
  disabledAt: number | null
  /** Those that confirm its sign-ins, the oldest first; disabled ones included. */
  secondFactors: DeviceSummary[]
  activation: {
    /** The next device needs a code from anywhere; rules on networks and idle accounts come on top. */
    isRequired: boolean
    /** Since the second factor was reset. */
    requiredAt: number | null
  }
  /** The longest, from whatever network; for a code, in a browser that never signed in to this account. */
  waits: { passwordSeconds: number; codeSeconds: number }
  /** It came by an import, and the mail that brings its first password waits for its turn. */
  passwordPendingSince: number | null
  /** The newest first. */
  mails: MailFate[]
  /** Why the account is refused: somebody has changed it past this program. Null when its seal fits. */
  sealFault: SealFault | null
}

const MOST_MAILS = 5

type Dependencies = {
  store: Store
  seals: Pick<AccountSeals, 'faultOf'>
  passwords: Pick<PasswordVerification, 'secondsToWait'>
  oneTimeCodes: Pick<OneTimeCodesService, 'waitForCode'>
  enrolment: EnrolmentRules['mode']
  now: () => number
}

export function createAccountSummaries({
  store,
  seals,
  passwords,
  oneTimeCodes,
  enrolment,
  now,
}: Dependencies) {
  const overview = (account: Account): AccountOverview => ({
    cip: account.cip,
    name: account.name,
    email: account.email,
    locale: account.locale,
    status: account.disabledAt === null ? 'active' : 'disabled',
    password: passwordOf(account, now()),
    lastSignInAt: account.lastSignInAt,
  })

  return {
    overview,

    async summarise(account: Account): Promise<AccountSummary> {
      const record = await store.accounts.findRecord({ id: account.id })
      return {
        ...overview(account),
        sub: account.id,
        givenName: account.givenName,
        familyName: account.familyName,
        zoneinfo: account.zoneinfo,
        phoneNumber: account.phoneNumber,
        address: addressOf(account) ?? null,
        groups: groupsOf(account),
        createdAt: account.createdAt,
        disabledAt: account.disabledAt,
        secondFactors: (record?.factors ?? []).map(toDevice),
        activation: {
          isRequired: account.activationRequiredAt !== null || enrolment === 'activation-code',
          requiredAt: account.activationRequiredAt,
        },
        waits: {
          passwordSeconds: await passwords.secondsToWait(account.cip),
          codeSeconds: await oneTimeCodes.waitForCode(account, undefined),
        },
        passwordPendingSince: awaitsPassword(account)
          ? ((await store.pendingPasswords.find(account.id))?.createdAt ?? null)
          : null,
        mails: (await store.outbox.list(account.id, MOST_MAILS)).map(fateOf),
        sealFault: (record && seals.faultOf(record)) ?? null,
      }
    },
  }
}

function passwordOf(account: Account, now: number): PasswordSummary {
  const { passwordHash, passwordSetAt: setAt, temporaryPasswordExpiresAt: expiresAt } = account
  if (passwordHash === null) return { state: 'none', setAt, expiresAt: null }
  if (expiresAt === null) return { state: 'chosen', setAt, expiresAt }
  return { state: expiresAt <= now ? 'expired' : 'temporary', setAt, expiresAt }
}

const toDevice = ({ name, createdAt, verifiedAt, disabledAt }: StoredSecondFactor): DeviceSummary => ({
  name,
  enrolledAt: createdAt,
  lastUsedAt: verifiedAt,
  disabledAt,
})
