// How fast is a long audit log verified? Writes a hundred thousand rows, then reads the chain from end to
// end.

import { mkdtempSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type * as connectModule from '../../db/connect.ts'
import type * as migrateModule from '../../db/migrate.ts'
import type * as storeModule from '../../db/store.ts'
import type * as auditModule from '../../src/audit/audit-log.ts'
import type * as cryptoModule from '../../src/key-ring.ts'
import type * as auditVerificationModule from '../../src/audit/verification.ts'
import { print, time } from './provider-process.ts'

const ROWS = 200_000

/** The compiled module: the sources hold syntax that Node does not strip (TSX, `.js` suffixes). */
const dist = (path: string): string => join(import.meta.dirname, '..', '..', 'dist', path)

export async function auditBench(): Promise<void> {
  const { connectDatabase } = (await import(dist('db/connect.js'))) as typeof connectModule
  const { migrateToLatest } = (await import(dist('db/migrate.js'))) as typeof migrateModule
  const { createStore } = (await import(dist('db/store.js'))) as typeof storeModule
  const { chainHash } = (await import(dist('src/audit/audit-log.js'))) as typeof auditModule
  const { createKeyRing } = (await import(dist('src/key-ring.js'))) as typeof cryptoModule
  const { verifyAuditLog } = (await import(
    dist('src/audit/verification.js')
  )) as typeof auditVerificationModule

  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-bench-'))
  const db = connectDatabase(`sqlite:${join(folder, 'audit.db')}`)
  try {
    await migrateToLatest(db)
    const store = createStore(db)
    const ring = createKeyRing([{ id: 'bench', key: randomBytes(32) }])
    let hash = ''
    await db.transaction(async (trx) => {
      for (let first = 1; first <= ROWS; first += 500) {
        const rows = Array.from({ length: 500 }, (_, index) => {
          const row = {
            sequence: first + index,
            occurredAt: 1_790_000_000_000 + first + index,
            event: 'password.verified',
            outcome: 'success' as const,
            actor: 'cip:tram1234',
            accountId: 'A'.repeat(22),
            cip: 'tram1234',
            clientAddress: '192.0.2.7',
            reason: null,
            details: '{}',
            keyId: 'bench',
          }
          hash = chainHash(ring, hash, row)
          return { ...row, hash }
        })
        for (let part = 0; part < rows.length; part += 50)
          await trx('auditEvents').insert(rows.slice(part, part + 50))
      }
      await trx('auditHead').where({ id: 1 }).update({ sequence: ROWS, hash })
    })
    let verification: { ok: boolean } = { ok: false }
    const elapsed = await time(async () => {
      verification = await verifyAuditLog({ store, ring })
    })
    const perSecond = ROWS / (elapsed / 1000)
    print(
      `${ROWS} rows verified (${verification.ok ? 'intact' : 'BROKEN'}) in ${(elapsed / 1000).toFixed(2)} s: ${Math.round(perSecond)} rows/s ${perSecond >= 100_000 ? 'holds' : 'BREAKS'} 100000`,
    )
  } finally {
    await db.destroy()
    rmSync(folder, { recursive: true, force: true })
  }
}
