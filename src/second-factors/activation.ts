// Issues activation codes and takes them. A code counts as used when the phone is enrolled; until then the
// latest sign-in that typed it holds it, so that a closed browser costs nobody a second call.

import type { Repositories, Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { reserveAttempt, cancelAttempt, type AttemptKey } from '../rate-limits.js'
import { personActor, type Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { createRefusalRecord } from '../audit/refusals.js'
import { randomId, type KeyRing } from '../key-ring.js'
import { makeActivationCode, parseActivationCode } from './activation-code.js'
import { activationReason, type ActivationReason, type EnrolmentRules } from './enrolment-policy.js'

export const MAX_TRIES = 10
export const DEFAULT_ACTIVATION_MINUTES = 15
export const MAX_ACTIVATION_MINUTES = 72 * 60
/** Nothing asks for an expired code any more; a day is for whoever looks into the database. */
export const EXPIRED_CODE_KEPT_MS = 24 * 3_600_000

export type IssuedActivationCode = { code: string; minutes: number; expiresAt: number }
export type ActivationOutcome =
  | { ok: true }
  | { ok: false; reason: 'wrong' }
  | { ok: false; reason: 'waiting'; waitSeconds: number }

export type ActivationService = ReturnType<typeof createActivation>

type Dependencies = { store: Store; audit: AuditLog; ring: KeyRing; now: () => number; rules: EnrolmentRules }

export function createActivation({ store, audit, ring, now, rules }: Dependencies) {
  const recordRefusal = createRefusalRecord({ audit, now })
  const subject = (account: Account, code: string) => `${account.id}:${code}`
  const keys = (account: Account): AttemptKey[] => [{ limit: 'activation-account', subject: account.id }]

  return {
    /** Whether a phone is bound here with an activation code alone, whoever has given one already. */
    isNeeded: (account: Account, clientAddress: string): boolean =>
      activationReason(account, clientAddress, now(), rules) !== undefined,

    /** Why this sign-in may not enrol yet; undefined when it may. */
    async missing(
      account: Account,
      signIn: string,
      clientAddress: string,
    ): Promise<ActivationReason | undefined> {
      const reason = activationReason(account, clientAddress, now(), rules)
      return reason === undefined || (await store.activationCodes.isClaimedBy(account.id, signIn, now()))
        ? undefined
        : reason
    },

    /** A new code, for at most 72 hours; those issued before stop working. The caller's act is audited. */
    async issue(
      tx: Repositories,
      account: Account,
      minutesAsked: number = DEFAULT_ACTIVATION_MINUTES,
    ): Promise<IssuedActivationCode> {
      const code = makeActivationCode()
      const minutes = Math.min(minutesAsked, MAX_ACTIVATION_MINUTES)
      const expiresAt = now() + minutes * 60_000
      await tx.activationCodes.replace({
        id: randomId(),
        accountId: account.id,
        codeHash: ring.mac('activation-code', subject(account, parseActivationCode(code) ?? '')),
        createdAt: now(),
        expiresAt,
        tries: 0,
        claimedBy: null,
        usedAt: null,
      })
      return { code, minutes, expiresAt }
    },

    /**
     * Uses up the code that this sign-in has claimed, where one is needed. False when there is none: it was
     * withdrawn, or has run out, since the page was shown. Whether the account was changed is its caller's
     * question.
     */
    async spend(tx: Repositories, account: Account, signIn: string, clientAddress: string): Promise<boolean> {
      if (activationReason(account, clientAddress, now(), rules) === undefined) return true
      // The account before its codes, as whoever issues one locks them.
      if (!(await tx.accounts.lock(account.id, account.credentialEpoch))) return true
      return tx.activationCodes.use(account.id, signIn, now())
    },

    /** The sign-in gives up the code it claimed: its owner has left it. */
    releaseClaim: (accountId: string, signIn: string): Promise<void> =>
      store.activationCodes.releaseClaim(accountId, signIn),

    /** Ten tries a code, and the waits of the limits' table over all codes. */
    submit: (
      account: Account,
      input: string,
      signIn: string,
      clientAddress: string,
    ): Promise<ActivationOutcome> =>
      store.transaction(async (tx): Promise<ActivationOutcome> => {
        const actor: Actor = personActor(account, clientAddress)
        const reservation = await reserveAttempt(tx, keys(account), now())
        if (!reservation.ok) {
          const { key, waitSeconds } = reservation
          await recordRefusal(tx, { actor, account }, key, waitSeconds)
          return { ok: false, reason: 'waiting', waitSeconds }
        }
        const code = parseActivationCode(input)
        const isCounted = await tx.activationCodes.countTry(account.id, now(), MAX_TRIES)
        const hashes = code === undefined ? [] : ring.macs('activation-code', subject(account, code))
        if (isCounted && (await tx.activationCodes.claim(account.id, hashes, signIn, now()))) {
          await cancelAttempt(tx, reservation.reserved)
          await audit.record(tx, { event: 'activation-code.verified', actor, account })
          return { ok: true }
        }
        await audit.record(tx, { event: 'activation-code.refused', outcome: 'refused', actor, account })
        return { ok: false, reason: 'wrong' }
      }),
  }
}
