// Wrong secrets of a client, from one network: the tenth in a row is an event of the audit log, and from
// there on they are answered 429. A right secret is let in at any time: it was made here and has 256 bits, so
// that no number of guesses finds it, and a stranger behind the same address must lock nobody out (OIDC-11).

import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Store } from '../../../db/store.js'
import type { AuditLog } from '../../audit/audit-log.js'
import { clientAddressOf } from '../../http/client-address.js'
import type { KeyRing } from '../../key-ring.js'
import { networkOf } from '../../networks.js'
import { reserveAttempt, subjectAt, type AttemptKey } from '../../rate-limits.js'

type Dependencies = { store: Store; ring: KeyRing; audit: AuditLog; now: () => number }

export function createWrongSecrets({ store, ring, audit, now }: Dependencies) {
  /** Counts one; answers how long whoever sends them should wait, 0 for not at all. */
  return (ctx: KoaContextWithOIDC, clientId: string): Promise<number> => {
    const clientAddress = clientAddressOf(ctx)
    const subject = subjectAt(ring.mac('lookup', `client:${clientId}`), networkOf(clientAddress))
    const key: AttemptKey = { limit: 'client-secret-network', subject }
    return store.transaction(async (tx) => {
      const reservation = await reserveAttempt(tx, [key], now())
      if (!reservation.ok) return reservation.waitSeconds
      const failures = reservation.reserved[0]?.failures ?? 0
      if (/^10+$/.test(String(failures)))
        await audit.record(tx, {
          event: 'client-secret.refused',
          outcome: 'refused',
          actor: { name: `client:${clientId}`, clientAddress },
          details: { client: clientId, failures },
        })
      return 0
    })
  }
}
