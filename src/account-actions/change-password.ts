// The person replaces the password. One transaction: the new password, the end of every session, the mail and
// the audit row.

import type { Repositories, Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import type { CredentialsService } from '../accounts/credentials.js'
import {
  ownWords,
  passwordFaults,
  type OwnWords,
  type PasswordFault,
  type PasswordRules,
} from '../accounts/password-policy.js'
import { personActor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { Mailbox } from '../mail/mailbox.js'

export type ChangeOutcome =
  | { ok: true }
  | { ok: false; faults: PasswordFault[] }
  | { ok: false; faults: []; reason: 'overtaken' }

export type PasswordChangeService = ReturnType<typeof createPasswordChange>

type Dependencies = {
  store: Store
  audit: AuditLog
  mailbox: Mailbox
  credentials: CredentialsService
  /**
   * Every session, grant and token of an account ends, and the applications are told. `verifiedAt`: when the
   * sign-in that goes on verified its second factor, if it has.
   */
  endSessions: (tx: Repositories, accountId: string, verifiedAt: number | undefined) => Promise<void>
  rules: PasswordRules
}

export function createPasswordChange({
  store,
  audit,
  mailbox,
  credentials,
  endSessions,
  rules,
}: Dependencies) {
  async function faultsOf(account: Account, newPassword: string): Promise<PasswordFault[]> {
    const isCurrent = await credentials.isCurrent(account, newPassword)
    return [
      ...passwordFaults(newPassword, account, rules),
      ...(isCurrent ? (['same-as-current'] as const) : []),
    ]
  }

  return {
    /** All that is wrong with it, at once. */
    faultsOf,

    /** What a page needs to say some of it before the password is sent. */
    ownWordsOf: (account: Account): OwnWords => ownWords(account, rules.organisationNames),

    /**
     * `signIn` names the sign-in that asks; asking again from the same one (a double click) ends as well as
     * the first time.
     */
    async change(
      account: Account,
      newPassword: string,
      signIn: string,
      clientAddress: string,
    ): Promise<ChangeOutcome> {
      const isDone = async (latest: Account | undefined): Promise<boolean> =>
        latest?.temporaryPasswordExpiresAt === null &&
        latest.epochChangedBy === signIn &&
        (await credentials.isCurrent(latest, newPassword))

      if (await isDone(account)) return { ok: true }
      const faults = await faultsOf(account, newPassword)
      if (faults.length > 0) return { ok: false, faults }
      const prepared = await credentials.prepare(account.id, newPassword)
      const isChanged = await store.transaction(async (tx) => {
        if (!(await credentials.replace(tx, account, prepared, signIn))) return false
        const factors = await tx.secondFactors.listCurrent(account.id)
        const own = factors.find(({ verifiedBy }) => verifiedBy === signIn)
        await endSessions(tx, account.id, own?.verifiedAt ?? undefined)
        await mailbox.post(tx, 'password-changed', account)
        const actor = personActor(account, clientAddress)
        await audit.record(tx, {
          event: 'password.changed',
          actor,
          account,
          details: { epoch: account.credentialEpoch + 1 },
        })
        return true
      })
      if (isChanged || (await isDone(await store.accounts.findById(account.id)))) return { ok: true }
      return { ok: false, faults: [], reason: 'overtaken' }
    },
  }
}
