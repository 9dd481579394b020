// Limits on guessing, as one table. The counts live in the database: a restart or a second process forgets
// nothing. A try is counted before it is checked, and taken back when it was right, or else those who check
// stand in line: a burst in parallel cannot slip past the limit.

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
  /** So many failures, and what is guessed at is shut until the help desk opens it. */
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
  // At most; less where less can be hashed (sign-ins/hashing-capacity.ts).
  'password-global': {
    free: 5000,
    every: 500,
    firstWaitSeconds: 5,
    longestWaitSeconds: 60,
    forgetSeconds: 5 * 60,
    slides: false,
  },
  // The fifth wrong code ends the interaction and starts a wait; a known browser waits for its own alone.
  'code-account': {
    free: 4,
    every: 5,
    firstWaitSeconds: 60,
    longestWaitSeconds: 900,
    forgetSeconds: DAY,
    slides: true,
  },
  // Twenty wrong codes in a row suspend the account's codes: a chance of 0.006 % a device for whoever has the
  // password.
  'codes-in-a-row': { ...NO_WAIT, forgetSeconds: 365 * DAY, slides: true, cap: 20 },
  // What may be tried in thirty days, a point a code and device, in all browsers together and not refilled by
  // the owner's own successes: at most 0.18 % a year.
  'code-points-in-30-days': { ...NO_WAIT, forgetSeconds: 30 * DAY, slides: false, cap: 50 },
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
/**
 * `points`: how much one try weighs, one unless it says so; only for limits without waits. `free`: failures
 * without any wait, where the table cannot know; the waits that follow come at each fifth of it.
 */
export type AttemptKey = { limit: LimitName; subject: string; points?: number; free?: number }

export type Reserved = { key: AttemptKey; failures: number; blockedUntil: number }
export type Reservation =
  | { ok: true; reserved: Reserved[] }
  | { ok: false; limit: LimitName; waitSeconds: number }

const rowKey = ({ limit, subject }: AttemptKey): string => `${limit}:${subject}`

/** Short waits that don't grow: what is known of a machine changes, and the door must not stay shut for it. */
const limitOf = ({ limit, free }: AttemptKey): Limit =>
  free === undefined
    ? LIMITS[limit]
    : {
        ...LIMITS[limit],
        free,
        every: Math.ceil(free / 5),
        longestWaitSeconds: LIMITS[limit].firstWaitSeconds,
      }

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
    const limit = limitOf(key)
    const failures = await tx.attempts.add(
      rowKey(key),
      now,
      limit.forgetSeconds * 1000,
      limit.slides,
      key.points,
    )
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
  for (const { key, blockedUntil } of reserved)
    await tx.attempts.cancel(rowKey(key), blockedUntil, key.points)
}

/** How things stand under each key, in their order: failures that still count, seconds still to wait. */
export async function readCounts(
  tx: Pick<Repositories, 'attempts'>,
  keys: readonly AttemptKey[],
  now: number,
): Promise<{ failures: number; waitSeconds: number }[]> {
  const rows = new Map((await tx.attempts.find(keys.map(rowKey))).map((row) => [row.key, row]))
  return keys.map((key) => {
    const row = rows.get(rowKey(key))
    if (row === undefined) return { failures: 0, waitSeconds: 0 }
    return {
      failures: row.expiresAt > now ? row.failures : 0,
      waitSeconds: Math.max(0, Math.ceil((row.blockedUntil - now) / 1000)),
    }
  })
}

/** The longest wait that stands against any of the keys; 0 when none does. */
export async function secondsToWait(
  tx: Pick<Repositories, 'attempts'>,
  keys: readonly AttemptKey[],
  now: number,
): Promise<number> {
  return Math.max(0, ...(await readCounts(tx, keys, now)).map(({ waitSeconds }) => waitSeconds))
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

/**
 * Whoever changes the account in the same transaction does that first: its row is locked before its counters
 * by all, so that no two wait for each other.
 */
export async function clearAttempts(tx: Repositories, keys: readonly AttemptKey[]): Promise<void> {
  if (keys.length > 0) await tx.attempts.clear(keys.map(rowKey))
}

/** Of the subjects and of all their browsers. */
export async function clearAttemptsEverywhere(tx: Repositories, keys: readonly AttemptKey[]): Promise<void> {
  const ofBrowsers = keys.map((key) => rowKey({ ...key, subject: browserSubject(key.subject, '') }))
  await tx.attempts.clear(keys.map(rowKey), ofBrowsers)
}
