// The password of an account: verified, issued, replaced. The one seam behind which a directory can stand:
// nobody else looks at a stored password. Limits, the audit log and what follows from an answer are left to
// the callers.

import type { Repositories, Store } from '../../db/store.js'
import type { Account } from './accounts.js'
import { parseCip } from './cip.js'
import type { InLine } from './hashing-turns.js'
import type { PasswordHasher } from './password.js'
import { makeTemporaryPassword } from './temporary-password.js'

export type Verification = {
  /** As it stands now that the hash is computed; undefined when no account has the CIP. */
  account: Account | undefined
  /** It is the password of this account, now. Says nothing of one that has expired or is disabled. */
  isRight: boolean
  /** Right, but stored under older parameters than today's. */
  isOutdated: boolean
}

/** What is stored of a password; made beforehand, since no transaction may wait for a hash. */
export type PreparedPassword = Readonly<{
  passwordHash: string
  passwordSetAt: number
  temporaryPasswordExpiresAt: number | null
}>

export type TemporaryPassword = { temporaryPassword: string; expiresAt: number; prepared: PreparedPassword }

export type CredentialsService = ReturnType<typeof createCredentials>

type Dependencies = {
  store: Store
  hasher: PasswordHasher
  now: () => number
  temporaryPasswordHours: number
}

export function createCredentials({ store, hasher, now, temporaryPasswordHours }: Dependencies) {
  return {
    /**
     * Takes the work of exactly one hash of today's cost, whether the account exists, has a password, or is
     * disabled (FLOW-7). Throws `busy` when the place in line is lost.
     */
    async verify(cip: string, password: string, inLine?: InLine): Promise<Verification> {
      const canonical = parseCip(cip)
      const found = canonical === undefined ? undefined : await store.accounts.findByCip(canonical)
      const { isRight, isOutdated } = await hasher.verify(password, found?.passwordHash, inLine)
      // Read again: the account may have been disabled, or its password replaced, while the hash was
      // computed. The time tells: a first click may just have stored the same password under newer
      // parameters.
      const account = found === undefined ? undefined : await store.accounts.findById(found.id)
      const isStillRight = isRight && account !== undefined && account.passwordSetAt === found?.passwordSetAt
      return { account, isRight: isStillRight, isOutdated: isStillRight && isOutdated }
    },

    /** Whether `password` is the one stored in this account as it was read. */
    isCurrent: async (account: Account, password: string): Promise<boolean> =>
      (await hasher.verify(password, account.passwordHash)).isRight,

    /** Stores the right password under today's parameters, unless it was changed meanwhile. */
    async renew(account: Account, password: string): Promise<void> {
      if (account.passwordHash !== null)
        await store.accounts.replaceHash(account.id, account.passwordHash, await hasher.hash(password))
    },

    /** A password that its owner has chosen. */
    prepare: async (password: string): Promise<PreparedPassword> => ({
      passwordHash: await hasher.hash(password),
      passwordSetAt: now(),
      temporaryPasswordExpiresAt: null,
    }),

    /** A password of our making, which its owner must replace. */
    async prepareTemporary(): Promise<TemporaryPassword> {
      const temporaryPassword = makeTemporaryPassword()
      const passwordHash = await hasher.hash(temporaryPassword)
      const passwordSetAt = now()
      const expiresAt = passwordSetAt + temporaryPasswordHours * 3_600_000
      return {
        temporaryPassword,
        expiresAt,
        prepared: { passwordHash, passwordSetAt, temporaryPasswordExpiresAt: expiresAt },
      }
    },

    /** For the operator, who overrules every sign-in under way. */
    set: (tx: Repositories, account: Account, prepared: PreparedPassword): Promise<void> =>
      tx.accounts.resetEpoch(account.id, prepared),

    /** For the person, in the sign-in that asks. False when something else has changed the account since. */
    replace: (
      tx: Repositories,
      account: Account,
      prepared: PreparedPassword,
      signIn: string,
    ): Promise<boolean> => tx.accounts.raiseEpoch(account.id, account.credentialEpoch, signIn, prepared),
  }
}
