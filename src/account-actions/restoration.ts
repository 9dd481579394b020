// What must not live again when the database is put back to an earlier moment: sessions that were ended
// meanwhile, codes that were used, activation codes that were spent. Nobody knows which, so all of them end.
// Known browsers and waits stay: they let nobody in. Safe to do twice.

import type { Repositories, Store } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditEvent, AuditLog } from '../audit/audit-log.js'
import { stepAt, TOLERATED_STEPS } from '../second-factors/totp.js'

const BATCH = 100

export type Ended = { accounts: number; sessions: number; devices: number; activationCodes: number }

type Dependencies = {
  store: Store
  audit: AuditLog
  /** Every session, grant and token of an account ends, and the applications are told. */
  endSessions: (tx: Repositories, accountId: string) => Promise<void>
  now: () => number
}

export function createRestoration({ store, audit, endSessions, now }: Dependencies) {
  /** Returns how many activation codes could still have been used. */
  const endAccounts = (ids: readonly string[]): Promise<number> =>
    store.transaction(async (tx) => {
      let withdrawn = 0
      for (const id of ids) {
        await endSessions(tx, id)
        withdrawn += await tx.activationCodes.withdraw(id, now())
      }
      return withdrawn
    })

  return {
    /** The event comes last: while it is not there, it has not been done to its end. */
    async endAll(actor: Actor, told: AuditEvent['details']): Promise<Ended> {
      const sessions = await store.oidcArtifacts.countLive('Session', now())
      const ids = (await store.accounts.list()).map(({ id }) => id)
      let activationCodes = 0
      for (let start = 0; start < ids.length; start += BATCH)
        activationCodes += await endAccounts(ids.slice(start, start + BATCH))
      return store.transaction(async (tx) => {
        // A phone that is ahead may have shown the next step's code already.
        const devices = await tx.secondFactors.useAllTo(stepAt(now()) + TOLERATED_STEPS)
        await tx.oidcArtifacts.endAll(now())
        const ended = { accounts: ids.length, sessions, devices, activationCodes }
        await audit.record(tx, { event: 'backup.restored', actor, details: { ...told, ...ended } })
        return ended
      })
    },
  }
}
