// What one interaction remembers of its sign-in. It holds no secret and no step; the facts are read from the
// database at each visit. Progress counts under the credential epoch it was earned under, or one that this
// very sign-in has changed.

import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Account } from '../../src/accounts/accounts.js'
import type { SecondFactor } from '../../src/second-factors/factors.js'
import type { SignInFacts } from './journey.js'

const schema = z.object({
  signIn: z.string(),
  accountId: z.string(),
  epoch: z.number(),
  /** As it was ticked beside the password. */
  isSharedComputer: z.boolean().default(false),
  /** When its password was given; or changed, which ends the account's sessions, by this sign-in itself. */
  since: z.number().default(0),
  /** How many times it got more time. */
  prolonged: z.number().default(0),
})

/**
 * `signIn` names this sign-in in the rows it changes, so that a crash or a double click finds its own work
 * again.
 */
export type Progress = z.infer<typeof schema>

/** `signIn`: see src/sign-ins/sign-in-name.ts. */
export function freshProgress(
  account: Account,
  signIn: string,
  isSharedComputer: boolean,
  since: number,
): Progress {
  const { id: accountId, credentialEpoch: epoch } = account
  return { signIn, accountId, epoch, isSharedComputer, since, prolonged: 0 }
}

/** What a page tells of the sign-in it was made for: enough to know it again, and not its name. */
export const pageOf = (progress: Progress | undefined): string | undefined =>
  progress && createHash('sha256').update(progress.signIn).digest('base64url')

export function readProgress(result: unknown): Progress | undefined {
  const stored =
    typeof result === 'object' && result !== null && 'signIn' in result ? result.signIn : undefined
  return schema.safeParse(stored).data
}

export function countsFor(
  progress: Progress | undefined,
  account: Account | undefined,
): progress is Progress {
  if (progress === undefined || account === undefined || account.disabledAt !== null) return false
  // Within its first minutes it ends with a factor that is verified afterwards; what goes on for hours must
  // not go on beyond an act that ends everything.
  if (progress.prolonged > 0 && (account.sessionsEndedAt ?? 0) > progress.since) return false
  return progress.epoch === account.credentialEpoch || progress.signIn === account.epochChangedBy
}

/** `progress` must count for `account`; pass undefined for both when it does not. */
export function gatherFacts(
  progress: Progress | undefined,
  account: Account | undefined,
  factors: readonly SecondFactor[],
  activationMissing: boolean,
): SignInFacts {
  return {
    passwordVerified: progress !== undefined,
    enrolled: factors.length > 0,
    secondFactorVerified:
      progress !== undefined && factors.some(({ verifiedBy }) => verifiedBy === progress.signIn),
    mustChangePassword: account !== undefined && account.temporaryPasswordExpiresAt !== null,
    activationMissing,
  }
}
