// What an operator or an agent does about a person's account. Each act is one transaction: what changes, the
// mail that tells the person, and the row that keeps who did it and why. Called by the CLI and the help desk;
// whether somebody may do it is theirs to know.

import type { Repositories, Store } from '../../db/store.js'
import type { SealFault } from '../accounts/account-seal.js'
import type { AccountSeals } from '../accounts/account-seals.js'
import type { Account, IssuedPassword, PasswordDelivery } from '../accounts/accounts.js'
import type { CredentialsService } from '../accounts/credentials.js'
import type { PostTemporaryPassword } from '../accounts/temporary-password-mail.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { Mailbox } from '../mail/mailbox.js'
import { clearAttempts, clearAttemptsEverywhere, isUsedUp } from '../rate-limits.js'
import type { ActivationService, IssuedActivationCode } from '../second-factors/activation.js'
import type { SecondFactorsService } from '../second-factors/factors.js'
import { pointsOfYearKey } from '../second-factors/one-time-codes.js'
import { mendLastSteps } from '../second-factors/server-clock.js'
import { passwordKeysAnywhere } from '../sign-ins/password-limits.js'

type Dependencies = {
  store: Store
  seals: AccountSeals
  audit: AuditLog
  mailbox: Mailbox
  credentials: CredentialsService
  postTemporaryPassword: PostTemporaryPassword
  secondFactors: SecondFactorsService
  activation: ActivationService
  /** Every session, grant and token of an account ends, and the applications are told. */
  endSessions: (tx: Repositories, accountId: string) => Promise<void>
  now: () => number
}

/** How long the code can be used; see activation.ts. */
type ActivationOptions = { minutes?: number | undefined }

export function createAccountActions({
  store,
  seals,
  audit,
  mailbox,
  credentials,
  postTemporaryPassword,
  secondFactors,
  activation,
  endSessions,
  now,
}: Dependencies) {
  return {
    /** Refuses every sign-in and ends every session. False when it was disabled already. */
    disable: (account: Account, actor: Actor, reason: string): Promise<boolean> =>
      store.transaction(async (tx) => {
        if (!(await tx.accounts.setDisabled(account.id, now()))) return false
        // A sign-in under way must not go on where it stood once the account is enabled again.
        const epoch = await tx.accounts.resetEpoch(account.id)
        await endSessions(tx, account.id)
        await tx.knownBrowsers.forgetAll(account.id)
        await audit.record(tx, { event: 'account.disabled', actor, account, reason, details: { epoch } })
        return true
      }),

    /** Undoes that. False when it was not disabled. */
    enable: (account: Account, actor: Actor, reason: string): Promise<boolean> =>
      store.transaction(async (tx) => {
        if (!(await tx.accounts.setDisabled(account.id, null))) return false
        await audit.record(tx, { event: 'account.enabled', actor, account, reason })
        return true
      }),

    /**
     * The next access is a full sign-in. Returns how many sessions there were, and the clients that are told
     * of their end.
     */
    signOutEverywhere: (
      account: Account,
      actor: Actor,
      reason: string,
    ): Promise<{ sessions: number; told: string[] }> =>
      store.transaction(async (tx) => {
        const sessions = await tx.oidcArtifacts.countByAccount(account.id, 'Session', now())
        await endSessions(tx, account.id)
        await audit.record(tx, { event: 'session.ended', actor, account, reason, details: { sessions } })
        return { sessions, told: await tx.logoutNotices.listClients(account.id) }
      }),

    /**
     * Lifts the waits that stand against the account, from whatever network, in the person's own browsers
     * too, and mends what a clock of ours did that was ahead. Returns the names of the devices so mended, and
     * of those that stay disabled all the same: that takes a reset.
     */
    unlock: (
      account: Account,
      actor: Actor,
      reason: string,
    ): Promise<{ disabledDevices: string[]; mendedDevices: string[] }> =>
      store.transaction(async (tx) => {
        const mendedDevices = await mendLastSteps(tx, account, now())
        await clearAttemptsEverywhere(tx, [
          ...passwordKeysAnywhere(account.cip),
          { limit: 'code-account', subject: account.id },
          { limit: 'activation-account', subject: account.id },
        ])
        const devices = await tx.secondFactors.listCurrent(account.id)
        const unlocked = { event: 'account.unlocked', actor, account, reason } as const
        const details = { serverClockWasAhead: mendedDevices.join(', ') }
        await audit.record(tx, mendedDevices.length === 0 ? unlocked : { ...unlocked, details })
        const disabledDevices = devices.filter((one) => one.disabledAt !== null).map(({ name }) => name)
        return { disabledDevices, mendedDevices }
      }),

    /** Replaces the password by a temporary one and ends every session. */
    async resetPassword(
      account: Account,
      actor: Actor,
      reason: string,
      { delivery }: { delivery: PasswordDelivery },
    ): Promise<IssuedPassword> {
      const issued = await credentials.prepareTemporary(account.id)
      const { temporaryPassword, expiresAt, prepared } = issued
      await store.transaction(async (tx) => {
        const epoch = await credentials.set(tx, account, prepared)
        await clearAttempts(tx, [pointsOfYearKey(account)])
        await endSessions(tx, account.id)
        if (delivery === 'mail') await postTemporaryPassword(tx, 'password-reset', account, issued)
        else await mailbox.post(tx, 'password-changed', account)
        const details = { delivered: delivery, epoch }
        await audit.record(tx, { event: 'password.reset', actor, account, reason, details })
      })
      return { account, temporaryPassword, expiresAt }
    },

    /**
     * Removes the devices, ends every session, and hands out the code that the next device needs: without it
     * the person would have to call again. `needsNewPassword`: somebody who has the password has guessed at
     * codes so often that the first wrong one will suspend the next device too.
     */
    resetSecondFactor: (
      account: Account,
      actor: Actor,
      reason: string,
      { minutes }: ActivationOptions = {},
    ): Promise<{ removed: number; needsNewPassword: boolean } & IssuedActivationCode> =>
      store.transaction(async (tx) => {
        const { removed, epoch } = await secondFactors.removeAll(tx, account)
        await endSessions(tx, account.id)
        await tx.knownBrowsers.forgetAll(account.id)
        // Before the audit log is locked: whoever types a code at this moment locks the two in this order.
        const issued = await activation.issue(tx, account, minutes)
        const needsNewPassword = await isUsedUp(tx, pointsOfYearKey(account), now())
        await mailbox.post(tx, 'second-factor-reset', account)
        const by = { actor, account, reason }
        await audit.record(tx, { event: 'second-factor.reset', ...by, details: { removed, epoch } })
        await audit.record(tx, {
          event: 'activation-code.issued',
          ...by,
          details: { minutes: issued.minutes },
        })
        return { removed, needsNewPassword, ...issued }
      }),

    /**
     * Vouches for an account that was changed past this program: restored, or repaired by hand. Returns what
     * was wrong; undefined when nothing is.
     */
    reseal: (account: Account, actor: Actor, reason: string): Promise<SealFault | undefined> =>
      seals.reseal(account, actor, reason, endSessions),

    /** A code that lets the person enrol a device; earlier ones stop working. */
    issueActivationCode: (
      account: Account,
      actor: Actor,
      reason: string,
      { minutes }: ActivationOptions = {},
    ): Promise<IssuedActivationCode> =>
      store.transaction(async (tx) => {
        const issued = await activation.issue(tx, account, minutes)
        const details = { minutes: issued.minutes }
        await audit.record(tx, { event: 'activation-code.issued', actor, account, reason, details })
        return issued
      }),
  }
}
