// The phones of an account: the secret of a pending enrolment, enrolment itself, removal. Codes are
// one-time-codes.ts's.

import { hkdfSync } from 'node:crypto'
import type { StoredSecondFactor } from '../../db/repositories/second-factors.js'
import type { Repositories, Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { clearAttempts } from '../rate-limits.js'
import { personActor, type Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { randomId, type KeyRing } from '../key-ring.js'
import { formatDateTime } from '../i18n.js'
import type { Mailbox } from '../mail/mailbox.js'
import { diagnose, type Diagnosis } from './diagnosis.js'
import { encodeKey, matchStep, otpauthLink, SECRET_BYTES } from './totp.js'

export type SecondFactor = StoredSecondFactor

export type PendingEnrolment = { secret: Buffer; key: string; link: string }

/** The interaction the secret was derived for, the sign-in that confirms it, and where from. */
export type EnrolmentOrigin = { interaction: string; signIn: string; clientAddress: string }

export type EnrolOutcome =
  | { ok: true }
  | { ok: false; reason: 'wrong'; diagnosis: Diagnosis }
  | { ok: false; reason: 'overtaken' }

type Dependencies = {
  store: Store
  audit: AuditLog
  mailbox: Mailbox
  ring: KeyRing
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

    /** The device that confirms this account's sign-ins; disabled ones included. */
    current: async (accountId: string): Promise<SecondFactor | undefined> =>
      (await store.secondFactors.listCurrent(accountId))[0],

    /**
     * Binds the phone that shows `code`. The epoch decides: of several confirmations one wins, and ends the
     * others' pending secrets.
     */
    async enrol(
      account: Account,
      { interaction, signIn, clientAddress }: EnrolmentOrigin,
      code: string,
      deviceName: string,
    ): Promise<EnrolOutcome> {
      const { secret, step } = match(account, interaction, code)
      if (step === undefined) {
        const diagnosis = diagnose(code, now(), { secret, lastStep: 0 }, [])
        await store.transaction((tx) =>
          audit.record(tx, {
            event: 'second-factor.refused',
            outcome: 'refused',
            actor: by(account, clientAddress),
            account,
            details: { why: diagnosis.kind },
          }),
        )
        return { ok: false, reason: 'wrong', diagnosis }
      }
      return store.transaction(async (tx): Promise<EnrolOutcome> => {
        if (
          !(await tx.accounts.raiseEpoch(account.id, account.credentialEpoch, signIn, {
            activationRequiredAt: null,
          }))
        ) {
          const latest = await tx.accounts.findById(account.id)
          // Own double click, or another's enrolment
          return latest?.epochChangedBy === signIn ? { ok: true } : { ok: false, reason: 'overtaken' }
        }
        await tx.activationCodes.use(account.id, signIn, now())
        const id = randomId()
        const at = now()
        const sealedSecret = ring.seal('second-factor', `${account.id}/${id}`, secret)
        await tx.secondFactors.insert({
          id,
          accountId: account.id,
          kind: 'totp',
          name: deviceName,
          sealedSecret,
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
        }))
        await audit.record(tx, {
          event: 'second-factor.enrolled',
          actor: by(account, clientAddress),
          account,
          details: { device: deviceName },
        })
        return { ok: true }
      })
    },

    /** The code given in this sign-in counts no more: its owner has left it. */
    forgetVerification: (accountId: string, signIn: string): Promise<void> =>
      store.secondFactors.forgetVerification(accountId, signIn),

    /**
     * Removes the devices; what was earned with them counts no more, and the next one needs an activation
     * code. Returns how many there were.
     */
    async removeAll(tx: Repositories, account: Account): Promise<number> {
      await clearAttempts(tx, [
        { limit: 'code-account', subject: account.id },
        { limit: 'code-device', subject: account.id },
        { limit: 'code-stranger', subject: account.id },
      ])
      // The epoch before the devices: a phone that is being bound at this moment is then either removed here,
      // or refused.
      await tx.accounts.resetEpoch(account.id, { activationRequiredAt: now() })
      return tx.secondFactors.removeAll(account.id, now())
    },
  }
}
