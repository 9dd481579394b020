// What a password is counted against before it is looked at, and what must wait. Strangers count per account
// and network, so that nobody waits for guesses that come from elsewhere; a CIP that no account has counts
// like any other (RATE-4). A browser that has signed in to the account counts for itself alone.

import type { Repositories } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { createRefusalRecord } from '../audit/refusals.js'
import type { KeyRing } from '../key-ring.js'
import { LIMITS } from '../limits.js'
import { neighbourhoodOf, networkOf, siteOf } from '../networks.js'
import {
  blockFor,
  cancelAttempt,
  reserveAttempt,
  subjectAt,
  waitStarted,
  type AttemptKey,
  type Reservation,
  type Reserved,
} from '../rate-limits.js'
import type { BrowserHash } from './known-browsers.js'

/** In the slow lane one password is looked at in so many seconds. */
const SLOW_LANE_SECONDS = 3

/** Whose password is tried, from where; `account` is undefined for a CIP that no account has. */
export type Try = {
  cip: string | undefined
  account: Account | undefined
  clientAddress: string
  browser: BrowserHash | undefined
}

export function createPasswordLimits({
  audit,
  ring,
  isSharedNetwork,
  freeFailures,
  now,
}: {
  audit: AuditLog
  ring: KeyRing
  /** The organisation's own addresses have a share of the hashing. */
  isSharedNetwork: (clientAddress: string) => boolean
  /** How often strangers together may fail without a wait. */
  freeFailures: () => number
  now: () => number
}) {
  const recordRefusal = createRefusalRecord({ audit, now })
  // A CIP that no account has may be a password typed in the wrong field: it is kept as a keyed hash only.
  const subjectOf = ({ cip, account }: Try): string | undefined =>
    account?.cip ?? (cip === undefined ? undefined : ring.mac('lookup', `cip:${cip}`))

  function keysOf(one: Try): AttemptKey[] {
    const { account, browser, clientAddress } = one
    if (account !== undefined && browser !== undefined)
      return [{ limit: 'password-browser', subject: subjectAt(account.cip, browser) }]
    const subject = subjectOf(one)
    return [
      ...(subject === undefined ? [] : accountKeys(subject, clientAddress)),
      { limit: 'password-source', subject: networkOf(clientAddress) },
      ...(isSharedNetwork(clientAddress)
        ? []
        : [{ limit: 'password-global', subject: 'all', free: freeFailures() } as const]),
    ]
  }

  return {
    /** Counts the try; it is taken back by `cancelAttempt` when it was right. */
    async reserve(tx: Repositories, one: Try, actor: Actor): Promise<Reservation> {
      const reservation = await reserveWithLane(tx, keysOf(one), now())
      if (reservation.ok) return reservation
      const { key, waitSeconds } = reservation
      await recordRefusal(tx, { actor, account: one.account }, key, waitSeconds)
      return reservation
    },

    /** A wrong one has been looked at: the slow lane, if it went there, is free for the next soon. */
    async leaveLane(tx: Repositories, reserved: readonly Reserved[], startedAt: number): Promise<void> {
      for (const { key } of reserved.filter(isInLane)) await blockFor(tx, key, startedAt, SLOW_LANE_SECONDS)
    },
  }
}

const isInLane = ({ key }: Reserved): boolean => key.limit === 'password-slow-lane'

/** The wait that a wrong password has started; being in the slow lane is none. */
export const waitAfterWrong = (reserved: readonly Reserved[], now: number): number =>
  waitStarted(
    reserved.filter((one) => !isInLane(one)),
    now,
  )

/** It has started the wait of a whole account: several networks guess at it. */
export const isGuessedAt = (reserved: readonly Reserved[]): boolean =>
  reserved.some(({ key, blockedUntil }) => key.limit === 'password-account' && blockedUntil > 0)

/** What a completed sign-in forgets: of the account, of where it came from, of its browser. */
export function passwordKeysOf(
  { cip }: Account,
  clientAddress: string,
  browser: BrowserHash | undefined,
): AttemptKey[] {
  const ofBrowser: AttemptKey[] =
    browser === undefined ? [] : [{ limit: 'password-browser', subject: subjectAt(cip, browser) }]
  return [...accountKeys(cip, clientAddress), ...ofBrowser]
}

/** All that can make somebody wait who tries this account, with its networks and browsers. */
export const passwordKeysAnywhere = (cip: string): AttemptKey[] =>
  (['password-account', 'password-browser', 'password-network', 'password-site'] as const).map((limit) => ({
    limit,
    subject: cip,
  }))

function accountKeys(subject: string, clientAddress: string): AttemptKey[] {
  const account: AttemptKey = { limit: 'password-account', subject }
  return [
    account,
    { limit: 'password-network', subject: subjectAt(subject, neighbourhoodOf(clientAddress)) },
    { limit: 'password-site', subject: subjectAt(subject, siteOf(clientAddress)), of: account },
  ]
}

/**
 * An address that has used up its allowance is not shut: its passwords are looked at one after the other,
 * over all processes. Whoever finds the lane taken comes again in a moment.
 */
async function reserveWithLane(
  tx: Repositories,
  keys: readonly AttemptKey[],
  now: number,
): Promise<Reservation> {
  const reservation = await reserveAttempt(tx, keys, now)
  if (!reservation.ok) return reservation
  const { reserved } = reservation
  const source = reserved.find(({ key }) => key.limit === 'password-source')
  if (source === undefined || source.failures <= LIMITS['password-source'].free) return reservation
  const lane: AttemptKey = { limit: 'password-slow-lane', subject: source.key.subject }
  const inLane = await reserveAttempt(tx, [lane], now)
  if (inLane.ok) return { ok: true, reserved: [...reserved, ...inLane.reserved] }
  await cancelAttempt(tx, reserved)
  return { ...inLane, waitSeconds: Math.min(inLane.waitSeconds, SLOW_LANE_SECONDS) }
}
