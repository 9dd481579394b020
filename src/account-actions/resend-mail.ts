// An operator has a mail sent after all: one that the mail server refused, or that waits for its next try. It
// goes to the address that the person has now, if nobody has changed that past this program.

import type { Store } from '../../db/store.js'
import type { AccountSeals } from '../accounts/account-seals.js'
import type { Account } from '../accounts/accounts.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { Mailbox } from '../mail/mailbox.js'

export type ResendOutcome =
  | { ok: true; account: Account }
  | { ok: false; fault: 'unknown' | 'sent' | 'text-gone' | 'account-gone' | 'altered' }

type Dependencies = {
  store: Store
  seals: Pick<AccountSeals, 'faultOf'>
  audit: AuditLog
  mailbox: Mailbox
  now: () => number
}

export function createMailResending({ store, seals, audit, mailbox, now }: Dependencies) {
  return {
    resend: (id: string, actor: Actor, reason: string): Promise<ResendOutcome> =>
      store.transaction(async (tx) => {
        const mail = await tx.outbox.find(id)
        if (mail === undefined) return { ok: false, fault: 'unknown' }
        if (mail.sentAt !== null) return { ok: false, fault: 'sent' }
        if (mail.sealedMessage === null) return { ok: false, fault: 'text-gone' }
        const record = await tx.accounts.lockRecord(mail.accountId ?? '')
        if (record === undefined) return { ok: false, fault: 'account-gone' }
        const { account } = record
        const isTrusted = seals.faultOf(record) === undefined
        const sealed = isTrusted ? mailbox.readdress(mail, account) : undefined
        if (sealed === undefined) return { ok: false, fault: 'altered' }
        if (!(await tx.outbox.revive(id, sealed, now()))) return { ok: false, fault: 'sent' }
        await audit.record(tx, { event: 'mail.resent', actor, account, reason, details: { kind: mail.kind } })
        return { ok: true, account }
      }),
  }
}
