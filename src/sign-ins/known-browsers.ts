// The browsers a person has signed in from. They have an allowance of their own, so that strangers who guess
// at an account never make its owner wait. The cookie holds an id for each account, at most five, and does
// not tell whose they are: that is in the database. An id is made at the end of a sign-in and replaced at the
// end of the next one; none is ever taken over from a cookie, so that a copy of it, made at a shared computer
// before a colleague signs in there, is worth nothing against the colleague.

import type { Repositories, Store } from '../../db/store.js'
import type { KeyRing } from '../key-ring.js'

/**
 * Where a try comes from: the address, the ids in the browser's cookie if it brought one of ours, and what
 * browser it says it is.
 */
export type Visitor = {
  clientAddress: string
  browserIds: readonly string[]
  browserName?: string | undefined
}

/** A browser that has not signed in for so long is a stranger again: its cookie and its row go. */
export const KNOWN_BROWSER_MS = 365 * 24 * 3_600_000

/** So many people have an allowance of their own in one browser; the latest ones. */
const MOST_IDS = 5
/** An id that was replaced serves so long: for a double post, or an answer that was lost. */
const REPLACED_ID_MS = 2 * 60_000

export type KnownBrowsersService = ReturnType<typeof createKnownBrowsers>

/** A browser's id as the database knows it; undefined for one that never completed a sign-in. */
export type BrowserHash = string

/** One that has: which id of its cookie stands for the account, and the hash that limits are kept under. */
export type KnownBrowser = { id: string; hash: BrowserHash }

/** The sign-in that ends: `signIn` is its name. */
type Ending = { accountId: string; signIn: string }

export function createKnownBrowsers({
  store,
  ring,
  now,
}: {
  store: Store
  ring: KeyRing
  now: () => number
}) {
  /** The browser with these ids, when it has completed a sign-in to this account. */
  async function find(browserIds: readonly string[], accountId: string): Promise<KnownBrowser | undefined> {
    const idOf = new Map(browserIds.flatMap((id) => hashesOf(id).map((hash) => [hash, id])))
    if (idOf.size === 0) return undefined
    const stored = await store.knownBrowsers.find([...idOf.keys()], accountId, now() - REPLACED_ID_MS)
    if (stored === undefined) return undefined
    const id = idOf.get(stored.browserHash) ?? idOf.get(stored.previousHash ?? '') ?? ''
    return { id, hash: stored.browserHash }
  }

  const hashesOf = (id: string): string[] => ring.macs('lookup', `browser:${id}`)

  function cookieOf(ids: readonly string[]): string {
    if (ids.length === 0) return ''
    const joined = ids.slice(0, MOST_IDS).join('.')
    return `${joined}.${ring.mac('browser-cookie', joined)}`
  }

  return {
    find,

    /** The hash that limits are kept under, when this browser has completed a sign-in to this account. */
    hashFor: async (browserIds: readonly string[], accountId: string): Promise<BrowserHash | undefined> =>
      (await find(browserIds, accountId))?.hash,

    /** Everybody who has completed a sign-in in this browser. */
    async accountsOf(browserIds: readonly string[]): Promise<string[]> {
      const hashes = browserIds.flatMap(hashesOf)
      return hashes.length === 0 ? [] : store.knownBrowsers.accountsOf(hashes, now() - REPLACED_ID_MS)
    },

    /** The ids in a cookie we made ourselves; none in anything else. */
    read(cookie = ''): string[] {
      const end = cookie.lastIndexOf('.')
      const joined = cookie.slice(0, Math.max(0, end))
      return joined !== '' && ring.verifyMac('browser-cookie', joined, cookie.slice(end + 1))
        ? joined.split('.')
        : []
    },

    /**
     * The browser is known for this account, by an id that replaces the one it had; returns the cookie to
     * set. The id is the same for the same sign-in: a double post does not part the browser from it. `known`
     * is what `find` gave.
     */
    async remember(
      tx: Repositories,
      browserIds: readonly string[],
      { accountId, signIn }: Ending,
      known?: KnownBrowser,
    ): Promise<string> {
      const id = ring.mac('browser-id', `${accountId}:${signIn}`)
      const [browserHash = ''] = hashesOf(id)
      const renewed = { browserHash, accountId, lastSeenAt: now() }
      const isRenewed =
        known !== undefined &&
        (known.hash === browserHash ||
          (await tx.knownBrowsers.renew({ ...renewed, previousHash: known.hash })))
      if (!isRenewed) await tx.knownBrowsers.remember(renewed)
      return cookieOf([id, ...browserIds.filter((one) => one !== id && one !== known?.id)])
    },

    /** The browser is known for this account no more; returns the cookie to set, empty when none is left. */
    async forget(
      tx: Repositories,
      browserIds: readonly string[],
      accountId: string,
      known: KnownBrowser,
    ): Promise<string> {
      await tx.knownBrowsers.forget(known.hash, accountId)
      return cookieOf(browserIds.filter((one) => one !== known.id))
    },
  }
}
