// Writes relying parties inside a transaction, each with its audit event: what a record was and what it is
// now. A record holds no secret; that one is made here, stored sealed, and returned once.

import { randomBytes } from 'node:crypto'
import type { StoredClient } from '../../db/repositories/clients.js'
import type { Repositories } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { KeyRing } from '../key-ring.js'
import { differences, hasSecret, type Change, type ClientMetadata } from './client-metadata.js'
import type { RefusedRecord } from './registration.js'

const SECRET_BYTES = 32

/** What applying one record did; `changes` are the members that differ. */
export type Applied = {
  clientId: string
  result: 'created' | 'changed' | 'unchanged'
  changes: Record<string, Change>
}
type Written = Applied & { clientSecret?: string | undefined }

/** A race that was lost: thrown inside a transaction, so that what came before in it is undone. */
export class Overtaken extends Error {}

export const readClient = (client: StoredClient): ClientMetadata =>
  JSON.parse(client.metadata) as ClientMetadata

type Dependencies = { audit: AuditLog; ring: KeyRing; now: () => number }

export function createClientWriting({ audit, ring, now }: Dependencies) {
  const makeSecret = (clientId: string) => {
    const clientSecret = randomBytes(SECRET_BYTES).toString('base64url')
    return { clientSecret, sealedSecret: ring.seal('client-secret', clientId, clientSecret) }
  }

  async function insert(
    tx: Repositories,
    metadata: ClientMetadata,
    actor: Actor,
  ): Promise<{ ok: true; clientSecret: string | undefined } | RefusedRecord> {
    const clientId = metadata.client_id
    const made = hasSecret(metadata) ? makeSecret(clientId) : undefined
    const row = {
      clientId,
      metadata: JSON.stringify(metadata),
      sealedSecret: made?.sealedSecret ?? null,
      createdAt: now(),
      updatedAt: now(),
    }
    if (!(await tx.clients.insert(row))) return { ok: false, fault: `client "${clientId}" exists already` }
    const details = { client: clientId, after: row.metadata }
    await audit.record(tx, { event: 'client.created', actor, details })
    return { ok: true, clientSecret: made?.clientSecret }
  }

  /** Throws `Overtaken` when somebody else has changed or removed the client meanwhile. */
  async function change(
    tx: Repositories,
    stored: StoredClient,
    metadata: ClientMetadata,
    actor: Actor,
    isDryRun = false,
  ): Promise<Written> {
    const clientId = metadata.client_id
    const changes = differences(readClient(stored), metadata)
    const changed = Object.keys(changes)
    if (changed.length === 0) return { clientId, result: 'unchanged', changes }
    if (isDryRun) return { clientId, result: 'changed', changes }
    const made = hasSecret(metadata) && stored.sealedSecret === null ? makeSecret(clientId) : undefined
    const row = {
      metadata: JSON.stringify(metadata),
      sealedSecret: hasSecret(metadata) ? (made?.sealedSecret ?? stored.sealedSecret) : null,
      updatedAt: now(),
    }
    const isUpdated = await tx.clients.update(clientId, row, stored.metadata)
    if (!isUpdated) throw new Overtaken(`client "${clientId}" was changed or removed meanwhile`)
    const side = (which: keyof Change) =>
      JSON.stringify(Object.fromEntries(changed.map((member) => [member, changes[member]?.[which]])))
    const details = {
      client: clientId,
      changed: changed.join(' '),
      before: side('before'),
      after: side('after'),
    }
    await audit.record(tx, { event: 'client.changed', actor, details })
    return { clientId, result: 'changed', changes, clientSecret: made?.clientSecret }
  }

  /** Throws `Overtaken` when somebody else has created, changed or removed the client meanwhile. */
  async function apply(
    tx: Repositories,
    metadata: ClientMetadata,
    actor: Actor,
    isDryRun: boolean,
  ): Promise<Written> {
    const stored = await tx.clients.find(metadata.client_id)
    if (stored !== undefined) return change(tx, stored, metadata, actor, isDryRun)
    const done: Applied = {
      clientId: metadata.client_id,
      result: 'created',
      changes: differences({}, metadata),
    }
    if (isDryRun) return done
    const created = await insert(tx, metadata, actor)
    if (!created.ok) throw new Overtaken(created.fault)
    return { ...done, clientSecret: created.clientSecret }
  }

  return { makeSecret, insert, change, apply }
}
