// Accounts and their life: creation, passwords, being disabled. Called by the pages and the CLI
// alike. It knows no HTTP and no SQL; what a person can mend comes back as a value.

import type { StoredAccount } from '../../db/repositories/accounts.js'
import type { Repositories, Store } from '../../db/store.js'
import { clearAttemptsEverywhere } from '../rate-limits.js'
import { personActor, type Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { formatDateTime, type Locale } from '../i18n.js'
import type { Mailbox } from '../mail/mailbox.js'
import { newAccountRow } from './account-row.js'
import { parseCip } from './cip.js'
import { passwordFaults, type PasswordFault, type PasswordRules } from './password-policy.js'
import type { PasswordHasher } from './password.js'
import { makeTemporaryPassword } from './temporary-password.js'

export type Account = StoredAccount

export type AccountsService = ReturnType<typeof createAccounts>

type Dependencies = {
  store: Store
  audit: AuditLog
  mailbox: Mailbox
  hasher: PasswordHasher
  /** Every session, grant and token of an account ends, and the applications are told. */
  endSessions: (tx: Repositories, accountId: string) => Promise<void>
  now: () => number
  rules: PasswordRules
  cipPattern: RegExp | undefined
  temporaryPasswordHours: number
  timeZone: string
  /** Where people go: named in the mail that brings a temporary password. */
  listApplications: (tx: Repositories, locale: Locale) => Promise<{ name: string; url: string }[]>
}

export type NewAccount = {
  cip: string
  name: string
  email: string
  locale?: Locale
  phoneNumber?: string
  address?: string
}
export type CreateFault = 'cip-invalid' | 'cip-taken' | 'email-invalid' | 'name-invalid'
export type IssuedPassword = { account: Account; temporaryPassword: string; expiresAt: number }

export type ChangeOutcome =
  | { ok: true }
  | { ok: false; faults: PasswordFault[] }
  | { ok: false; faults: []; reason: 'overtaken' }

export function createAccounts(dependencies: Dependencies) {
  const { store, audit, mailbox, hasher, endSessions, now, rules } = dependencies

  async function issueTemporaryPassword() {
    const temporaryPassword = makeTemporaryPassword()
    const passwordSetAt = now()
    const temporaryPasswordExpiresAt = passwordSetAt + dependencies.temporaryPasswordHours * 3_600_000
    const passwordHash = await hasher.hash(temporaryPassword)
    return { temporaryPassword, columns: { passwordHash, passwordSetAt, temporaryPasswordExpiresAt } }
  }

  async function mailTemporaryPassword(
    tx: Repositories,
    kind: 'account-created' | 'password-reset',
    account: Account,
    temporaryPassword: string,
  ) {
    const expiresAt = account.temporaryPasswordExpiresAt ?? 0
    await mailbox.post(tx, kind, account, async (locale) => ({
      temporaryPassword,
      expiresAt: formatDateTime(expiresAt, locale, dependencies.timeZone),
      applications: await dependencies.listApplications(tx, locale),
      minLength: rules.minLength,
      maxLength: rules.maxLength,
    }))
  }

  async function newPasswordFaults(account: Account, newPassword: string): Promise<PasswordFault[]> {
    const { isRight } = await hasher.verify(newPassword, account.passwordHash)
    return [
      ...passwordFaults(newPassword, account, rules),
      ...(isRight ? (['same-as-current'] as const) : []),
    ]
  }

  return {
    newPasswordFaults,

    find: async (cip: string): Promise<Account | undefined> => {
      const canonical = parseCip(cip)
      return canonical === undefined ? undefined : store.accounts.findByCip(canonical)
    },
    findById: (id: string): Promise<Account | undefined> => store.accounts.findById(id),
    list: (): Promise<Account[]> => store.accounts.list(),

    /** Creates an account with a temporary password, mailed unless `deliver` is «print». */
    async create(
      input: NewAccount,
      actor: Actor,
      deliver: 'mail' | 'print',
    ): Promise<({ ok: true } & IssuedPassword) | { ok: false; fault: CreateFault }> {
      const cip = parseCip(input.cip, dependencies.cipPattern)
      const name = input.name.normalize('NFC').trim()
      const fault = cip === undefined ? 'cip-invalid' : identityFault(name, input.email)
      if (cip === undefined || fault !== undefined) return { ok: false, fault: fault ?? 'cip-invalid' }
      const issued = await issueTemporaryPassword()
      const { email, locale = null, phoneNumber = null, address = null } = input
      const account = newAccountRow({
        cip,
        name,
        email,
        locale,
        phoneNumber,
        address,
        ...issued.columns,
        createdAt: now(),
      })
      return store.transaction(async (tx) => {
        if (!(await tx.accounts.insert(account))) return { ok: false, fault: 'cip-taken' }
        if (deliver === 'mail')
          await mailTemporaryPassword(tx, 'account-created', account, issued.temporaryPassword)
        await audit.record(tx, { event: 'account.created', actor, account, details: { delivered: deliver } })
        return {
          ok: true,
          account,
          temporaryPassword: issued.temporaryPassword,
          expiresAt: issued.columns.temporaryPasswordExpiresAt,
        }
      })
    },

    /**
     * Replaces the password by a temporary one; every session, grant and open sign-in of the account ends.
     */
    async resetPassword(
      account: Account,
      actor: Actor,
      reason: string,
      deliver: 'mail' | 'print',
    ): Promise<IssuedPassword> {
      const issued = await issueTemporaryPassword()
      await store.transaction(async (tx) => {
        await tx.accounts.resetEpoch(account.id, { ...issued.columns, sessionsEndedAt: now() })
        await endSessions(tx, account.id)
        if (deliver === 'mail')
          await mailTemporaryPassword(
            tx,
            'password-reset',
            { ...account, ...issued.columns },
            issued.temporaryPassword,
          )
        else await mailbox.post(tx, 'password-changed', account)
        await audit.record(tx, {
          event: 'password.reset',
          actor,
          account,
          reason,
          details: { delivered: deliver },
        })
      })
      return {
        account,
        temporaryPassword: issued.temporaryPassword,
        expiresAt: issued.columns.temporaryPasswordExpiresAt,
      }
    },

    /**
     * The person replaces a password that was issued. `signIn` names the sign-in that asks; asking again from
     * the same one (a double click) ends as well as the first time.
     */
    async replacePassword(
      account: Account,
      newPassword: string,
      signIn: string,
      clientAddress: string,
    ): Promise<ChangeOutcome> {
      if (
        account.temporaryPasswordExpiresAt === null &&
        account.epochChangedBy === signIn &&
        (await hasher.verify(newPassword, account.passwordHash)).isRight
      )
        return { ok: true }
      const faults = await newPasswordFaults(account, newPassword)
      if (faults.length > 0) return { ok: false, faults }
      const columns = {
        passwordHash: await hasher.hash(newPassword),
        passwordSetAt: now(),
        temporaryPasswordExpiresAt: null,
      }
      const isChanged = await store.transaction(async (tx) => {
        if (!(await tx.accounts.raiseEpoch(account.id, account.credentialEpoch, signIn, columns)))
          return false
        await endSessions(tx, account.id)
        await mailbox.post(tx, 'password-changed', account)
        await audit.record(tx, {
          event: 'password.changed',
          actor: personActor(account, clientAddress),
          account,
        })
        return true
      })
      if (isChanged) return { ok: true }
      const latest = await store.accounts.findById(account.id)
      const isOwnDoubleClick =
        latest?.epochChangedBy === signIn && (await hasher.verify(newPassword, latest.passwordHash)).isRight
      return isOwnDoubleClick ? { ok: true } : { ok: false, faults: [], reason: 'overtaken' }
    },

    /** Ends every session, grant and token in the same transaction. False when it was disabled already. */
    disable: (account: Account, actor: Actor, reason: string): Promise<boolean> =>
      store.transaction(async (tx) => {
        if (!(await tx.accounts.setDisabled(account.id, now()))) return false
        // A sign-in under way must not go on where it stood once the account is enabled again
        await tx.accounts.resetEpoch(account.id)
        await endSessions(tx, account.id)
        await tx.knownBrowsers.forgetAll(account.id)
        await audit.record(tx, { event: 'account.disabled', actor, account, reason })
        return true
      }),

    enable: (account: Account, actor: Actor, reason: string): Promise<boolean> =>
      store.transaction(async (tx) => {
        if (!(await tx.accounts.setDisabled(account.id, null))) return false
        await audit.record(tx, { event: 'account.enabled', actor, account, reason })
        return true
      }),

    /**
     * Ends every session, grant and token; the next access is a full sign-in. Returns how many sessions there
     * were.
     */
    signOutEverywhere: (account: Account, actor: Actor, reason: string): Promise<number> =>
      store.transaction(async (tx) => {
        await tx.accounts.endSessions(account.id, now())
        const sessions = await tx.oidcArtifacts.countByAccount(account.id, 'Session', now())
        await endSessions(tx, account.id)
        await audit.record(tx, { event: 'session.ended', actor, account, reason, details: { sessions } })
        return sessions
      }),

    /**
     * Lifts the waits that stand against the account, in the person's own browsers too. A device disabled by
     * its cap stays so: that takes a reset.
     */
    unlock: (account: Account, actor: Actor, reason: string): Promise<void> =>
      store.transaction(async (tx) => {
        await clearAttemptsEverywhere(tx, [
          { limit: 'password-account', subject: account.cip },
          { limit: 'code-account', subject: account.id },
          { limit: 'activation-account', subject: account.id },
        ])
        await audit.record(tx, { event: 'account.unlocked', actor, account, reason })
      }),
  }
}

/** What is wrong with a name (NFC, trimmed) or an address, if anything. */
export function identityFault(name: string, email: string): CreateFault | undefined {
  if (name.length < 1 || [...name].length > 100 || /\p{C}/u.test(name)) return 'name-invalid'
  if (email.length > 254 || !/^[^\s@<>,;:"()[\]\\\p{C}]+@[^\s@<>,;:"()[\]\\\p{C}]+$/u.test(email))
    return 'email-invalid'
  return undefined
}
