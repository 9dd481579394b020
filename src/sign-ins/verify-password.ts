// The first factor: verifies a password under its limits. Unknown, disabled and wrong look alike: one hash is
// computed (credentials.ts), the same limits count, the same answer is given.

import type { Store } from '../../db/store.js'
import {
  browserSubject,
  reserveAttempt,
  secondsToWait,
  cancelAttempt,
  waitStarted,
  type AttemptKey,
} from '../rate-limits.js'
import { personActor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { AppError } from '../errors.js'
import type { KeyRing } from '../key-ring.js'
import { networkOf } from '../networks.js'
import type { Account } from '../accounts/accounts.js'
import { parseCip } from '../accounts/cip.js'
import type { CredentialsService } from '../accounts/credentials.js'
import { callerOf } from './caller.js'
import type { BrowserHash, KnownBrowsersService, Visitor } from './known-browsers.js'

export type PasswordOutcome =
  | { ok: true; account: Account }
  | { ok: false; reason: 'wrong'; waitSeconds: number }
  | { ok: false; reason: 'waiting'; waitSeconds: number }
  | { ok: false; reason: 'temporary-password-expired' }

export type PasswordVerification = ReturnType<typeof createPasswordVerification>

type Dependencies = {
  store: Store
  audit: AuditLog
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
  credentials,
  ring,
  knownBrowsers,
  isSharedNetwork,
  freeFailures,
  now,
  countPassword,
}: Dependencies) {
  /**
   * A browser that has signed in to this account counts apart from all strangers, and is never made to wait
   * by them.
   */
  function attemptKeys(
    cip: string | undefined,
    account: Account | undefined,
    clientAddress: string,
    browser: BrowserHash | undefined,
  ): AttemptKey[] {
    if (account !== undefined && browser !== undefined)
      return [{ limit: 'password-account', subject: browserSubject(account.cip, browser) }]
    // A CIP that no account has may be a password typed in the wrong field: it is kept as a keyed hash only.
    const subject = account?.cip ?? (cip === undefined ? undefined : ring.mac('lookup', `cip:${cip}`))
    return [
      ...(subject === undefined ? [] : [{ limit: 'password-account', subject } as const]),
      { limit: 'password-source', subject: networkOf(clientAddress) },
      ...(isSharedNetwork(clientAddress)
        ? []
        : [{ limit: 'password-global', subject: 'all', free: freeFailures() } as const]),
    ]
  }

  async function verifyOnce(
    cipInput: string,
    password: string,
    { clientAddress, browserId }: Visitor,
    signal: AbortSignal | undefined,
  ): Promise<PasswordOutcome> {
    const cip = parseCip(cipInput)
    const found = cip === undefined ? undefined : await store.accounts.findByCip(cip)
    const browser = await knownBrowsers.hashFor(browserId, found?.id)
    const keys = attemptKeys(cip, found, clientAddress, browser)
    const reservation = await store.transaction((tx) => reserveAttempt(tx, keys, now()))
    if (!reservation.ok) return { ok: false, reason: 'waiting', waitSeconds: reservation.waitSeconds }

    const { account, isRight, isOutdated } = await credentials
      .verify(cipInput, password, { caller: callerOf(browser, clientAddress, isSharedNetwork), signal })
      .catch(async (error: unknown) => {
        // Nobody has looked at it: no failure.
        if (error instanceof AppError && error.code === 'busy')
          await store.transaction((tx) => cancelAttempt(tx, reservation.reserved))
        throw error
      })
    const actor = personActor(account, clientAddress)
    if (account === undefined || !isRight || account.disabledAt !== null) {
      const why = account === undefined ? 'unknown-cip' : isRight ? 'account-unavailable' : 'wrong-password'
      const waitSeconds = waitStarted(reservation.reserved, now())
      await store.transaction((tx) =>
        audit.record(tx, {
          event: 'password.refused',
          outcome: 'refused',
          actor,
          ...(account === undefined ? {} : { account }),
          details: { why, waitSeconds },
        }),
      )
      return { ok: false, reason: 'wrong', waitSeconds }
    }

    const isExpired =
      account.temporaryPasswordExpiresAt !== null && account.temporaryPasswordExpiresAt <= now()
    await store.transaction(async (tx) => {
      // Taken back, not cleared: only a full sign-in forgets the failures before it.
      await cancelAttempt(tx, reservation.reserved)
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

    /** How long a stranger's browser must wait before its next password for this CIP is looked at. */
    secondsToWait: (cip: string): Promise<number> =>
      secondsToWait(store, [{ limit: 'password-account', subject: cip }], now()),
  }
}
