// An operator has a mail sent after all: one that the mail server refused, or that waits for its next try. It
// goes to the address that the person has now.

import type { Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { Mailbox } from '../mail/mailbox.js'

export type ResendOutcome =
  | { ok: true; account: Account }
  | { ok: false; fault: 'unknown' | 'sent' | 'text-gone' | 'account-gone' }

type Dependencies = { store: Store; audit: AuditLog; mailbox: Mailbox; now: () => number }

export function createMailResending({ store, audit, mailbox, now }: Dependencies) {
  return {
    resend: (id: string, actor: Actor, reason: string): Promise<ResendOutcome> =>
      store.transaction(async (tx) => {
        const mail = await tx.outbox.find(id)
        if (mail === undefined) return { ok: false, fault: 'unknown' }
        if (mail.sentAt !== null) return { ok: false, fault: 'sent' }
        if (mail.sealedMessage === null) return { ok: false, fault: 'text-gone' }
        const account = await tx.accounts.findById(mail.accountId ?? '')
        if (account === undefined) return { ok: false, fault: 'account-gone' }
        const sealed = mailbox.readdress(id, mail.sealedMessage, account.email)
        if (!(await tx.outbox.revive(id, sealed, now()))) return { ok: false, fault: 'sent' }
        await audit.record(tx, { event: 'mail.resent', actor, account, reason, details: { kind: mail.kind } })
        return { ok: true, account }
      }),
  }
}
