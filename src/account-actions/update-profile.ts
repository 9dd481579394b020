// An operator corrects what is said about a person. One transaction: what changes, the mail that tells of
// another address, and the audit row. The log outlives the person's data, so it keeps the names of what
// changed, and the values only where they say nothing about the person: groups, language, time zone.

import type { StoredProfile } from '../../db/repositories/accounts.js'
import type { Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import { groupsOf } from '../accounts/groups.js'
import { changedProfile, type ProfileChanges, type ProfileFault } from '../accounts/profile.js'
import type { Actor } from '../audit/actor.js'
import type { AuditEvent, AuditLog } from '../audit/audit-log.js'
import type { Mailbox } from '../mail/mailbox.js'

export type UpdateOutcome =
  | { ok: true; account: Account; changed: (keyof StoredProfile)[] }
  | { ok: false; fault: ProfileFault | 'account-gone' }

type Dependencies = { store: Store; audit: AuditLog; mailbox: Mailbox; now: () => number }

export function createProfileUpdate({ store, audit, mailbox, now }: Dependencies) {
  return {
    /** Decided on the account as it stands: two operators at once lose nothing of each other's. */
    update: (
      { id }: Pick<Account, 'id'>,
      changes: ProfileChanges,
      actor: Actor,
      reason: string,
    ): Promise<UpdateOutcome> =>
      store.transaction(async (tx) => {
        const before = (await tx.accounts.lockRecord(id))?.account
        if (before === undefined) return { ok: false, fault: 'account-gone' }
        const after = changedProfile(before, changes)
        if (!after.ok) return after
        const members = Object.keys(after.profile) as (keyof StoredProfile)[]
        const changed = members.filter((member) => after.profile[member] !== before[member])
        if (changed.length === 0) return { ok: true, account: before, changed }
        const account = { ...before, ...after.profile }
        await tx.accounts.setProfile(id, after.profile, now())
        // Both: whoever has stolen the new one must not be the only one to hear of it.
        if (changed.includes('email'))
          for (const { email } of [before, account])
            await mailbox.post(tx, 'email-changed', { ...account, email })
        const details = detailsOf(changed, before, account)
        await audit.record(tx, { event: 'account.updated', actor, account, reason, details })
        return { ok: true, account, changed }
      }),
  }
}

function detailsOf(
  changed: readonly (keyof StoredProfile)[],
  before: StoredProfile,
  after: StoredProfile,
): NonNullable<AuditEvent['details']> {
  const plain = (['locale', 'zoneinfo'] as const)
    .filter((member) => changed.includes(member))
    .map((member) => [member, [before[member], after[member]]] as const)
  const groups = changed.includes('groups')
    ? [['groups', [groupsOf(before).join(', '), groupsOf(after).join(', ')]] as const]
    : []
  return {
    changed: changed.join(' '),
    ...Object.fromEntries(
      [...plain, ...groups].flatMap(([member, [from = null, to = null]]) => [
        [`${member}Before`, from],
        [`${member}After`, to],
      ]),
    ),
  }
}
