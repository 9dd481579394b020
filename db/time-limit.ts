// How long somebody waits for the database: a request over all its statements together, the wait for a
// connection included; whoever sets no limit, ten seconds a statement. Time spent on other things (hashing,
// reading a slow upload) does not count.

import { AsyncLocalStorage } from 'node:async_hooks'
import { DatabaseUnavailable } from './errors.js'

const STATEMENT_MS = 10_000

type Budget = { leftMs: number; running: number; since: number }

const budgets = new AsyncLocalStorage<Budget>()

/**
 * Whatever `work` asks of the database may take so many milliseconds altogether; then it fails with a
 * DatabaseUnavailable.
 */
export function withinDatabaseTime<T>(milliseconds: number, work: () => PromiseLike<T>): Promise<T> {
  // A query of knex runs when it is awaited: here, within the limit.
  return budgets.run({ leftMs: milliseconds, running: 0, since: 0 }, async () => await work())
}

/** Runs one statement, or waits for one connection, and tells it how much time is left: none, or less. */
export async function spendingTime<T>(work: (leftMs: number) => Promise<T>): Promise<T> {
  const budget = budgets.getStore()
  if (budget === undefined) return work(STATEMENT_MS)
  // What runs side by side takes its time once.
  if (budget.running === 0) budget.since = performance.now()
  budget.running += 1
  try {
    return await work(budget.leftMs - (performance.now() - budget.since))
  } catch (error) {
    // Timers may be early by a little, which is not enough for another statement.
    if (error instanceof DatabaseUnavailable && error.reason === 'timeout') budget.leftMs = 0
    throw error
  } finally {
    budget.running -= 1
    if (budget.running === 0) budget.leftMs -= performance.now() - budget.since
  }
}
