// Accounts: found, and created with a temporary password. Called by the pages and the CLI alike. It knows no
// HTTP and no SQL; what a person can mend comes back as a value. What is done to an account afterwards is in
// account-actions/.

import type { AccountRecord } from '../../db/account-records.js'
import type { StoredAccount } from '../../db/repositories/accounts.js'
import type { Store } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { randomId } from '../key-ring.js'
import { newAccountRow } from './account-row.js'
import type { AccountSeals } from './account-seals.js'
import { parseCip } from './cip.js'
import type { CredentialsService } from './credentials.js'
import { newProfile, type ProfileChanges, type ProfileFault } from './profile.js'
import type { PostTemporaryPassword } from './temporary-password-mail.js'

export type Account = StoredAccount

export type AccountsService = ReturnType<typeof createAccounts>

type Dependencies = {
  store: Store
  audit: AuditLog
  seals: AccountSeals
  credentials: CredentialsService
  postTemporaryPassword: PostTemporaryPassword
  now: () => number
  cipPattern: RegExp | undefined
}

export type NewAccount = { cip: string; name: string; email: string } & ProfileChanges
export type CreateFault = 'cip-invalid' | 'cip-taken' | ProfileFault
/** `print`: shown once to whoever asked for it, and no mail brings it. */
export type PasswordDelivery = 'mail' | 'print'
export type IssuedPassword = { account: Account; temporaryPassword: string; expiresAt: number }

export function createAccounts({
  store,
  audit,
  seals,
  credentials,
  postTemporaryPassword,
  now,
  cipPattern,
}: Dependencies) {
  /** The account with its factors, for a decision; undefined for one that somebody else has changed. */
  async function findTrusted(id: string): Promise<AccountRecord | undefined> {
    const record = await store.accounts.findRecord({ id })
    return record !== undefined && (await seals.isTrusted(record)) ? record : undefined
  }

  return {
    /** As it is stored, for an operator who looks after it. */
    find: async (cip: string): Promise<Account | undefined> => {
      const canonical = parseCip(cip)
      return canonical === undefined ? undefined : store.accounts.findByCip(canonical)
    },
    findTrusted,
    findById: async (id: string): Promise<Account | undefined> => (await findTrusted(id))?.account,
    list: (): Promise<Account[]> => store.accounts.list(),

    /** Creates an account with a temporary password. */
    async create(
      input: NewAccount,
      actor: Actor,
      delivery: PasswordDelivery,
    ): Promise<({ ok: true } & IssuedPassword) | { ok: false; fault: CreateFault }> {
      const cip = parseCip(input.cip, cipPattern)
      if (cip === undefined) return { ok: false, fault: 'cip-invalid' }
      const given = newProfile(input)
      if (!given.ok) return given
      const id = randomId()
      const issued = await credentials.prepareTemporary(id)
      const account = newAccountRow({ id, cip, ...given.profile, ...issued.prepared, createdAt: now() })
      return store.transaction(async (tx) => {
        if (!(await tx.accounts.insert(account))) return { ok: false, fault: 'cip-taken' }
        if (delivery === 'mail') await postTemporaryPassword(tx, 'account-created', account, issued)
        const details = { delivered: delivery, epoch: account.credentialEpoch }
        await audit.record(tx, { event: 'account.created', actor, account, details })
        const { temporaryPassword, expiresAt } = issued
        return { ok: true, account, temporaryPassword, expiresAt }
      })
    },
  }
}
