// The first factor: verifies a password under its limits. Unknown, disabled and wrong look alike: one hash is
// computed (credentials.ts), the same limits count, the same answer is given.

import type { Repositories, Store } from '../../db/store.js'
import { cancelAttempt, isFirst, secondsToWaitAnywhere } from '../rate-limits.js'
import { personActor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { AppError } from '../errors.js'
import type { KeyRing } from '../key-ring.js'
import type { Mailbox } from '../mail/mailbox.js'
import type { Account } from '../accounts/accounts.js'
import { parseCip } from '../accounts/cip.js'
import type { CredentialsService } from '../accounts/credentials.js'
import { callerOf } from './caller.js'
import type { KnownBrowsersService, Visitor } from './known-browsers.js'
import { createPasswordLimits, isGuessedAt, passwordKeysAnywhere, waitAfterWrong } from './password-limits.js'

export type PasswordOutcome =
  | { ok: true; account: Account }
  | { ok: false; reason: 'wrong'; waitSeconds: number }
  | { ok: false; reason: 'waiting'; waitSeconds: number }
  | { ok: false; reason: 'temporary-password-expired' }

export type PasswordVerification = ReturnType<typeof createPasswordVerification>

type Dependencies = {
  store: Store
  audit: AuditLog
  mailbox: Mailbox
  credentials: CredentialsService
  ring: KeyRing
  knownBrowsers: KnownBrowsersService
  /** The organisation's own addresses have a share of the hashing. */
  isSharedNetwork: (clientAddress: string) => boolean
  /** How often strangers together may fail without a wait. */
  freeFailures: () => number
  now: () => number
  countPassword: (outcome: 'right' | 'wrong' | 'waiting' | 'temporary-password-expired') => void
}

export function createPasswordVerification({
  store,
  audit,
  mailbox,
  credentials,
  ring,
  knownBrowsers,
  isSharedNetwork,
  freeFailures,
  now,
  countPassword,
}: Dependencies) {
  const limits = createPasswordLimits({ audit, ring, isSharedNetwork, freeFailures, now })

  async function verifyOnce(
    cipInput: string,
    password: string,
    { clientAddress, browserIds }: Visitor,
    signal: AbortSignal | undefined,
  ): Promise<PasswordOutcome> {
    const cip = parseCip(cipInput)
    const found = cip === undefined ? undefined : await store.accounts.findByCip(cip)
    const browser = await knownBrowsers.hashFor(browserIds, found?.id ?? '')
    const startedAt = now()
    const reservation = await store.transaction((tx) =>
      limits.reserve(tx, { cip, account: found, clientAddress, browser }, personActor(found, clientAddress)),
    )
    if (!reservation.ok) return { ok: false, reason: 'waiting', waitSeconds: reservation.waitSeconds }
    const { reserved } = reservation

    const { account, isAltered, isRight, isOutdated } = await credentials
      .verify(cipInput, password, { caller: callerOf(browser, clientAddress, isSharedNetwork), signal })
      .catch(async (error: unknown) => {
        // Nobody has looked at it: no failure.
        if (error instanceof AppError && error.code === 'busy')
          await store.transaction((tx) => cancelAttempt(tx, reserved))
        throw error
      })
    const actor = personActor(account, clientAddress)
    if (account === undefined || !isRight || account.disabledAt !== null) {
      const why =
        account === undefined
          ? 'unknown-cip'
          : isAltered
            ? 'account-altered'
            : isRight
              ? 'account-unavailable'
              : 'wrong-password'
      const waitSeconds = waitAfterWrong(reserved, now())
      await store.transaction(async (tx) => {
        await limits.leaveLane(tx, reserved, startedAt)
        if (account !== undefined && isGuessedAt(reserved)) await tellOwner(tx, account)
        await audit.record(tx, {
          event: 'password.refused',
          outcome: 'refused',
          actor,
          ...(account === undefined ? {} : { account }),
          details: { why, waitSeconds },
        })
      })
      return { ok: false, reason: 'wrong', waitSeconds }
    }

    const isExpired =
      account.temporaryPasswordExpiresAt !== null && account.temporaryPasswordExpiresAt <= now()
    await store.transaction(async (tx) => {
      // Taken back, not cleared: only a full sign-in forgets the failures before it.
      await cancelAttempt(tx, reserved)
      if (isExpired)
        await audit.record(tx, {
          event: 'password.refused',
          outcome: 'refused',
          actor,
          account,
          details: { why: 'temporary-password-expired' },
        })
      else await audit.record(tx, { event: 'password.verified', actor, account })
    })
    if (isExpired) return { ok: false, reason: 'temporary-password-expired' }
    if (isOutdated) await credentials.renew(account, password)
    return { ok: true, account }
  }

  /** Once a day: wherever they have not signed in before, the wait is theirs too. */
  async function tellOwner(tx: Repositories, account: Account): Promise<void> {
    if (await isFirst(tx, { limit: 'guessing-told', subject: account.cip }, now()))
      await mailbox.post(tx, 'password-guessed', account)
  }

  return {
    /**
     * Throws `busy` when the place in line is lost before anybody has looked at the password; `signal` gives
     * it up.
     */
    async verify(
      cip: string,
      password: string,
      visitor: Visitor,
      signal?: AbortSignal,
    ): Promise<PasswordOutcome> {
      const outcome = await verifyOnce(cip, password, visitor, signal)
      countPassword(outcome.ok ? 'right' : outcome.reason)
      return outcome
    },

    /** The longest wait that anybody has who would try a password for this CIP. */
    secondsToWait: (cip: string): Promise<number> =>
      secondsToWaitAnywhere(store, passwordKeysAnywhere(cip), now()),
  }
}
