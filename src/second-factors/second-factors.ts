// The phones that confirm a sign-in: enrolment, verification, reset. A code is checked, counted and used up in one transaction;
// nothing in it throws for a refusal, so that what was counted stays counted.

import { hkdfSync } from 'node:crypto'
import type { StoredSecondFactor } from '../../db/repositories/second-factors.js'
import type { Repositories, Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import type { KnownBrowsersService } from '../accounts/known-browsers.js'
import type { Visitor } from '../accounts/sign-ins.js'
import { clearAttempts, reachedCap, reserveAttempt, secondsToWait, takeBackAttempt, waitStarted, type AttemptKey } from '../attempts.js'
import type { AuditLog, Origin } from '../audit.js'
import { randomId, type KeyRing } from '../crypto.js'
import { AppError } from '../errors.js'
import { formatDateTime } from '../i18n.js'
import type { Mailbox } from '../mail.js'
import { diagnose, type Diagnosis } from './diagnosis.js'
import { encodeKey, matchStep, otpauthLink, SECRET_BYTES } from './totp.js'

export type SecondFactor = StoredSecondFactor

export type PendingEnrolment = { secret: Buffer; key: string; link: string }

export type CodeOutcome =
  | { ok: true }
  | { ok: false; reason: 'waiting'; waitSeconds: number }
  | { ok: false; reason: 'wrong'; diagnosis: Diagnosis }
  /** The interaction ends: the password is asked for again, after the wait. */
  | { ok: false; reason: 'too-many'; waitSeconds: number }
  | { ok: false; reason: 'device-disabled' }

/** The interaction the secret was derived for, the sign-in that confirms it, and where from. */
export type EnrolmentOrigin = { interaction: string; signIn: string; source: string }

export type EnrolOutcome = { ok: true } | { ok: false; reason: 'wrong'; diagnosis: Diagnosis } | { ok: false; reason: 'overtaken' }

const REMOVED_KEPT_MS = 30 * 24 * 3_600_000

type Dependencies = {
  store: Store
  audit: AuditLog
  mailbox: Mailbox
  ring: KeyRing
  now: () => number
  knownBrowsers: KnownBrowsersService
  /** Every session, grant and token of an account ends, and the applications are told. */
  endSessions: (tx: Repositories, accountId: string) => Promise<void>
  organisationName: string
  timeZone: string
  countCode: (outcome: string) => void
}

export type SecondFactorsService = ReturnType<typeof createSecondFactors>

export function createSecondFactors({
  store,
  audit,
  mailbox,
  ring,
  now,
  knownBrowsers,
  endSessions,
  organisationName,
  timeZone,
  countCode,
}: Dependencies) {
  /** Undefined when the seal does not open: the row was tampered with, and the device must not be trusted any more. */
  function readSecret(factor: SecondFactor): Buffer | undefined {
    try {
      return ring.open('second-factor', `${factor.accountId}/${factor.id}`, factor.sealedSecret)
    } catch (error) {
      if (error instanceof AppError && error.code === 'seal-broken') return undefined
      throw error
    }
  }
  /** A browser that has signed in to this account waits for its own failures only, and draws nothing from the strangers' month. */
  async function codeKeys(account: Account, browserId: string | undefined): Promise<AttemptKey[]> {
    const browser = await knownBrowsers.hashFor(browserId, account.id)
    if (browser !== undefined)
      return [
        { limit: 'code-account', subject: `${account.id}@${browser}` },
        { limit: 'code-device', subject: account.id },
      ]
    return [
      { limit: 'code-account', subject: account.id },
      { limit: 'code-device', subject: account.id },
      { limit: 'code-stranger', subject: account.id },
    ]
  }
  const by = (account: Account, source: string): Origin => ({ actor: `cip:${account.cip}`, source })

  /** Derived, so that it is stored nowhere and the same on every visit: one interaction, one account, one epoch, one secret (ENR-2). */
  function pending(account: Account, interaction: string): PendingEnrolment {
    const salt = `${account.id}\0${account.credentialEpoch}`
    const secret = Buffer.from(hkdfSync('sha256', ring.keyFor('totp-enrolment'), salt, interaction, SECRET_BYTES))
    return { secret, key: encodeKey(secret), link: otpauthLink(secret, organisationName, account.cip) }
  }

  async function diagnoseRefusal(tx: Repositories, account: Account, current: SecondFactor, secret: Buffer, code: string): Promise<Diagnosis> {
    const removed = await tx.secondFactors.listRemovedSince(account.id, now() - REMOVED_KEPT_MS)
    const readable = removed.flatMap((factor) => {
      const old = readSecret(factor)
      return old === undefined ? [] : [{ name: factor.name, secret: old }]
    })
    return diagnose(code, now(), { secret, lastStep: current.lastStep }, readable)
  }

  async function disable(
    tx: Repositories,
    account: Account,
    factor: SecondFactor,
    origin: Origin,
    why: 'secret-unreadable' | 'too-many-wrong-codes',
  ): Promise<void> {
    if (!(await tx.secondFactors.disable(factor.id, now()))) return
    await mailbox.post(tx, 'second-factor-disabled', account, () => ({ device: factor.name }))
    await audit.record(tx, { event: 'second-factor.disabled', origin, account, details: { device: factor.name, why } })
  }

  async function verify(account: Account, code: string, signIn: string, { source, browserId }: Visitor): Promise<CodeOutcome> {
    const keys = await codeKeys(account, browserId)
    const origin = by(account, source)
    return store.transaction(async (tx): Promise<CodeOutcome> => {
      const [factor] = await tx.secondFactors.listCurrent(account.id)
      if (factor === undefined || factor.disabledAt !== null) return { ok: false, reason: 'device-disabled' }
      const secret = readSecret(factor)
      if (secret === undefined) {
        await disable(tx, account, factor, origin, 'secret-unreadable')
        return { ok: false, reason: 'device-disabled' }
      }
      const reservation = await reserveAttempt(tx, keys, now())
      if (!reservation.ok) return { ok: false, reason: 'waiting', waitSeconds: reservation.waitSeconds }

      const step = matchStep(secret, code, now())
      if (step !== undefined && (await tx.secondFactors.useStep(factor.id, step, signIn, now()))) {
        await takeBackAttempt(tx, reservation.reserved)
        await clearAttempts(
          tx,
          keys.filter(({ limit }) => limit !== 'code-stranger'),
        )
        await audit.record(tx, { event: 'one-time-code.verified', origin, account, details: { device: factor.name } })
        return { ok: true }
      }
      if (step !== undefined && step === factor.lastStep && factor.verifiedBy === signIn) {
        await takeBackAttempt(tx, reservation.reserved) // a double click
        return { ok: true }
      }

      const diagnosis = await diagnoseRefusal(tx, account, factor, secret, code)
      const isCapped = reachedCap(reservation.reserved)
      if (isCapped) await disable(tx, account, factor, origin, 'too-many-wrong-codes')
      await audit.record(tx, {
        event: 'one-time-code.refused',
        outcome: 'refused',
        origin,
        account,
        details: { device: factor.name, why: diagnosis.kind },
      })
      if (isCapped) return { ok: false, reason: 'device-disabled' }
      const waitSeconds = waitStarted(reservation.reserved, now())
      return waitSeconds > 0 ? { ok: false, reason: 'too-many', waitSeconds } : { ok: false, reason: 'wrong', diagnosis }
    })
  }

  return {
    pending,

    /** The device that confirms this account's sign-ins; disabled ones included. */
    current: async (accountId: string): Promise<SecondFactor | undefined> => (await store.secondFactors.listCurrent(accountId))[0],

    waitForCode: async (account: Account, browserId: string | undefined): Promise<number> =>
      secondsToWait(store, await codeKeys(account, browserId), now()),

    /** `code` is six digits. `signIn` names the sign-in: the same code again from the same one is a double click, from another a replay. */
    async verify(account: Account, code: string, signIn: string, visitor: Visitor): Promise<CodeOutcome> {
      const outcome = await verify(account, code, signIn, visitor)
      countCode(outcome.ok ? 'right' : outcome.reason === 'wrong' ? outcome.diagnosis.kind : outcome.reason)
      return outcome
    },

    /** Binds the phone that shows `code`. The epoch decides: of several confirmations one wins, and ends the others' pending secrets. */
    async enrol(account: Account, { interaction, signIn, source }: EnrolmentOrigin, code: string, deviceName: string): Promise<EnrolOutcome> {
      const { secret } = pending(account, interaction)
      const step = matchStep(secret, code, now())
      if (step === undefined) {
        const diagnosis = diagnose(code, now(), { secret, lastStep: 0 }, [])
        await store.transaction((tx) =>
          audit.record(tx, {
            event: 'second-factor.refused',
            outcome: 'refused',
            origin: by(account, source),
            account,
            details: { why: diagnosis.kind },
          }),
        )
        return { ok: false, reason: 'wrong', diagnosis }
      }
      return store.transaction(async (tx): Promise<EnrolOutcome> => {
        if (!(await tx.accounts.raiseEpoch(account.id, account.credentialEpoch, signIn, { activationRequiredAt: null }))) {
          const latest = await tx.accounts.findById(account.id)
          return latest?.epochChangedBy === signIn ? { ok: true } : { ok: false, reason: 'overtaken' } // own double click, or another's enrolment
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
        await mailbox.post(tx, 'second-factor-enrolled', account, (locale) => ({ device: deviceName, at: formatDateTime(at, locale, timeZone) }))
        await audit.record(tx, { event: 'second-factor.enrolled', origin: by(account, source), account, details: { device: deviceName } })
        return { ok: true }
      })
    },

    /** Removes the devices; every session, grant and open sign-in ends, and the next phone needs an activation code. Returns how many there were. */
    reset: (account: Account, origin: Origin, reason: string): Promise<number> =>
      store.transaction(async (tx) => {
        await clearAttempts(tx, [
          { limit: 'code-account', subject: account.id },
          { limit: 'code-device', subject: account.id },
          { limit: 'code-stranger', subject: account.id },
        ])
        // The epoch before the devices: a phone that is being bound at this moment is then either removed here, or refused.
        await tx.accounts.resetEpoch(account.id, { activationRequiredAt: now(), sessionsEndedAt: now() })
        const removed = await tx.secondFactors.removeAll(account.id, now())
        await endSessions(tx, account.id)
        await tx.knownBrowsers.forgetAll(account.id)
        await mailbox.post(tx, 'second-factor-reset', account)
        await audit.record(tx, { event: 'second-factor.reset', origin, account, reason, details: { removed } })
        return removed
      }),
  }
}
