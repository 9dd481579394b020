// The end of a sign-in, in one transaction: the second factor that was missing is verified or enrolled, and
// with it the failures are forgotten, the browser is known, the session is told of. Either all of it happens
// or nothing. And its counterpart: the person has signed out.

import type { Repositories, Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { personActor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { Locale } from '../i18n.js'
import { clearAttempts } from '../rate-limits.js'
import type { EnrolOutcome, SecondFactorsService, Verified } from '../second-factors/factors.js'
import type { CodeOutcome, OneTimeCodesService } from '../second-factors/one-time-codes.js'
import type { KnownBrowser, KnownBrowsersService, Visitor } from './known-browsers.js'
import { passwordKeysOf } from './password-limits.js'

/** Who signs in, and where from; `signIn` names the sign-in in the rows it changes. */
export type SigningIn = { account: Account; signIn: string; visitor: Visitor }

/**
 * What the end of a sign-in needs to know beyond that; `locale` is a language to remember. A shared computer
 * becomes known to nobody.
 */
export type Completion = { clientId: string; locale: Locale | undefined; isSharedComputer: boolean }

/**
 * `browserCookie`: undefined when the browser keeps what it has, empty when it must give it up. `authTime` is
 * in seconds, as OpenID Connect counts.
 */
export type CompletedSignIn = { browserCookie: string | undefined; authTime: number }

/** `completed`: the sign-in has ended with it; undefined when something else is still missing. */
type Confirmed = { ok: true; completed: CompletedSignIn | undefined }
type Refusal<Outcome extends { ok: boolean }> = Extract<Outcome, { ok: false }>

export type SignInsService = ReturnType<typeof createSignIns>

type Dependencies = {
  store: Store
  audit: AuditLog
  knownBrowsers: KnownBrowsersService
  secondFactors: SecondFactorsService
  oneTimeCodes: OneTimeCodesService
  now: () => number
  countSignIn: () => void
  countCode: (outcome: string) => void
}

export function createSignIns({
  store,
  audit,
  knownBrowsers,
  secondFactors,
  oneTimeCodes,
  now,
  countSignIn,
  countCode,
}: Dependencies) {
  async function complete(
    tx: Repositories,
    { account, signIn, visitor }: SigningIn,
    known: KnownBrowser | undefined,
    { verifiedAt, forgets, events }: Omit<Verified, 'ok'>,
    { clientId, locale, isSharedComputer }: Completion,
  ): Promise<CompletedSignIn> {
    const sessionsEndedAt = await tx.accounts.recordSignIn(account.id, now(), locale)
    const passwords = passwordKeysOf(account, visitor.clientAddress, known?.hash)
    await clearAttempts(tx, [...forgets, ...passwords])
    const browserCookie = isSharedComputer
      ? known && (await knownBrowsers.forget(tx, visitor.browserIds, account.id, known))
      : await knownBrowsers.remember(tx, visitor.browserIds, { accountId: account.id, signIn }, known)
    const actor = personActor(account, visitor.clientAddress)
    const details = { client: clientId }
    await audit.record(tx, ...events, { event: 'session.started', actor, account, details })
    return { browserCookie, authTime: authTimeOf(verifiedAt, sessionsEndedAt) }
  }

  /** What `verify` does and, with a `completion`, the end of the sign-in: one transaction. */
  async function confirm<Refused extends { ok: false }>(
    person: SigningIn,
    completion: Completion | undefined,
    verify: (tx: Repositories, browser: string | undefined) => Promise<Verified | Refused>,
  ): Promise<Confirmed | Refused> {
    const known = await knownBrowsers.find(person.visitor.browserIds, person.account.id)
    const outcome = await store.transaction(async (tx): Promise<Confirmed | Refused> => {
      const verified = await verify(tx, known?.hash)
      if (!verified.ok) return verified
      if (completion !== undefined)
        return { ok: true, completed: await complete(tx, person, known, verified, completion) }
      await clearAttempts(tx, verified.forgets)
      await audit.record(tx, ...verified.events)
      return { ok: true, completed: undefined }
    })
    if (outcome.ok && outcome.completed !== undefined) countSignIn()
    return outcome
  }

  return {
    /** `code` is six digits. */
    async verifyCode(
      person: SigningIn,
      code: string,
      completion: Completion | undefined,
    ): Promise<Confirmed | Refusal<CodeOutcome>> {
      const { account, signIn, visitor } = person
      const { clientAddress } = visitor
      const outcome = await confirm(person, completion, (tx, browser) =>
        oneTimeCodes.verify(tx, account, code, { signIn, clientAddress, browser }),
      )
      countCode(outcome.ok ? 'right' : outcome.reason === 'wrong' ? outcome.diagnosis.kind : outcome.reason)
      return outcome
    },

    /** Binds the phone that shows `code` for the secret of this `interaction`. */
    enrol(
      person: SigningIn,
      interaction: string,
      code: string,
      deviceName: string,
      completion: Completion | undefined,
    ): Promise<Confirmed | Refusal<EnrolOutcome>> {
      const { account, signIn, visitor } = person
      const { clientAddress, browserName } = visitor
      const origin = { interaction, signIn, clientAddress, browserName }
      return confirm(person, completion, (tx) => secondFactors.enrol(tx, account, origin, code, deviceName))
    },

    /**
     * Nothing is missing any more: after a change of password, or an interruption at the very end. Undefined
     * when the account or its factors were changed since they were read.
     */
    async end(person: SigningIn, completion: Completion): Promise<CompletedSignIn | undefined> {
      const { account, signIn } = person
      const outcome = await confirm(person, completion, async (tx) => {
        const factors = await tx.secondFactors.lockCurrent(account.id, account.credentialEpoch)
        const own = factors.filter(({ verifiedBy }) => verifiedBy === signIn)
        const verifiedAt = Math.max(...own.map((factor) => factor.verifiedAt ?? 0))
        return own.length === 0 ? { ok: false } : { ok: true, verifiedAt, forgets: [], events: [] }
      })
      return outcome.ok ? outcome.completed : undefined
    },

    /** Seconds until the next code of this account is looked at in this browser. */
    async waitForCode(account: Account, { browserIds }: Visitor): Promise<number> {
      return oneTimeCodes.waitForCode(account, await knownBrowsers.hashFor(browserIds, account.id))
    },

    /** A person has signed out, or made room for another at the same browser. */
    async recordSignOut(accountId: string, clientAddress: string): Promise<void> {
      const account = await store.accounts.findById(accountId)
      if (account === undefined) return
      const actor = personActor(account, clientAddress)
      await store.transaction((tx) => audit.record(tx, { event: 'session.ended', actor, account }))
    },
  }
}

/**
 * When the second factor was verified. Never the second in which all sessions were ended: what bears that one
 * is over.
 */
function authTimeOf(verifiedAt: number, sessionsEndedAt: number | null): number {
  const second = Math.floor(verifiedAt / 1000)
  const isAfterEnd = sessionsEndedAt !== null && verifiedAt > sessionsEndedAt
  return isAfterEnd ? Math.max(second, Math.floor(sessionsEndedAt / 1000) + 1) : second
}
