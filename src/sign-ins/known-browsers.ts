// The browsers a person has signed in from. They have an allowance of their own, so that strangers who guess
// at an account never make its owner wait. The cookie holds a random id and its keyed hash; which accounts it
// stands for is in the database.

import { randomBytes } from 'node:crypto'
import type { Repositories, Store } from '../../db/store.js'
import type { KeyRing } from '../key-ring.js'

/** Where a try comes from: the address, and the id in the browser's cookie if it brought one of ours. */
export type Visitor = { clientAddress: string; browserId: string | undefined }

/** A browser that has not signed in for so long is a stranger again: its cookie and its row go. */
export const KNOWN_BROWSER_MS = 365 * 24 * 3_600_000

export type KnownBrowsersService = ReturnType<typeof createKnownBrowsers>

/** A browser's id as the database knows it; undefined for one that never completed a sign-in. */
export type BrowserHash = string

/** One that has: its hash, and whether it was noted lately that it was used. */
export type KnownBrowser = { hash: BrowserHash; isNoted: boolean }

/** A year's purge needs it no finer. */
const NOTED_EVERY_MS = 24 * 3_600_000

export function createKnownBrowsers({
  store,
  ring,
  now,
}: {
  store: Store
  ring: KeyRing
  now: () => number
}) {
  /** The browser of this id, when it has completed a sign-in to this account. */
  async function find(
    browserId: string | undefined,
    accountId: string | undefined,
  ): Promise<KnownBrowser | undefined> {
    if (browserId === undefined || accountId === undefined) return undefined
    const hashes = ring.macs('lookup', `browser:${browserId}`)
    const [hash = ''] = hashes
    const stored = await store.knownBrowsers.find(hashes, accountId)
    if (stored === undefined) return undefined
    return { hash, isNoted: stored.browserHash === hash && stored.lastSeenAt > now() - NOTED_EVERY_MS }
  }

  return {
    find,

    /** The hash that limits are kept under, when this browser has completed a sign-in to this account. */
    hashFor: async (
      browserId: string | undefined,
      accountId: string | undefined,
    ): Promise<BrowserHash | undefined> => (await find(browserId, accountId))?.hash,

    /** The id in a cookie we made ourselves; undefined for anything else. */
    read(cookie: string | undefined): string | undefined {
      const [id, mac] = cookie?.split('.') ?? []
      return id !== undefined && mac !== undefined && ring.verifyMac('browser-cookie', id, mac)
        ? id
        : undefined
    },

    /** Keeps the browser's id, or makes one; returns the cookie to set. `known` is what `find` gave. */
    async remember(
      tx: Repositories,
      browserId: string | undefined,
      accountId: string,
      known?: KnownBrowser,
    ): Promise<string> {
      const id = browserId ?? randomBytes(24).toString('base64url')
      if (known?.isNoted !== true)
        await tx.knownBrowsers.remember({
          browserHash: ring.mac('lookup', `browser:${id}`),
          accountId,
          lastSeenAt: now(),
        })
      return `${id}.${ring.mac('browser-cookie', id)}`
    },
  }
}
