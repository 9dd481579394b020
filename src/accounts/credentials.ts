// The password of an account: verified, issued, replaced. The one seam behind which a directory can stand:
// nobody else looks at a stored password. Limits, the audit log and what follows from an answer are left to
// the callers.

import type { Repositories, Store } from '../../db/store.js'
import type { AccountRecord } from '../../db/account-records.js'
import type { Account } from './accounts.js'
import type { AccountSeals } from './account-seals.js'
import { parseCip } from './cip.js'
import type { InLine } from './hashing-turns.js'
import type { PasswordHasher } from './password.js'
import { makeTemporaryPassword } from './temporary-password.js'

export type Verification = {
  /** As it stands now that the hash is computed; undefined when no account has the CIP. */
  account: Account | undefined
  /** Somebody else has changed the account: whatever the password, it is refused. */
  isAltered: boolean
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
  seals: AccountSeals
  hasher: PasswordHasher
  now: () => number
  temporaryPasswordHours: number
}

export function createCredentials({ store, seals, hasher, now, temporaryPasswordHours }: Dependencies) {
  const isAltered = async (record: AccountRecord | undefined): Promise<boolean> =>
    record !== undefined && !(await seals.isTrusted(record))

  return {
    /**
     * Takes the work of exactly one hash of today's cost, whether the account exists, has a password, or is
     * disabled (FLOW-7). Throws `busy` when the place in line is lost.
     */
    async verify(cip: string, password: string, inLine?: InLine): Promise<Verification> {
      const canonical = parseCip(cip)
      const read = canonical === undefined ? undefined : await store.accounts.findRecord({ cip: canonical })
      const found = read?.account
      const { isRight, isOutdated } = await hasher.verify(password, found, inLine)
      // Read again: the account may have been disabled, or its password replaced, while the hash was
      // computed. The time tells: a first click may just have stored the same password under newer
      // parameters.
      const readAgain = found === undefined ? undefined : await store.accounts.findRecord({ id: found.id })
      const account = readAgain?.account
      // Both: whoever can write to the database can also put back in time what he had changed.
      if ((await isAltered(read)) || (await isAltered(readAgain)))
        return { account, isAltered: true, isRight: false, isOutdated: false }
      const isStillRight = isRight && account !== undefined && account.passwordSetAt === found?.passwordSetAt
      return { account, isAltered: false, isRight: isStillRight, isOutdated: isStillRight && isOutdated }
    },

    /** Whether `password` is the one stored in this account as it was read. */
    isCurrent: async (account: Account, password: string): Promise<boolean> =>
      (await hasher.verify(password, account)).isRight,

    /** Stores the right password under today's parameters, unless it was changed meanwhile. */
    async renew(account: Account, password: string): Promise<void> {
      const { id, passwordHash } = account
      if (passwordHash !== null)
        await store.accounts.replaceHash(id, passwordHash, await hasher.hash(password, id))
    },

    /** A password that its owner has chosen. */
    prepare: async (accountId: string, password: string): Promise<PreparedPassword> => ({
      passwordHash: await hasher.hash(password, accountId),
      passwordSetAt: now(),
      temporaryPasswordExpiresAt: null,
    }),

    /** A password of our making, which its owner must replace. */
    async prepareTemporary(accountId: string, inLine?: InLine): Promise<TemporaryPassword> {
      const temporaryPassword = makeTemporaryPassword()
      const passwordHash = await hasher.hash(temporaryPassword, accountId, inLine)
      const passwordSetAt = now()
      const expiresAt = passwordSetAt + temporaryPasswordHours * 3_600_000
      return {
        temporaryPassword,
        expiresAt,
        prepared: { passwordHash, passwordSetAt, temporaryPasswordExpiresAt: expiresAt },
      }
    },

    /** For the operator, who overrules every sign-in under way. Returns the new epoch. */
    set: (tx: Repositories, account: Account, prepared: PreparedPassword): Promise<number> =>
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
