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
  /** So many items are looked at once. */
  batch: number
  /** So many of them are tried at the same time. */
  atOnce: number
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
  /** What is written down of a failure that no further try can mend. */
  hopeless?: (error: unknown) => string | undefined
  /** The process is about to end: the item under way is the last one. */
  stopping?: AbortSignal
}

/** Sends all that is due; returns how many items went out. */
export async function deliverDue<Row extends QueuedRow>(
  queue: Queue<Row>,
  policy: QueuePolicy,
  { now, deliver, onFailure, hopeless = () => undefined, stopping }: Delivery<Row>,
): Promise<number> {
  let delivered = 0

  async function tryOne(row: Row): Promise<void> {
    const claimed = { ...row, tries: row.tries + 1, nextTryAt: now() + policy.claimMs }
    if (!(await queue.claim(row, claimed.nextTryAt))) return
    try {
      await deliver(claimed, AbortSignal.timeout(policy.claimMs / 2))
    } catch (error) {
      onFailure(error, claimed)
      const why = hopeless(error)
      const next = why === undefined ? nextTryAt(policy, claimed, now()) : undefined
      await (next === undefined ? queue.abandon(claimed, now(), why) : queue.postpone(claimed, next))
      return
    }
    await queue.finish(row.id, now())
    delivered += 1
  }

  /** Takes the next of them until none is left; several do so at once. */
  async function work(waiting: Row[]): Promise<void> {
    for (let row = waiting.shift(); row !== undefined; row = waiting.shift()) {
      if (stopping?.aborted === true) return
      await tryOne(row)
    }
  }

  for (let isMore = true; isMore && stopping?.aborted !== true;) {
    const due = await queue.listDue(now(), policy.batch)
    isMore = due.length === policy.batch // what failed, or is another's, is not due any more
    await Promise.all(Array.from({ length: policy.atOnce }, () => work(due)))
  }
  return delivered
}
