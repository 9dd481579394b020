// Reads the audit log from its first row to its last and names the first that does not fit: altered, missing,
// inserted, swapped, or a tail cut off. The head exported earlier is what shows a cut tail; without one only
// the stored head can be compared. Where events were let go (retention.ts), the log begins after them.

import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'
import type { Store } from '../../db/store.js'
import { chainHash } from './audit-log.js'
import type { KeyRing } from '../key-ring.js'
import { readCheckpoint, type Checkpoint } from './retention.js'

/** As `audit head` writes it and an operator keeps elsewhere. */
export type ExportedHead = { sequence: number; hash: string }

export type Verification =
  /** `purged`: so many before them were let go. */
  | { ok: true; rows: number; purged: number; head: ExportedHead }
  | {
      ok: false
      sequence: number
      fault:
        | 'altered'
        | 'missing'
        | 'out-of-order'
        | 'tail-cut'
        | 'head-differs'
        | 'key-unknown'
        | 'head-purged'
    }

const BATCH = 5_000

type Dependencies = { store: Store; ring: KeyRing }

/** True when the stored head is that of the last event: what a look in passing can tell. */
export async function fitsLastEvent({ auditEvents }: Pick<Store, 'auditEvents'>): Promise<boolean> {
  const { sequence, hash } = await auditEvents.readHead()
  const [last] = await auditEvents.listAfter(sequence - 1, 1)
  return sequence === 0 ? last === undefined : last?.sequence === sequence && last.hash === hash
}

export async function verifyAuditLog(
  dependencies: Dependencies,
  exported?: ExportedHead,
): Promise<Verification> {
  const begin = await readCheckpoint(dependencies.store)
  const verification = await verifyFrom(begin, dependencies, exported)
  if (verification.ok) return verification
  // Events that are let go while the log is read are no fault: then it begins elsewhere.
  const { sequence } = await readCheckpoint(dependencies.store)
  return sequence === begin.sequence ? verification : verifyAuditLog(dependencies, exported)
}

async function verifyFrom(
  begin: Checkpoint,
  { store, ring }: Dependencies,
  exported: ExportedHead | undefined,
): Promise<Verification> {
  // Read first: whatever is recorded while the rows are read only comes after it.
  const head = await store.auditEvents.readHead()
  const marks = new Map<number, string>([[begin.sequence, begin.hash]])
  let { sequence, hash } = begin
  let reading: Promise<StoredAuditEvent[]> | undefined = store.auditEvents.listAfter(sequence, BATCH)
  while (reading !== undefined) {
    const rows: StoredAuditEvent[] = await reading
    const last = rows.at(-1)
    // The next batch is read while this one is hashed.
    reading =
      rows.length === BATCH && last !== undefined
        ? store.auditEvents.listAfter(last.sequence, BATCH)
        : undefined
    for (const row of rows) {
      const fault = faultOf(ring, row, sequence, hash)
      if (fault !== undefined)
        return { ok: false, sequence: fault === 'missing' ? sequence + 1 : row.sequence, fault }
      sequence = row.sequence
      hash = row.hash
      if (sequence === head.sequence || sequence === exported?.sequence) marks.set(sequence, hash)
    }
  }
  if (exported !== undefined && exported.sequence < begin.sequence)
    return { ok: false, sequence: exported.sequence, fault: 'head-purged' }
  if (head.sequence > sequence || (exported !== undefined && exported.sequence > sequence))
    return { ok: false, sequence: sequence + 1, fault: 'tail-cut' }
  const latest = await store.auditEvents.readHead()
  if (marks.get(head.sequence) !== head.hash || latest.sequence < sequence)
    return { ok: false, sequence: head.sequence, fault: 'head-differs' }
  if (exported !== undefined && marks.get(exported.sequence) !== exported.hash)
    return { ok: false, sequence: exported.sequence, fault: 'altered' }
  return { ok: true, rows: sequence - begin.sequence, purged: begin.sequence, head: { sequence, hash } }
}

function faultOf(ring: KeyRing, row: StoredAuditEvent, previousSequence: number, previousHash: string) {
  if (row.sequence !== previousSequence + 1)
    return row.sequence > previousSequence + 1 ? 'missing' : 'out-of-order'
  if (!ring.keyIds.includes(row.keyId)) return 'key-unknown'
  return chainHash(ring, previousHash, row) === row.hash ? undefined : 'altered'
}
