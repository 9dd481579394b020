// A person's data end: everything that is held about an account goes at once, but for the audit log, whose
// events go when their own time is over (audit/retention.ts). One transaction. The CIP is free again; the
// `sub` is not, so that whoever gets the CIP later is nobody's successor at any application.

import type { Repositories, Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import { forgetSubjects } from '../rate-limits.js'

type Dependencies = {
  store: Store
  audit: AuditLog
  /** Every session, grant and token of an account ends, and the applications are told. */
  endSessions: (tx: Repositories, accountId: string) => Promise<void>
}

export function createAccountErasure({ store, audit, endSessions }: Dependencies) {
  return {
    /** False when somebody else has erased it. */
    erase: (account: Account, actor: Actor, reason: string): Promise<boolean> =>
      store.transaction(async (tx) => {
        // First of all, as in every act: whoever changes the account at this moment waits here.
        await endSessions(tx, account.id)
        await tx.oidcArtifacts.deleteOfAccount(account.id)
        await tx.outbox.deleteOfAccount(account.id)
        await forgetSubjects(tx, [account.id, account.cip])
        if (!(await tx.accounts.remove(account.id))) return false
        await audit.record(tx, { event: 'account.erased', actor, account, reason })
        return true
      }),
  }
}
