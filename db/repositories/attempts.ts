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
  /** On the row of one network: the key over all of them. */
  accountKey: string | null
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
      { points = 1, accountKey }: { points?: number | undefined; accountKey?: string | undefined } = {},
    ): Promise<number | undefined> {
      const expiresAt = now + windowMs
      const result = await attempts()
        .insert({
          key,
          failures: points,
          blockedUntil: 0,
          windowStartedAt: now,
          expiresAt,
          accountKey: accountKey ?? null,
        })
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

    /**
     * Takes back what was added, and the block it started if that still stands. Where there was nothing
     * before, nothing stays: what strangers make up is not kept for a try that nobody looked at.
     */
    async cancel(key: string, ownBlock: number, points = 1): Promise<void> {
      const isGone = await attempts()
        .where({ key, failures: points })
        .whereIn('blockedUntil', [0, ownBlock])
        .delete()
      if (isGone > 0) return
      await attempts()
        .where({ key })
        .where('failures', '>=', points)
        .update({
          failures: db.raw('failures - ?', [points]),
          blockedUntil: db.raw('case when blocked_until = ? then 0 else blocked_until end', [ownBlock]),
        })
    },

    /** How many networks have failures that still count at `now`; it counts no further than `most`. */
    async countNetworks(accountKey: string, now: number, most: number): Promise<number> {
      const rows = await attempts()
        .where({ accountKey })
        .where('expiresAt', '>', now)
        .limit(most)
        .select('key')
      return rows.length
    },

    /** 0 when there is none. The prefixes are compared as in `clear`. */
    async latestBlock(keys: readonly string[], prefixes: readonly string[]): Promise<number> {
      const latest = await attempts().where(isOneOf(keys, prefixes)).orderBy('blockedUntil', 'desc').first()
      return latest?.blockedUntil ?? 0
    },

    find: (keys: readonly string[]): Promise<StoredAttempts[]> => attempts().whereIn('key', keys),

    /**
     * One statement, and its rows in the order of their keys, so that two that clear at once never wait for
     * each other. A prefix is compared sign by sign: what lies between two keys is another question of each
     * database's collation.
     */
    async clear(keys: readonly string[], prefixes: readonly string[] = []): Promise<number> {
      const chosen = attempts().where(isOneOf(keys, prefixes)).select('key')
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

/** A prefix is compared sign by sign. */
const isOneOf = (keys: readonly string[], prefixes: readonly string[]) => (chosen: Knex.QueryBuilder) => {
  void chosen.whereIn('key', keys)
  for (const prefix of prefixes) void chosen.orWhereRaw('substr(key, 1, ?) = ?', [prefix.length, prefix])
}
