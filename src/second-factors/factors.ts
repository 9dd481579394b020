// The second factors of an account: the secret of a pending enrolment, enrolment itself, removal. Each kind
// has a verifier of its own: one-time-codes.ts for `totp`.

import type { StoredSecondFactor } from '../../db/repositories/second-factors.js'
import type { Repositories, Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { clearAttempts, type AttemptKey } from '../rate-limits.js'
import { personActor, type Actor } from '../audit/actor.js'
import type { AuditEvent, AuditLog } from '../audit/audit-log.js'
import { randomId, type KeyRing } from '../key-ring.js'
import { formatDateTime, translator, type Locale } from '../i18n.js'
import type { Mailbox } from '../mail/mailbox.js'
import type { ActivationService } from './activation.js'
import { entryName } from './authenticator-entry.js'
import { createBegunEnrolments } from './begun-enrolments.js'
import { createDeadSecrets } from './dead-secrets.js'
import { diagnose, type Diagnosis } from './diagnosis.js'
import { openReadable } from './open-readable.js'
import { pendingSecret } from './pending-secret.js'
import { encodeKey, matchStep, otpauthLink } from './totp.js'

export type SecondFactor = StoredSecondFactor

type PendingKey = { secret: Buffer; key: string }

/** `earlier`: the authenticator may hold these entries already; their codes serve nothing. */
export type PendingEnrolment = PendingKey & { link: string; earlier: readonly string[] }

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

  const begunEnrolments = createBegunEnrolments({ ring, now })
  const deadSecrets = createDeadSecrets({ ring, now })

  const secretFor = ({ id: accountId, credentialEpoch }: Account, interaction: string, keyId: string) =>
    pendingSecret(ring, { accountId, credentialEpoch, interaction }, keyId)

  function pending(account: Account, interaction: string): PendingKey {
    const secret = secretFor(account, interaction, ring.writingKeyId)
    return { secret, key: encodeKey(secret) }
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
    const secrets = ring.keyIds.map((keyId) => secretFor(account, interaction, keyId))
    const found =
      secrets.find((secret) => matchStep(secret, code, now()) !== undefined) ??
      pending(account, interaction).secret
    return { secret: found, step: matchStep(found, code, now()) }
  }

  return {
    pending,

    /** What the page of this interaction shows; it is remembered that it was shown. */
    async begin(account: Account, interaction: string, locale: Locale): Promise<PendingEnrolment> {
      const { mark, earlier } = await begunEnrolments.begin(store, account, interaction, { locale, timeZone })
      const { secret, key } = pending(account, interaction)
      const link = otpauthLink(secret, organisationName, entryName(account.cip, mark))
      return { secret, key, link, earlier: [...new Set(earlier)].map((one) => entryName(account.cip, one)) }
    },

    /** What the device's entry in the authenticator is called, behind the organisation's name. */
    async entryOf(account: Account, device: SecondFactor): Promise<string> {
      const [secret] = openReadable([device], ({ id, accountId, sealedSecret }) =>
        ring.open('second-factor', `${accountId}/${id}`, sealedSecret),
      )
      const mark = secret && (await begunEnrolments.markOf(store, account, secret))
      return mark === undefined ? account.cip : entryName(account.cip, mark)
    },

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
        const { removed, earlier } = await deadSecrets.read(tx, account, interaction)
        const diagnosis = diagnose(code, now(), [{ secret, lastStep: 0 }], removed, earlier)
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
