// A sign-in from the accounts' side: verifies the password under its limits, and closes a complete sign-in. Unknown, disabled
// and wrong look alike: the same hash is computed, the same limits count, the same answer is given.

import type { Store } from '../../db/store.js'
import { clearAttempts, reserveAttempt, secondsToWait, takeBackAttempt, waitStarted, type AttemptKey } from '../attempts.js'
import type { AuditLog, Origin } from '../audit.js'
import type { Locale } from '../i18n.js'
import type { Account } from './accounts.js'
import { parseCip } from './cip.js'
import type { BrowserHash, KnownBrowsersService } from './known-browsers.js'
import type { PasswordHasher } from './password.js'

/** Where a try comes from: the address, and the id in the browser's cookie if it brought one of ours. */
export type Visitor = { source: string; browserId: string | undefined }

export type PasswordOutcome =
  | { ok: true; account: Account }
  | { ok: false; reason: 'wrong'; waitSeconds: number }
  | { ok: false; reason: 'waiting'; waitSeconds: number }
  | { ok: false; reason: 'temporary-password-expired' }

export type SignInsService = ReturnType<typeof createSignIns>

type Dependencies = {
  store: Store
  audit: AuditLog
  hasher: PasswordHasher
  knownBrowsers: KnownBrowsersService
  now: () => number
  countPassword: (outcome: 'right' | 'wrong' | 'waiting' | 'temporary-password-expired') => void
}

const UNREADABLE = '?' // the one bucket of everything that is no CIP

export function createSignIns({ store, audit, hasher, knownBrowsers, now, countPassword }: Dependencies) {
  async function verify(cipInput: string, password: string, { source, browserId }: Visitor): Promise<PasswordOutcome> {
    const cip = parseCip(cipInput) ?? UNREADABLE
    const origin: Origin = { actor: `cip:${cip}`, source }
    const found = await store.accounts.findByCip(cip)
    const keys = attemptKeys(cip, source, await knownBrowsers.hashFor(browserId, found?.id))
    const reservation = await store.transaction((tx) => reserveAttempt(tx, keys, now()))
    if (!reservation.ok) return { ok: false, reason: 'waiting', waitSeconds: reservation.waitSeconds }

    const { isRight, isOutdated } = await hasher.verify(password, found?.passwordHash)
    // Read again: the account may have been disabled, or its password replaced, while the hash was computed.
    const account = await store.accounts.findByCip(cip)
    const isAccepted = account !== undefined && isRight && account.disabledAt === null && account.passwordHash === found?.passwordHash
    if (!isAccepted) {
      const why = account === undefined ? 'unknown-cip' : isRight ? 'account-unavailable' : 'wrong-password'
      const waitSeconds = waitStarted(reservation.reserved, now())
      const subject = account === undefined ? { cip } : { account }
      await store.transaction((tx) => audit.record(tx, { event: 'password.refused', outcome: 'refused', origin, ...subject, details: { why, waitSeconds } }))
      return { ok: false, reason: 'wrong', waitSeconds }
    }

    const isExpired = account.temporaryPasswordExpiresAt !== null && account.temporaryPasswordExpiresAt <= now()
    await store.transaction(async (tx) => {
      // Taken back, not cleared: only a full sign-in forgets the failures before it.
      await takeBackAttempt(tx, reservation.reserved)
      if (isExpired) await audit.record(tx, { event: 'password.refused', outcome: 'refused', origin, account, details: { why: 'temporary-password-expired' } })
      else await audit.record(tx, { event: 'password.verified', origin, account })
    })
    if (isExpired) return { ok: false, reason: 'temporary-password-expired' }
    if (isOutdated && account.passwordHash !== null) await store.accounts.replaceHash(account.id, account.passwordHash, await hasher.hash(password))
    return { ok: true, account }
  }

  return {
    async verifyPassword(cip: string, password: string, visitor: Visitor): Promise<PasswordOutcome> {
      const outcome = await verify(cip, password, visitor)
      countPassword(outcome.ok ? 'right' : outcome.reason)
      return outcome
    },

    /** How long a stranger's browser must wait before its next password for this CIP is looked at. */
    waitForPassword: (cip: string): Promise<number> => secondsToWait(store, [{ limit: 'password-account', subject: cip }], now()),

    /** The id in a browser's cookie; undefined unless it is one of ours. */
    readBrowser: knownBrowsers.read,

    /** Both factors are verified: failures are forgotten, the language chosen is remembered, the browser is known. Returns its cookie. */
    complete: (account: Account, { source, browserId }: Visitor, clientId: string, locale: Locale | undefined): Promise<string> =>
      store.transaction(async (tx) => {
        await clearAttempts(tx, [{ limit: 'password-account', subject: account.cip }])
        const cookie = await knownBrowsers.remember(tx, browserId, account.id)
        await tx.accounts.recordSignIn(account.id, now(), locale)
        await audit.record(tx, { event: 'session.started', origin: { actor: `cip:${account.cip}`, source }, account, details: { client: clientId } })
        return cookie
      }),
  }
}

/** A browser that has signed in to this account counts apart from all strangers, and is never made to wait by them. */
function attemptKeys(cip: string, source: string, browser: BrowserHash | undefined): AttemptKey[] {
  if (browser !== undefined) return [{ limit: 'password-account', subject: `${cip}@${browser}` }]
  return [
    { limit: 'password-account', subject: cip },
    { limit: 'password-source', subject: source },
    { limit: 'password-global', subject: 'all' },
  ]
}
