// The audit log: who did what to whom, from where, with which outcome. An event is recorded in the
// transaction of the change it tells of. Each row's keyed hash covers the row and the hash before it, so that
// a change, a gap or a swap shows.

import type { Repositories } from '../../db/store.js'
import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'
import type { KeyRing } from '../key-ring.js'
import type { Actor } from './actor.js'

export type AuditEventName =
  | 'access.refused'
  | 'account.altered'
  | 'account.created'
  | 'account.disabled'
  | 'account.enabled'
  | 'account.erased'
  | 'account.viewed'
  | 'accounts.listed'
  | 'account.resealed'
  | 'account.sealed'
  | 'account.unlocked'
  | 'account.updated'
  | 'activation-code.issued'
  | 'activation-code.verified'
  | 'activation-code.refused'
  | 'audit.exported'
  | 'audit.listed'
  | 'audit.purged'
  | 'authorization-code.reused'
  | 'attempt.refused'
  | 'backup.made'
  | 'backup.restored'
  | 'client.created'
  | 'client.changed'
  | 'client.removed'
  | 'client-secret.refused'
  | 'consent.given'
  | 'consent.refused'
  | 'consent.revoked'
  | 'resource-server.created'
  | 'resource-server.removed'
  | 'signing-key.created'
  | 'keys.retired'
  | 'keys.rotated'
  | 'mail.resent'
  | 'mails.listed'
  | 'one-time-code.verified'
  | 'one-time-code.refused'
  | 'password.changed'
  | 'password.imported'
  | 'password.issued'
  | 'password.refused'
  | 'password.reset'
  | 'password.verified'
  | 'refresh-token.reused'
  | 'second-factor.disabled'
  | 'second-factor.enrolled'
  | 'second-factor.refused'
  | 'second-factor.reset'
  | 'session.ended'
  | 'session.started'

export type AuditEvent = {
  event: AuditEventName
  outcome?: 'success' | 'refused'
  actor: Actor
  account?: { id: string; cip: string }
  /** For a CIP that no account has. */
  cip?: string
  /** Of this event; without one that of the actor counts. */
  reason?: string
  /** Reason codes and names of things; never a secret, a code or a password. */
  details?: Record<string, string | number | boolean | null>
}

export type AuditLog = ReturnType<typeof createAuditLog>

export function createAuditLog({ ring, now }: { ring: KeyRing; now: () => number }) {
  return {
    /** All writers stand in line from here to the end of their transaction: record last, and together. */
    async record(tx: Repositories, ...events: AuditEvent[]): Promise<void> {
      if (events.length === 0) return
      const head = await tx.auditEvents.advanceHead(events.length)
      let { hash } = head
      const rows = events.map((event, index): StoredAuditEvent => {
        const row: Omit<StoredAuditEvent, 'hash'> = {
          sequence: head.sequence - events.length + 1 + index,
          occurredAt: now(),
          event: event.event,
          outcome: event.outcome ?? 'success',
          actor: event.actor.name,
          accountId: event.account?.id ?? null,
          cip: event.account?.cip ?? event.cip ?? null,
          clientAddress: event.actor.clientAddress,
          reason: event.reason ?? event.actor.reason ?? null,
          details: JSON.stringify(event.details ?? {}),
          keyId: ring.writingKeyId,
        }
        hash = chainHash(ring, hash, row)
        return { ...row, hash }
      })
      await tx.auditEvents.append(...rows)
    },
  }
}

/** The hash of a row, given the one before it. */
export function chainHash(ring: KeyRing, previousHash: string, row: Omit<StoredAuditEvent, 'hash'>): string {
  const fields = [
    row.sequence,
    row.occurredAt,
    row.event,
    row.outcome,
    row.actor,
    row.accountId,
    row.cip,
    row.clientAddress,
    row.reason,
    row.details,
    row.keyId,
  ]
  return ring.mac('audit-chain', JSON.stringify([previousHash, ...fields]), row.keyId)
}
