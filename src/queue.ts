// What is to be sent later (mails, sign-out notices) waits in a queue. A policy says how long to wait after a
// failure and when to give up; the database decides who tries. No two processes send one item, and one that
// dies between sending and saying so leaves it to be sent once more when its claim is over.

import type { Queue, QueuedRow } from '../db/queue.js'

export type QueuePolicy = {
  /** The wait after the first failure; each further one waits `factor` times as long, up to the longest. */
  firstWaitMs: number
  factor: number
  longestWaitMs: number
  /** An item that fails when it is older than this is not tried again. */
  giveUpAfterMs: number
  /** So long the item belongs to whoever tries it. A try is cut off at half of it: two never overlap. */
  claimMs: number
  /** So many items a run. */
  batch: number
}

/** The wait after the `tries`-th failure; pure. */
export function waitAfter({ firstWaitMs, factor, longestWaitMs }: QueuePolicy, tries: number): number {
  return Math.min(longestWaitMs, firstWaitMs * factor ** (tries - 1))
}

/** When to try again after a failure at `now`; undefined: never; pure. */
export function nextTryAt(
  policy: QueuePolicy,
  { tries, createdAt }: Pick<QueuedRow, 'tries' | 'createdAt'>,
  now: number,
): number | undefined {
  return now - createdAt > policy.giveUpAfterMs ? undefined : now + waitAfter(policy, tries)
}

export type Delivery<Row extends QueuedRow> = {
  now: () => number
  /** Sends one item, or throws; `cutOff` ends a try that takes too long. */
  deliver: (row: Row, cutOff: AbortSignal) => Promise<void>
  onFailure: (error: unknown, row: Row) => void
  /** The process is about to end: the item under way is the last one. */
  stopping?: AbortSignal
}

/** Sends what is due, one after another; returns how many items went out. */
export async function deliverDue<Row extends QueuedRow>(
  queue: Queue<Row>,
  policy: QueuePolicy,
  { now, deliver, onFailure, stopping }: Delivery<Row>,
): Promise<number> {
  let delivered = 0
  for (const row of await queue.listDue(now(), policy.batch)) {
    if (stopping?.aborted === true) break
    const claimed = { ...row, tries: row.tries + 1, nextTryAt: now() + policy.claimMs }
    if (!(await queue.claim(row, claimed.nextTryAt))) continue
    try {
      await deliver(claimed, AbortSignal.timeout(policy.claimMs / 2))
    } catch (error) {
      onFailure(error, claimed)
      const next = nextTryAt(policy, claimed, now())
      await (next === undefined ? queue.abandon(claimed, now()) : queue.postpone(claimed, next))
      continue
    }
    await queue.finish(row.id, now())
    delivered += 1
  }
  return delivered
}
