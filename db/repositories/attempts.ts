// Counters of failures, one row a key. All arithmetic happens in the statement: two processes never read,
// decide, then write.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

export type StoredAttempts = {
  key: string
  failures: number
  blockedUntil: number
  windowStartedAt: number
  expiresAt: number
}

export type AttemptsRepository = ReturnType<typeof createAttemptsRepository>

export function createAttemptsRepository(db: Knex) {
  const attempts = () => db<StoredAttempts>('attempts')
  return {
    /**
     * Adds `points` failures, unless the key is blocked at `now`: then undefined. A row that has expired
     * starts anew. `slides`: each failure moves the expiry; otherwise the window ends when it said it would.
     */
    async add(
      key: string,
      now: number,
      windowMs: number,
      slides: boolean,
      points = 1,
    ): Promise<number | undefined> {
      const expiresAt = now + windowMs
      const result = await attempts()
        .insert({ key, failures: points, blockedUntil: 0, windowStartedAt: now, expiresAt })
        .onConflict('key')
        .merge({
          failures: db.raw('case when attempts.expires_at <= ? then ? else attempts.failures + ? end', [
            now,
            points,
            points,
          ]),
          windowStartedAt: db.raw(
            'case when attempts.expires_at <= ? then ? else attempts.window_started_at end',
            [now, now],
          ),
          expiresAt: db.raw(
            slides ? '?' : 'case when attempts.expires_at <= ? then ? else attempts.expires_at end',
            slides ? [expiresAt] : [now, expiresAt],
          ),
        })
        .where('attempts.blockedUntil', '<=', now)
        .returning('failures')
      return result[0]?.failures
    },

    /** The block never ends before the row does: a row is purged only when both are over. */
    async block(key: string, blockedUntil: number): Promise<void> {
      await attempts()
        .where({ key })
        .update({
          blockedUntil,
          expiresAt: db.raw('case when expires_at < ? then ? else expires_at end', [
            blockedUntil,
            blockedUntil,
          ]),
        })
    },

    /** Takes back what was added, and the block it started if that still stands. */
    async cancel(key: string, ownBlock: number, points = 1): Promise<void> {
      await attempts()
        .where({ key })
        .where('failures', '>=', points)
        .update({
          failures: db.raw('failures - ?', [points]),
          blockedUntil: db.raw('case when blocked_until = ? then 0 else blocked_until end', [ownBlock]),
        })
    },

    find: (keys: readonly string[]): Promise<StoredAttempts[]> => attempts().whereIn('key', keys),

    /**
     * One statement, and its rows in the order of their keys, so that two that clear at once never wait for
     * each other. A prefix is compared sign by sign: what lies between two keys is another question of each
     * database's collation.
     */
    async clear(keys: readonly string[], prefixes: readonly string[] = []): Promise<number> {
      const chosen = attempts().select('key').whereIn('key', keys)
      for (const prefix of prefixes) void chosen.orWhereRaw('substr(key, 1, ?) = ?', [prefix.length, prefix])
      return attempts().whereIn('key', chosen.orderBy('key').forUpdate()).delete()
    },

    deleteExpired: (now: number, limit: number): Promise<number> =>
      deleteSome(
        db,
        () => attempts().where('expiresAt', '<=', now).where('blockedUntil', '<=', now),
        ['key'],
        limit,
      ),
  }
}
