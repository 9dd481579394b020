// Tries that nobody looked at because a wait stood, in the audit log. Whoever hammers must not fill it: of
// those that one wait refuses in a quarter of an hour the first, the tenth, the hundredth … are recorded,
// with their number. So the log says at once that somebody goes on trying, and how hard to a power of ten;
// nothing has to be added up later by a process that may be gone. And it takes a try that was looked at, with
// a row of its own, to start each wait: refusals never make more than a few rows for one of those.

import type { Repositories } from '../../db/store.js'
import { countRefusal, type AttemptKey } from '../rate-limits.js'
import type { Actor } from './actor.js'
import type { AuditLog } from './audit-log.js'

type Refused = {
  actor: Actor
  /** Undefined for a CIP that no account has. */
  account: { id: string; cip: string } | undefined
}

/** `key` is what had to wait. */
export type RecordRefusal = (
  tx: Repositories,
  refused: Refused,
  key: AttemptKey,
  waitSeconds: number,
) => Promise<void>

export function createRefusalRecord({ audit, now }: { audit: AuditLog; now: () => number }): RecordRefusal {
  return async (tx, { actor, account }, key, waitSeconds) => {
    const refusals = await countRefusal(tx, key, now())
    if (refusals === undefined) return
    await audit.record(tx, {
      event: 'attempt.refused',
      outcome: 'refused',
      actor,
      ...(account === undefined ? {} : { account }),
      details: { limit: key.limit, waitSeconds, refusals },
    })
  }
}
