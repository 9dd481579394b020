// The end of a sign-in, and its counterpart: both factors are verified, or the person has signed out.

import type { Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { personActor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { Locale } from '../i18n.js'
import { browserSubject, clearAttempts, type AttemptKey } from '../rate-limits.js'
import type { KnownBrowsersService, Visitor } from './known-browsers.js'

export type SignInsService = ReturnType<typeof createSignIns>

type Dependencies = {
  store: Store
  audit: AuditLog
  knownBrowsers: KnownBrowsersService
  now: () => number
  countSignIn: () => void
}

export function createSignIns({ store, audit, knownBrowsers, now, countSignIn }: Dependencies) {
  return {
    /** A person has signed out, or made room for another at the same browser. */
    async recordSignOut(accountId: string, clientAddress: string): Promise<void> {
      const account = await store.accounts.findById(accountId)
      if (account === undefined) return
      await store.transaction((tx) =>
        audit.record(tx, {
          event: 'session.ended',
          actor: personActor(account, clientAddress),
          account,
        }),
      )
    },

    /**
     * Both factors are verified: failures are forgotten, the language chosen is remembered, the browser is
     * known. Returns its cookie.
     */
    async complete(
      account: Account,
      { clientAddress, browserId }: Visitor,
      clientId: string,
      locale: Locale | undefined,
    ): Promise<string> {
      const browser = await knownBrowsers.hashFor(browserId, account.id)
      const made = await store.transaction(async (tx) => {
        await clearAttempts(
          tx,
          [account.cip, ...(browser === undefined ? [] : [browserSubject(account.cip, browser)])].map(
            (subject): AttemptKey => ({
              limit: 'password-account',
              subject,
            }),
          ),
        )
        await tx.accounts.recordSignIn(account.id, now(), locale)
        const cookie = await knownBrowsers.remember(tx, browserId, account.id)
        await audit.record(tx, {
          event: 'session.started',
          actor: personActor(account, clientAddress),
          account,
          details: { client: clientId },
        })
        return cookie
      })
      countSignIn()
      return made
    },
  }
}
