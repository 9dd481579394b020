// The codes that phones show: verified, counted and used up in one transaction. Nothing in it throws for a
// refusal, so that what was counted stays counted.

import type { Repositories, Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import type { KnownBrowsersService, Visitor } from '../sign-ins/known-browsers.js'
import {
  clearAttempts,
  isCounted,
  browserSubject,
  reachedCap,
  reserveAttempt,
  secondsToWait,
  cancelAttempt,
  waitStarted,
  type AttemptKey,
} from '../rate-limits.js'
import { personActor, type Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { KeyRing } from '../key-ring.js'
import { AppError } from '../errors.js'
import type { Mailbox } from '../mail/mailbox.js'
import { diagnose, type Diagnosis } from './diagnosis.js'
import type { SecondFactor } from './factors.js'
import { matchStep, STEP_SECONDS, stepAt } from './totp.js'

export type CodeOutcome =
  | { ok: true }
  | { ok: false; reason: 'waiting'; waitSeconds: number }
  | { ok: false; reason: 'wrong'; diagnosis: Diagnosis }
  /** The interaction ends: the password is asked for again, after the wait. */
  | { ok: false; reason: 'too-many'; waitSeconds: number }
  | { ok: false; reason: 'device-disabled' }

/** So long a refusal can name the removed device that the code came from. */
export const REMOVED_FACTOR_KEPT_MS = 30 * 24 * 3_600_000

type Dependencies = {
  store: Store
  audit: AuditLog
  mailbox: Mailbox
  ring: KeyRing
  now: () => number
  knownBrowsers: KnownBrowsersService
  countCode: (outcome: string) => void
}

export type OneTimeCodesService = ReturnType<typeof createOneTimeCodes>

export function createOneTimeCodes({
  store,
  audit,
  mailbox,
  ring,
  now,
  knownBrowsers,
  countCode,
}: Dependencies) {
  /**
   * Undefined when the seal does not open: the row was tampered with, and the device must not be trusted any
   * more.
   */
  function readSecret(factor: SecondFactor): Buffer | undefined {
    try {
      return ring.open('second-factor', `${factor.accountId}/${factor.id}`, factor.sealedSecret)
    } catch (error) {
      if (error instanceof AppError && error.code === 'seal-broken') return undefined
      throw error
    }
  }

  /**
   * A browser that has signed in to this account waits for its own failures only, and draws nothing from the
   * strangers' month.
   */
  async function codeKeys(account: Account, browserId: string | undefined): Promise<AttemptKey[]> {
    const browser = await knownBrowsers.hashFor(browserId, account.id)
    if (browser !== undefined)
      return [
        { limit: 'code-account', subject: browserSubject(account.id, browser) },
        { limit: 'code-device', subject: account.id },
      ]
    return [
      { limit: 'code-account', subject: account.id },
      { limit: 'code-device', subject: account.id },
      { limit: 'code-stranger', subject: account.id },
    ]
  }

  /**
   * «Your phone is five minutes ahead» tells a thief which code will be right in five minutes: that one must
   * not serve then.
   */
  const foretold = (factor: SecondFactor, step: number): AttemptKey => ({
    limit: 'code-foretold',
    subject: `${factor.id}:${step}`,
  })

  async function diagnoseRefusal(
    tx: Repositories,
    account: Account,
    current: SecondFactor,
    secret: Buffer,
    code: string,
  ): Promise<Diagnosis> {
    const at = now()
    const removed = await tx.secondFactors.listRemovedSince(account.id, now() - REMOVED_FACTOR_KEPT_MS)
    const readable = removed.flatMap((factor) => {
      const old = readSecret(factor)
      return old === undefined ? [] : [{ name: factor.name, secret: old }]
    })
    const diagnosis = diagnose(code, at, { secret, lastStep: current.lastStep }, readable)
    if (diagnosis.kind === 'clock' && diagnosis.offsetSeconds > 0)
      await reserveAttempt(tx, [foretold(current, stepAt(at) + diagnosis.offsetSeconds / STEP_SECONDS)], at)
    return diagnosis
  }

  async function disable(
    tx: Repositories,
    account: Account,
    factor: SecondFactor,
    actor: Actor,
    why: 'secret-unreadable' | 'too-many-wrong-codes',
  ): Promise<void> {
    if (!(await tx.secondFactors.disable(factor.id, now()))) return
    await mailbox.post(tx, 'second-factor-disabled', account, () => ({ device: factor.name }))
    await audit.record(tx, {
      event: 'second-factor.disabled',
      actor,
      account,
      details: { device: factor.name, why },
    })
  }

  async function usable(tx: Repositories, account: Account): Promise<SecondFactor | undefined> {
    const [factor] = await tx.secondFactors.listCurrent(account.id)
    return factor?.disabledAt === null ? factor : undefined
  }

  async function verify(
    account: Account,
    code: string,
    signIn: string,
    { clientAddress, browserId }: Visitor,
  ): Promise<CodeOutcome> {
    const keys = await codeKeys(account, browserId)
    const actor = personActor(account, clientAddress)
    return store.transaction(async (tx): Promise<CodeOutcome> => {
      if ((await usable(tx, account)) === undefined) return { ok: false, reason: 'device-disabled' }
      const reservation = await reserveAttempt(tx, keys, now())
      if (!reservation.ok) return { ok: false, reason: 'waiting', waitSeconds: reservation.waitSeconds }

      // Read after the counters are locked: an earlier click of the same person has finished by now, and
      // shows.
      const factor = await usable(tx, account)
      const secret = factor === undefined ? undefined : readSecret(factor)
      if (factor === undefined || secret === undefined) {
        await cancelAttempt(tx, reservation.reserved)
        if (factor !== undefined) await disable(tx, account, factor, actor, 'secret-unreadable')
        return { ok: false, reason: 'device-disabled' }
      }

      const step = matchStep(secret, code, now())
      const isForetold = step !== undefined && (await isCounted(tx, foretold(factor, step), now()))
      if (
        step !== undefined &&
        !isForetold &&
        (await tx.secondFactors.useStep(factor.id, step, signIn, now()))
      ) {
        await cancelAttempt(tx, reservation.reserved)
        await clearAttempts(
          tx,
          keys.filter(({ limit }) => limit !== 'code-stranger'),
        )
        await audit.record(tx, {
          event: 'one-time-code.verified',
          actor,
          account,
          details: { device: factor.name },
        })
        return { ok: true }
      }
      if (step !== undefined && step === factor.lastStep && factor.verifiedBy === signIn) {
        await cancelAttempt(tx, reservation.reserved) // a double click
        return { ok: true }
      }

      const diagnosis = await diagnoseRefusal(
        tx,
        account,
        isForetold ? { ...factor, lastStep: step } : factor,
        secret,
        code,
      )
      const isCapped = reachedCap(reservation.reserved)
      if (isCapped) await disable(tx, account, factor, actor, 'too-many-wrong-codes')
      await audit.record(tx, {
        event: 'one-time-code.refused',
        outcome: 'refused',
        actor,
        account,
        details: { device: factor.name, why: diagnosis.kind },
      })
      if (isCapped) return { ok: false, reason: 'device-disabled' }
      const waitSeconds = waitStarted(reservation.reserved, now())
      return waitSeconds > 0
        ? { ok: false, reason: 'too-many', waitSeconds }
        : { ok: false, reason: 'wrong', diagnosis }
    })
  }

  return {
    waitForCode: async (account: Account, browserId: string | undefined): Promise<number> =>
      secondsToWait(store, await codeKeys(account, browserId), now()),

    /**
     * `code` is six digits. `signIn` names the sign-in: the same code again from the same one is a double
     * click, from another a replay.
     */
    async verify(account: Account, code: string, signIn: string, visitor: Visitor): Promise<CodeOutcome> {
      const outcome = await verify(account, code, signIn, visitor)
      countCode(outcome.ok ? 'right' : outcome.reason === 'wrong' ? outcome.diagnosis.kind : outcome.reason)
      return outcome
    },
  }
}
