// Reads the audit log from its first row to its last and names the first that does not fit: altered, missing,
// inserted, swapped, or a tail cut off. The head exported earlier is what shows a cut tail; without one only
// the stored head can be compared.

import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'
import type { Store } from '../../db/store.js'
import { chainHash } from './audit-log.js'
import type { KeyRing } from '../key-ring.js'

/** As `audit head` writes it and an operator keeps elsewhere. */
export type ExportedHead = { sequence: number; hash: string }

export type Verification =
  | { ok: true; rows: number; head: ExportedHead }
  | {
      ok: false
      sequence: number
      fault: 'altered' | 'missing' | 'out-of-order' | 'tail-cut' | 'head-differs' | 'key-unknown'
    }

const BATCH = 5_000

export async function verifyAuditLog(
  { store, ring }: { store: Store; ring: KeyRing },
  exported?: ExportedHead,
): Promise<Verification> {
  // Read first: whatever is recorded while the rows are read only comes after it.
  const head = await store.auditEvents.readHead()
  const marks = new Map<number, string>([[0, '']])
  let sequence = 0
  let hash = ''
  let reading: Promise<StoredAuditEvent[]> | undefined = store.auditEvents.listAfter(0, BATCH)
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
  if (head.sequence > sequence || (exported !== undefined && exported.sequence > sequence))
    return { ok: false, sequence: sequence + 1, fault: 'tail-cut' }
  const latest = await store.auditEvents.readHead()
  if (marks.get(head.sequence) !== head.hash || latest.sequence < sequence)
    return { ok: false, sequence: head.sequence, fault: 'head-differs' }
  if (exported !== undefined && marks.get(exported.sequence) !== exported.hash)
    return { ok: false, sequence: exported.sequence, fault: 'altered' }
  return { ok: true, rows: sequence, head: { sequence, hash } }
}

function faultOf(ring: KeyRing, row: StoredAuditEvent, previousSequence: number, previousHash: string) {
  if (row.sequence !== previousSequence + 1)
    return row.sequence > previousSequence + 1 ? 'missing' : 'out-of-order'
  if (!ring.keyIds.includes(row.keyId)) return 'key-unknown'
  return chainHash(ring, previousHash, row) === row.hash ? undefined : 'altered'
}
