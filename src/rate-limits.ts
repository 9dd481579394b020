// Limits on guessing, as one table. The counts live in the database: a restart or a second process forgets
// nothing. A try is counted before it is checked, and taken back when it was right; a burst in parallel
// cannot slip past the limit.

import type { Repositories } from '../db/store.js'

type Limit = {
  /** Failures without any wait. */
  free: number
  /** After the free ones, a wait starts at each `every`-th failure. */
  every: number
  firstWaitSeconds: number
  longestWaitSeconds: number
  /** Failures are forgotten this long after the last one (or, when they don't slide, after the first one). */
  forgetSeconds: number
  slides: boolean
  /** So many failures, and the thing guessed at is shut. */
  cap?: number
}

const HOUR = 3600
const DAY = 24 * HOUR

const NO_WAIT = { free: Number.MAX_SAFE_INTEGER, every: 1, firstWaitSeconds: 0, longestWaitSeconds: 0 }

export const LIMITS = {
  // Four free, then 60 s growing to 15 min: strangers slow down, a nurse never needs the help desk for it.
  'password-account': {
    free: 4,
    every: 1,
    firstWaitSeconds: 60,
    longestWaitSeconds: 900,
    forgetSeconds: DAY,
    slides: true,
  },
  // Wide enough for a hospital behind one address at the change of shift.
  'password-source': {
    free: 300,
    every: 50,
    firstWaitSeconds: 60,
    longestWaitSeconds: 900,
    forgetSeconds: 15 * 60,
    slides: false,
  },
  'password-global': {
    free: 5000,
    every: 500,
    firstWaitSeconds: 5,
    longestWaitSeconds: 60,
    forgetSeconds: 5 * 60,
    slides: false,
  },
  // The fifth wrong code ends the interaction and starts a wait.
  'code-account': {
    free: 4,
    every: 5,
    firstWaitSeconds: 60,
    longestWaitSeconds: 900,
    forgetSeconds: DAY,
    slides: true,
  },
  // The twentieth wrong code in a row disables the device: a chance of 0.006 % for whoever has the password.
  'code-device': { ...NO_WAIT, forgetSeconds: 365 * DAY, slides: true, cap: 20 },
  // What strangers may try in a month, not refilled by the owner's own successes: at most 0.18 % a year.
  'code-stranger': { ...NO_WAIT, forgetSeconds: 30 * DAY, slides: false, cap: 50 },
  // A code of the near future that a refusal has named: longer than it takes until its time comes.
  'code-foretold': { ...NO_WAIT, forgetSeconds: 15 * 60, slides: false },
  'activation-account': {
    free: 4,
    every: 1,
    firstWaitSeconds: 60,
    longestWaitSeconds: 900,
    forgetSeconds: DAY,
    slides: true,
  },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof LIMITS
export type AttemptKey = { limit: LimitName; subject: string }

export type Reserved = { key: AttemptKey; failures: number; blockedUntil: number }
export type Reservation =
  | { ok: true; reserved: Reserved[] }
  | { ok: false; limit: LimitName; waitSeconds: number }

const rowKey = ({ limit, subject }: AttemptKey): string => `${limit}:${subject}`

/** Seconds to wait after the `failures`-th failure; pure. */
export function waitAfter(limit: Limit, failures: number): number {
  const past = failures - limit.free - 1
  if (past < 0 || past % limit.every !== 0) return 0
  return Math.min(limit.longestWaitSeconds, limit.firstWaitSeconds * 2 ** Math.min(past / limit.every, 30))
}

/**
 * Counts one try against every key, or against none when one of them must wait. Call inside a transaction.
 */
export async function reserveAttempt(
  tx: Repositories,
  keys: readonly AttemptKey[],
  now: number,
): Promise<Reservation> {
  const reserved: Reserved[] = []
  for (const key of keys) {
    const limit: Limit = LIMITS[key.limit]
    const failures = await tx.attempts.add(rowKey(key), now, limit.forgetSeconds * 1000, limit.slides)
    if (failures === undefined) {
      await cancelAttempt(tx, reserved)
      return { ok: false, limit: key.limit, waitSeconds: await secondsToWait(tx, [key], now) }
    }
    const wait = waitAfter(limit, failures)
    const blockedUntil = wait > 0 ? now + wait * 1000 : 0
    if (wait > 0) await tx.attempts.block(rowKey(key), blockedUntil)
    reserved.push({ key, failures, blockedUntil })
  }
  return { ok: true, reserved }
}

/** The try was no failure after all: undo its count, and the wait it started. */
export async function cancelAttempt(tx: Repositories, reserved: readonly Reserved[]): Promise<void> {
  for (const { key, blockedUntil } of reserved) await tx.attempts.cancel(rowKey(key), blockedUntil)
}

/** The longest wait that stands against any of the keys; 0 when none does. */
export async function secondsToWait(
  tx: Pick<Repositories, 'attempts'>,
  keys: readonly AttemptKey[],
  now: number,
): Promise<number> {
  const rows = await Promise.all(keys.map((key) => tx.attempts.find(rowKey(key))))
  return Math.max(0, ...rows.map((row) => Math.ceil(((row?.blockedUntil ?? 0) - now) / 1000)))
}

/** True when a try is still counted under the key. */
export async function isCounted(
  tx: Pick<Repositories, 'attempts'>,
  key: AttemptKey,
  now: number,
): Promise<boolean> {
  const row = await tx.attempts.find(rowKey(key))
  return row !== undefined && row.failures > 0 && row.expiresAt > now
}

/** The wait that these reservations started, 0 when none did. */
export function waitStarted(reserved: readonly Reserved[], now: number): number {
  return Math.max(0, ...reserved.map(({ blockedUntil }) => Math.ceil((blockedUntil - now) / 1000)))
}

/** True when one of these reservations reached the cap of its limit. */
export function reachedCap(reserved: readonly Reserved[]): boolean {
  return reserved.some(
    ({ key, failures }) => failures >= ((LIMITS[key.limit] as Limit).cap ?? Number.POSITIVE_INFINITY),
  )
}

/** The subject of a browser's own allowance, beside that of all strangers. */
export const browserSubject = (subject: string, browser: string): string => `${subject}@${browser}`

/** Of the subjects and of all their browsers. */
export async function clearAttemptsEverywhere(tx: Repositories, keys: readonly AttemptKey[]): Promise<void> {
  for (const key of keys) {
    await clearAttempts(tx, [key])
    await tx.attempts.clearPrefix(rowKey({ ...key, subject: browserSubject(key.subject, '') }))
  }
}

export async function clearAttempts(tx: Repositories, keys: readonly AttemptKey[]): Promise<void> {
  for (const key of keys) await tx.attempts.clear([rowKey(key)]) // in the order in which they are reserved
}
