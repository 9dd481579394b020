// Which browsers have completed a sign-in to which account. They keep an allowance of their own when
// strangers guess.

import type { Knex } from 'knex'

export type StoredKnownBrowser = { browserHash: string; accountId: string; lastSeenAt: number }

export type KnownBrowsersRepository = ReturnType<typeof createKnownBrowsersRepository>

export function createKnownBrowsersRepository(db: Knex) {
  const browsers = () => db<StoredKnownBrowser>('known_browsers')
  return {
    async remember(browser: StoredKnownBrowser): Promise<void> {
      await browsers().insert(browser).onConflict(['browserHash', 'accountId']).merge()
    },

    find: (browserHashes: readonly string[], accountId: string): Promise<StoredKnownBrowser | undefined> =>
      browsers().where({ accountId }).whereIn('browserHash', browserHashes).first(),

    forgetAll: (accountId: string): Promise<number> => browsers().where({ accountId }).delete(),

    deleteSeenBefore: (time: number): Promise<number> => browsers().where('lastSeenAt', '<', time).delete(),
  }
}
