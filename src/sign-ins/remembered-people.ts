// The person whom a browser greets by name at the next sign-in: who has ticked it after a sign-in there, and
// is alone in having completed one. The browser keeps the account's id and the hour, sealed; name and CIP are
// read when they are shown. Without the browser's own id (known-browsers.ts) the cookie is worth nothing, nor
// after anything that ended the account's sessions.

import { z } from 'zod'
import type { Account, AccountsService } from '../accounts/accounts.js'
import { AppError } from '../errors.js'
import type { KeyRing } from '../key-ring.js'
import type { KnownBrowsersService, Visitor } from './known-browsers.js'

const sealed = z.tuple([z.string(), z.number()])

export type RememberedPeopleService = ReturnType<typeof createRememberedPeople>

type Dependencies = {
  accounts: Pick<AccountsService, 'findById'>
  knownBrowsers: KnownBrowsersService
  ring: KeyRing
  now: () => number
}

export function createRememberedPeople({ accounts, knownBrowsers, ring, now }: Dependencies) {
  function open(cookie: string): { accountId: string; since: number } | undefined {
    try {
      const text = ring.open('remembered-person', 'cookie', cookie).toString()
      const [accountId, since] = sealed.parse(JSON.parse(text))
      return { accountId, since }
    } catch (error) {
      // Forged, cut, or sealed by a key that is gone.
      if (error instanceof AppError) return undefined
      throw error
    }
  }

  return {
    /** The cookie of a person who has just signed in and asked for it. */
    seal: (accountId: string): string =>
      ring.seal('remembered-person', 'cookie', JSON.stringify([accountId, now()])),

    /** Whoever it names, whatever has become of them. */
    isOf: (cookie: string, accountId: string): boolean => open(cookie)?.accountId === accountId,

    /** Whether nobody but this account has completed a sign-in in the browser. */
    isAlone: async (accountId: string, { browserIds }: Visitor): Promise<boolean> =>
      (await knownBrowsers.accountsOf(browserIds)).every((known) => known === accountId),

    /** Who may be greeted. */
    async find(cookie: string, { browserIds }: Visitor): Promise<Account | undefined> {
      const remembered = open(cookie)
      if (remembered === undefined) return undefined
      const [known, ...others] = await knownBrowsers.accountsOf(browserIds)
      if (known !== remembered.accountId || others.length > 0) return undefined
      const account = await accounts.findById(known)
      const isEnded = account?.disabledAt !== null || (account.sessionsEndedAt ?? 0) >= remembered.since
      return isEnded ? undefined : account
    },
  }
}
