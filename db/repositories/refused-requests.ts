// What applications asked for and were refused, by support code. Bounded: the oldest beyond a number go, and
// all of them with time.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

export type StoredRefusedRequest = {
  /** Six characters, without the hyphen that people see. */
  supportCode: string
  requestId: string
  occurredAt: number
  /** The library's name of the route: `authorization`, `token` … */
  endpoint: string
  /** As it was sent, whether such a client exists or not. */
  clientId: string | null
  error: string
  description: string | null
  detail: string | null
  /** JSON. */
  evidence: string
}

type Search = {
  clientId?: string | undefined
  supportCode?: string | undefined
  since?: number | undefined
  limit: number
}

export type RefusedRequestsRepository = ReturnType<typeof createRefusedRequestsRepository>

export function createRefusedRequestsRepository(db: Knex) {
  const refused = () => db<StoredRefusedRequest>('refused_requests')
  return {
    /** False when a record that lives has this support code. */
    async insert(row: StoredRefusedRequest): Promise<boolean> {
      const inserted = await refused().insert(row).onConflict('supportCode').ignore().returning('supportCode')
      return inserted.length === 1
    },

    /** The newest first. */
    search({ clientId, supportCode, since, limit }: Search): Promise<StoredRefusedRequest[]> {
      const query = refused()
      if (clientId !== undefined) void query.where({ clientId })
      if (supportCode !== undefined) void query.where({ supportCode })
      if (since !== undefined) void query.where('occurredAt', '>=', since)
      return query.orderBy('occurredAt', 'desc').orderBy('supportCode').limit(limit)
    },

    deleteOlder: (before: number, limit: number): Promise<number> =>
      deleteSome(db, () => refused().where('occurredAt', '<', before), ['supportCode'], limit),

    /** Keeps the newest `most`. */
    deleteBeyond(most: number, limit: number): Promise<number> {
      const first = () => refused().select('occurredAt').orderBy('occurredAt', 'desc').offset(most).limit(1)
      return deleteSome(db, () => refused().where('occurredAt', '<=', first()), ['supportCode'], limit)
    },
  }
}
