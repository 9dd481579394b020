// Which browsers have completed a sign-in to which account. They keep an allowance of their own when
// strangers guess.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

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

    deleteUnseen: (before: number, limit: number): Promise<number> =>
      deleteSome(db, () => browsers().where('lastSeenAt', '<', before), ['browserHash', 'accountId'], limit),
  }
}
