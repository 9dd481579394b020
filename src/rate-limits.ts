// Counts guesses against the limits of limits.ts. The counts live in the database: a restart or a second
// process forgets nothing. A try is counted before it is checked, and taken back when it was right, or else
// those who check stand in line: a burst in parallel cannot slip past the limit.

import type { Repositories } from '../db/store.js'
import { LIMITS, waitAfter, type Limit, type LimitName } from './limits.js'

/**
 * `points`: how much one try weighs, one unless it says so; only for limits without waits. `of`: for one
 * network, the key over all networks. `free`: failures without any wait, where the table cannot know; the
 * waits that follow come at each fifth of it.
 */
export type AttemptKey = {
  limit: LimitName
  subject: string
  points?: number
  of?: AttemptKey
  free?: number
}

export type Reserved = { key: AttemptKey; failures: number; blockedUntil: number }
export type Reservation =
  | { ok: true; reserved: Reserved[] }
  | { ok: false; key: AttemptKey; waitSeconds: number }

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

/**
 * Counts one try against every key, or against none when one of them must wait: then nothing is written.
 * Call inside a transaction, with the keys in alphabetical order, in which `clearAttempts` locks them too.
 */
export async function reserveAttempt(
  tx: Repositories,
  keys: readonly AttemptKey[],
  now: number,
): Promise<Reservation> {
  const refusal = async (): Promise<Reservation | undefined> => {
    const counts = await readCounts(tx, keys, now)
    const waits = keys.map((key, index) => ({ key, waitSeconds: counts[index]?.waitSeconds ?? 0 }))
    const [longest] = waits.toSorted((a, b) => b.waitSeconds - a.waitSeconds)
    return longest !== undefined && longest.waitSeconds > 0 ? { ok: false, ...longest } : undefined
  }
  const refused = await refusal()
  if (refused !== undefined) return refused

  const reserved: Reserved[] = []
  for (const key of keys) {
    const failures = await add(tx, key, now)
    if (failures === undefined) {
      // Another try has just started a wait.
      await cancelAttempt(tx, reserved)
      return (await refusal()) ?? { ok: false, key, waitSeconds: 1 }
    }
    reserved.push({ key, failures, blockedUntil: 0 })
  }
  // Not before all are counted: whether an account's wait starts depends on its networks.
  for (const one of reserved) {
    const wait = await waitOf(tx, one, now)
    if (wait === 0) continue
    one.blockedUntil = now + wait * 1000
    await tx.attempts.block(rowKey(one.key), one.blockedUntil)
  }
  return { ok: true, reserved }
}

function add(tx: Repositories, key: AttemptKey, now: number): Promise<number | undefined> {
  const { forgetSeconds, slides }: Limit = LIMITS[key.limit]
  return tx.attempts.add(rowKey(key), now, forgetSeconds * 1000, slides, {
    points: key.points,
    accountKey: key.of && rowKey(key.of),
  })
}

async function waitOf(tx: Repositories, { key, failures }: Reserved, now: number): Promise<number> {
  const limit: Limit = limitOf(key)
  const wait = waitAfter(limit, failures)
  if (wait === 0 || limit.networks === undefined) return wait
  return (await tx.attempts.countNetworks(rowKey(key), now, limit.networks)) < limit.networks ? 0 : wait
}

/** One try is over that had the key to itself: the next may come `seconds` after `now`. */
export async function blockFor(
  tx: Repositories,
  key: AttemptKey,
  now: number,
  seconds: number,
): Promise<void> {
  await tx.attempts.block(rowKey(key), now + seconds * 1000)
}

/**
 * Counts a try that was refused because `key` must wait. Returns how many there were in this quarter of an
 * hour when that is a number to record: the first, the tenth, the hundredth …
 */
export async function countRefusal(
  tx: Repositories,
  key: AttemptKey,
  now: number,
): Promise<number | undefined> {
  const refusals = await add(tx, { limit: 'refused-while-waiting', subject: rowKey(key) }, now)
  return refusals !== undefined && /^10*$/.test(String(refusals)) ? refusals : undefined
}

/** Notes the key for so many seconds, whatever its limit says. */
export async function mark(tx: Repositories, key: AttemptKey, now: number, seconds: number): Promise<void> {
  await tx.attempts.add(rowKey(key), now, seconds * 1000, true)
}

/** True for the first time in the limit's window. */
export const isFirst = async (tx: Repositories, key: AttemptKey, now: number): Promise<boolean> =>
  (await add(tx, key, now)) === 1

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
  if (keys.length === 0) return []
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

/** The same over all their networks and browsers; it looks through the whole table. */
export async function secondsToWaitAnywhere(
  tx: Pick<Repositories, 'attempts'>,
  keys: readonly AttemptKey[],
  now: number,
): Promise<number> {
  const blockedUntil = await tx.attempts.latestBlock(keys.map(rowKey), keys.map(prefixOf))
  return Math.max(0, Math.ceil((blockedUntil - now) / 1000))
}

/** Whether the cap of the limit is reached. */
export async function isUsedUp(tx: Repositories, key: AttemptKey, now: number): Promise<boolean> {
  const [count] = await readCounts(tx, [key], now)
  return (count?.failures ?? 0) >= capOf(key)
}

const capOf = ({ limit }: AttemptKey): number => (LIMITS[limit] as Limit).cap ?? Number.POSITIVE_INFINITY

/** The wait that these reservations started, 0 when none did. */
export function waitStarted(reserved: readonly Reserved[], now: number): number {
  return Math.max(0, ...reserved.map(({ blockedUntil }) => Math.ceil((blockedUntil - now) / 1000)))
}

/** True when one of these reservations reached the cap of its limit. */
export function reachedCap(reserved: readonly Reserved[]): boolean {
  return reserved.some(({ key, failures }) => failures >= capOf(key))
}

/** The subject of what counts for one browser or one network alone. */
export const subjectAt = (subject: string, where: string): string => `${subject}@${where}`

const prefixOf = (key: AttemptKey): string => rowKey({ ...key, subject: subjectAt(key.subject, '') })

/**
 * Whoever changes the account in the same transaction does that first: its row is locked before its counters
 * by all, so that no two wait for each other.
 */
export async function clearAttempts(tx: Repositories, keys: readonly AttemptKey[]): Promise<void> {
  if (keys.length > 0) await tx.attempts.clear(keys.map(rowKey))
}

/** Of the subjects, and of all their networks and browsers. */
export async function clearAttemptsEverywhere(tx: Repositories, keys: readonly AttemptKey[]): Promise<void> {
  await tx.attempts.clear(keys.map(rowKey), keys.map(prefixOf))
}

/** All that is counted against them, whatever the limit, network or browser. */
export function forgetSubjects(tx: Repositories, subjects: readonly string[]): Promise<void> {
  const limits = Object.keys(LIMITS) as LimitName[]
  return clearAttemptsEverywhere(
    tx,
    limits.flatMap((limit) => subjects.map((subject) => ({ limit, subject }))),
  )
}
