// The audit log as it is stored: it grows at its end and goes from its beginning; one head row that every
// writer locks.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

export type StoredAuditEvent = {
  sequence: number
  occurredAt: number
  event: string
  outcome: 'success' | 'refused'
  actor: string
  accountId: string | null
  cip: string | null
  clientAddress: string
  reason: string | null
  details: string
  keyId: string
  hash: string
}

export type AuditHead = { sequence: number; hash: string }

export type AuditEventsRepository = ReturnType<typeof createAuditEventsRepository>

export function createAuditEventsRepository(db: Knex) {
  const head = () => db<AuditHead & { id: number }>('audit_head').where({ id: 1 })
  return {
    /**
     * Only inside a transaction: the update locks the head until the transaction ends, over all processes.
     * Returns the new sequence and the hash of the row before.
     */
    async advanceHead(by = 1): Promise<AuditHead> {
      const [row] = await head().increment('sequence', by).returning(['sequence', 'hash'])
      if (row === undefined) throw new Error('the audit log has lost its head row')
      return { sequence: Number(row.sequence), hash: row.hash }
    },

    /**
     * Stands in that line at once, for a transaction that first reads what another one may be changing. On
     * SQLite all of them do.
     */
    async lockHead(): Promise<void> {
      await head().forUpdate().first('id')
    },

    /** In the order of their sequences. */
    async append(...events: StoredAuditEvent[]): Promise<void> {
      await db<StoredAuditEvent>('audit_events').insert(events)
      await head().update({ hash: events.at(-1)?.hash })
    },

    async readHead(): Promise<AuditHead> {
      const row = await head().first()
      return { sequence: row?.sequence ?? 0, hash: row?.hash ?? '' }
    },

    listAfter: (sequence: number, limit: number): Promise<StoredAuditEvent[]> =>
      db<StoredAuditEvent>('audit_events').where('sequence', '>', sequence).orderBy('sequence').limit(limit),

    /** The newest one of this name. */
    findLatest: (event: string): Promise<StoredAuditEvent | undefined> =>
      db<StoredAuditEvent>('audit_events').where({ event }).orderBy('sequence', 'desc').first(),

    /** When the oldest one that is kept happened; undefined when there is none. */
    oldestAt: async (): Promise<number | undefined> =>
      (await db<StoredAuditEvent>('audit_events').orderBy('sequence').first('occurredAt'))?.occurredAt,

    /** The last one after `sequence` before which, and at which, every time is earlier than `before`. */
    async findLastBefore(sequence: number, before: number): Promise<StoredAuditEvent | undefined> {
      const events = () => db<StoredAuditEvent>('audit_events').where('sequence', '>', sequence)
      const next = await events().where('occurredAt', '>=', before).orderBy('sequence').first('sequence')
      const earlier = events().orderBy('sequence', 'desc')
      return (next === undefined ? earlier : earlier.where('sequence', '<', next.sequence)).first()
    },

    deleteUpTo: (sequence: number, limit: number): Promise<number> =>
      deleteSome(
        db,
        () => db<StoredAuditEvent>('audit_events').where('sequence', '<=', sequence),
        ['sequence'],
        limit,
      ),
    /** For events that are rare: no index helps to find them. The newest first. */
    listNamed: (event: string): Promise<StoredAuditEvent[]> =>
      db<StoredAuditEvent>('audit_events').where({ event }).orderBy('sequence', 'desc'),

    search(filter: {
      cip?: string
      since?: number
      until?: number
      limit: number
    }): Promise<StoredAuditEvent[]> {
      const query = db<StoredAuditEvent>('audit_events').orderBy('sequence', 'desc').limit(filter.limit)
      if (filter.cip !== undefined) void query.where({ cip: filter.cip })
      if (filter.since !== undefined) void query.where('occurredAt', '>=', filter.since)
      if (filter.until !== undefined) void query.where('occurredAt', '<', filter.until)
      return query
    },
  }
}
