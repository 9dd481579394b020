// The audit log is kept for so long and then let go, from its beginning (PRIV-1). What goes is named by an
// event of the log itself, with the hash at which the rest begins: the chain vouches for it like for any
// other event, so that nobody without the master key can cut the log off and call it retention.

import { z } from 'zod'
import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'
import type { Store } from '../../db/store.js'
import type { Actor } from './actor.js'
import type { AuditLog } from './audit-log.js'

/** Everything up to the event `sequence` was let go; its hash is what the next one continues. */
export type Checkpoint = { sequence: number; hash: string }

const BEGINNING: Checkpoint = { sequence: 0, hash: '' }
const BATCH = 500

const checkpointDetails = z.looseObject({ through: z.int().min(1), hash: z.string() })

/** Where the log begins now. An event that was tampered with gives a beginning that fits nothing. */
export async function readCheckpoint({ auditEvents }: Pick<Store, 'auditEvents'>): Promise<Checkpoint> {
  const purged = await auditEvents.findLatest('audit.purged')
  return purged === undefined ? BEGINNING : checkpointOf(purged)
}

export function createAuditRetention({ store, audit }: { store: Store; audit: AuditLog }) {
  /** What an earlier purge has named and not finished goes with it. */
  async function deleteUpTo(sequence: number, stopping: AbortSignal | undefined): Promise<void> {
    let deleted = BATCH
    while (deleted === BATCH && stopping?.aborted !== true)
      deleted = await store.auditEvents.deleteUpTo(sequence, BATCH)
  }

  return {
    /**
     * Lets go of the events before the first one that is of `before` (milliseconds) or later. Nothing is
     * recorded when there are none, or when the last purge is younger than `againAfterMs`. Returns how many
     * events went.
     */
    async purge(
      before: number,
      actor: Actor,
      { againAfterMs = 0, now, stopping }: PurgeOptions,
    ): Promise<number> {
      // Asked first, since it costs nothing: for years none may be old enough.
      if (((await store.auditEvents.oldestAt()) ?? before) >= before) return 0
      const events = await store.transaction(async (tx) => {
        await tx.auditEvents.lockHead()
        const latest = await tx.auditEvents.findLatest('audit.purged')
        if (latest !== undefined && latest.occurredAt > now - againAfterMs) return 0
        const begin = latest === undefined ? BEGINNING : checkpointOf(latest)
        const last = await tx.auditEvents.findLastBefore(begin.sequence, before)
        if (last === undefined) return 0
        await audit.record(tx, {
          event: 'audit.purged',
          actor,
          details: { through: last.sequence, hash: last.hash, events: last.sequence - begin.sequence },
        })
        return last.sequence - begin.sequence
      })
      await deleteUpTo((await readCheckpoint(store)).sequence, stopping)
      return events
    },
  }
}

type PurgeOptions = {
  now: number
  againAfterMs?: number
  stopping?: AbortSignal | undefined
}

/** The event that names a checkpoint comes after it, and so is among those that are verified. */
function checkpointOf({ sequence, details }: StoredAuditEvent): Checkpoint {
  const { data } = checkpointDetails.safeParse(parseJson(details))
  return data !== undefined && data.through < sequence
    ? { sequence: data.through, hash: data.hash }
    : BEGINNING
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
