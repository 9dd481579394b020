// Which browsers have completed a sign-in to which account. They keep an allowance of their own when
// strangers guess.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

export type StoredKnownBrowser = {
  browserHash: string
  accountId: string
  lastSeenAt: number
  /** What `browserHash` has replaced, at `lastSeenAt`. */
  previousHash: string | null
}

export type KnownBrowsersRepository = ReturnType<typeof createKnownBrowsersRepository>

export function createKnownBrowsersRepository(db: Knex) {
  const browsers = () => db<StoredKnownBrowser>('known_browsers')
  /** By the hash they have, or by the one that was replaced after `since`. */
  const ofHashes = (browserHashes: readonly string[], since: number) =>
    browsers().where((known) => {
      void known.whereIn('browserHash', browserHashes)
      void known.orWhere((replaced) => {
        void replaced.whereIn('previousHash', browserHashes).where('lastSeenAt', '>', since)
      })
    })
  return {
    async remember(browser: Omit<StoredKnownBrowser, 'previousHash'>): Promise<void> {
      await browsers().insert(browser).onConflict(['browserHash', 'accountId']).merge()
    },

    /** False when it is not known by `previousHash` any more. */
    async renew({ accountId, previousHash, ...renewed }: StoredKnownBrowser): Promise<boolean> {
      const row = { accountId, browserHash: previousHash ?? '' }
      return (
        (await browsers()
          .where(row)
          .update({ ...renewed, previousHash })) === 1
      )
    },

    find: (
      browserHashes: readonly string[],
      accountId: string,
      since: number,
    ): Promise<StoredKnownBrowser | undefined> =>
      ofHashes(browserHashes, since).where({ accountId }).orderBy('lastSeenAt', 'desc').first(),

    /** Everybody whom one of them is known to. */
    async accountsOf(browserHashes: readonly string[], since: number): Promise<string[]> {
      const known = await ofHashes(browserHashes, since).distinct('accountId')
      return known.map(({ accountId }) => accountId)
    },

    forget: (browserHash: string, accountId: string): Promise<number> =>
      browsers().where({ browserHash, accountId }).delete(),

    forgetAll: (accountId: string): Promise<number> => browsers().where({ accountId }).delete(),

    deleteUnseen: (before: number, limit: number): Promise<number> =>
      deleteSome(db, () => browsers().where('lastSeenAt', '<', before), ['browserHash', 'accountId'], limit),
  }
}
