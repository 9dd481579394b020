// The second factors of an account: the secret of a pending enrolment, enrolment itself, removal. Each kind
// has a verifier of its own: one-time-codes.ts for `totp`.

import { hkdfSync } from 'node:crypto'
import type { StoredSecondFactor } from '../../db/repositories/second-factors.js'
import type { Repositories, Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { clearAttempts, type AttemptKey } from '../rate-limits.js'
import { personActor, type Actor } from '../audit/actor.js'
import type { AuditEvent, AuditLog } from '../audit/audit-log.js'
import { randomId, type KeyRing } from '../key-ring.js'
import { formatDateTime, translator } from '../i18n.js'
import type { Mailbox } from '../mail/mailbox.js'
import type { ActivationService } from './activation.js'
import { diagnose, type Diagnosis } from './diagnosis.js'
import { encodeKey, matchStep, otpauthLink, SECRET_BYTES } from './totp.js'

export type SecondFactor = StoredSecondFactor

export type PendingEnrolment = { secret: Buffer; key: string; link: string }

/** The interaction the secret was derived for, the sign-in that confirms it, and where from. */
export type EnrolmentOrigin = {
  interaction: string
  signIn: string
  clientAddress: string
  browserName: string | undefined
}

/**
 * A second factor was verified or enrolled. What is left to do in the same transaction stands here, so that
 * the end of a sign-in does it together with its own: failures to forget, events to record.
 */
export type Verified = {
  ok: true
  verifiedAt: number
  forgets: readonly AttemptKey[]
  events: readonly AuditEvent[]
}

export type EnrolOutcome =
  | Verified
  | { ok: false; reason: 'wrong'; diagnosis: Diagnosis }
  | { ok: false; reason: 'overtaken' }

type Dependencies = {
  store: Store
  audit: AuditLog
  mailbox: Mailbox
  ring: KeyRing
  spendActivation: ActivationService['spend']
  now: () => number
  organisationName: string
  timeZone: string
}

export type SecondFactorsService = ReturnType<typeof createSecondFactors>

export function createSecondFactors({
  store,
  audit,
  mailbox,
  ring,
  spendActivation,
  now,
  organisationName,
  timeZone,
}: Dependencies) {
  const by = (account: Account, clientAddress: string): Actor => personActor(account, clientAddress)

  /**
   * Derived, so that it is stored nowhere and the same on every visit: one interaction, one account, one
   * epoch, one secret (ENR-2).
   */
  function pendingSecret(account: Account, interaction: string, keyId: string): Buffer {
    const salt = `${account.id}\0${account.credentialEpoch}`
    return Buffer.from(
      hkdfSync('sha256', ring.keyFor('totp-enrolment', keyId), salt, interaction, SECRET_BYTES),
    )
  }

  function pending(account: Account, interaction: string): PendingEnrolment {
    const secret = pendingSecret(account, interaction, ring.writingKeyId)
    return { secret, key: encodeKey(secret), link: otpauthLink(secret, organisationName, account.cip) }
  }

  /**
   * A change of master keys may come between the page that showed the key and the code: one under any key of
   * the ring will do.
   */
  function match(
    account: Account,
    interaction: string,
    code: string,
  ): { secret: Buffer; step: number | undefined } {
    const secrets = ring.keyIds.map((keyId) => pendingSecret(account, interaction, keyId))
    const found =
      secrets.find((secret) => matchStep(secret, code, now()) !== undefined) ??
      pending(account, interaction).secret
    return { secret: found, step: matchStep(found, code, now()) }
  }

  return {
    pending,

    /** What stands for «enrolled», the oldest first; disabled ones included. */
    list: (accountId: string): Promise<SecondFactor[]> => store.secondFactors.listCurrent(accountId),

    /**
     * Binds the phone that shows `code`, inside the caller's transaction. The epoch decides: of several
     * confirmations one wins, and ends the others' pending secrets.
     */
    async enrol(
      tx: Repositories,
      account: Account,
      { interaction, signIn, clientAddress, browserName }: EnrolmentOrigin,
      code: string,
      deviceName: string,
    ): Promise<EnrolOutcome> {
      const { secret, step } = match(account, interaction, code)
      if (step === undefined) {
        const diagnosis = diagnose(code, now(), [{ secret, lastStep: 0 }], [])
        await audit.record(tx, {
          event: 'second-factor.refused',
          outcome: 'refused',
          actor: by(account, clientAddress),
          account,
          details: { why: diagnosis.kind },
        })
        return { ok: false, reason: 'wrong', diagnosis }
      }
      const at = now()
      if (!(await spendActivation(tx, account, signIn, clientAddress)))
        return { ok: false, reason: 'overtaken' }
      if (
        !(await tx.accounts.raiseEpoch(account.id, account.credentialEpoch, signIn, {
          activationRequiredAt: null,
        }))
      ) {
        const latest = await tx.accounts.findById(account.id)
        const isOwnDoubleClick = latest?.epochChangedBy === signIn && latest.disabledAt === null
        return isOwnDoubleClick
          ? { ok: true, verifiedAt: at, forgets: [], events: [] }
          : { ok: false, reason: 'overtaken' }
      }
      const id = randomId()
      await tx.secondFactors.insert({
        id,
        accountId: account.id,
        kind: 'totp',
        name: deviceName,
        sealedSecret: ring.seal('second-factor', `${account.id}/${id}`, secret),
        lastStep: step,
        verifiedBy: signIn,
        verifiedAt: at,
        createdAt: at,
        disabledAt: null,
        removedAt: null,
      })
      await mailbox.post(tx, 'second-factor-enrolled', account, (locale) => ({
        device: deviceName,
        at: formatDateTime(at, locale, timeZone),
        address: clientAddress,
        browser: browserName ?? translator(locale)('mail.unknown-browser'),
      }))
      const enrolled: AuditEvent = {
        event: 'second-factor.enrolled',
        actor: by(account, clientAddress),
        account,
        details: { device: deviceName, epoch: account.credentialEpoch + 1 },
      }
      return { ok: true, verifiedAt: at, forgets: [], events: [enrolled] }
    },

    /** What this sign-in has verified counts no more: its owner has left it. */
    forgetVerification: (accountId: string, signIn: string): Promise<void> =>
      store.secondFactors.forgetVerification(accountId, signIn),

    /**
     * Removes the devices; what was earned with them counts no more, and the next one needs an activation
     * code. Returns how many there were, and the new epoch.
     */
    async removeAll(tx: Repositories, account: Account): Promise<{ removed: number; epoch: number }> {
      // The epoch before the devices: a phone that is being bound at this moment is then either removed here,
      // or refused. And before the attempts: whoever verifies a code holds them in that order too.
      const epoch = await tx.accounts.resetEpoch(account.id, { activationRequiredAt: now() })
      await clearAttempts(tx, [
        { limit: 'code-account', subject: account.id },
        { limit: 'codes-in-a-row', subject: account.id },
        { limit: 'code-points-in-30-days', subject: account.id },
      ])
      return { removed: await tx.secondFactors.removeAll(account.id, now()), epoch }
    },
  }
}
