// A wait for a lock that a slow machine made too long. Whoever asks is told that the database is busy, which
// is one more way to be refused; a deadlock is not.

import { DatabaseUnavailable } from '../../db/errors.js'

export const hasWaitedTooLong = (error: unknown): boolean =>
  error instanceof DatabaseUnavailable && error.reason === 'busy' && !error.message.includes('deadlock')

/** For `.catch`: the refusal that it was; any other error goes on. */
export function refusedForWaiting(error: unknown): { ok: false; reason: 'busy' } {
  if (hasWaitedTooLong(error)) return { ok: false, reason: 'busy' }
  throw error
}
