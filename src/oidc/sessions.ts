// Ends every session of an account at once: an operator's act, a new password, a consent taken back. Whoever
// relied on one of them is told (back-channel sign-out), in the same transaction: all of it happens or
// nothing. Rows that are deleted are not enough: a request under way may save its code or its token a moment
// later. So the account keeps when it was, and whatever rests on an earlier sign-in is dead (`hasEnded`).

import type { Repositories } from '../../db/store.js'
import type { KeyRing } from '../key-ring.js'
import { AppError } from '../errors.js'
import { openArtifact } from './sealed-artifact.js'
import { queueLogoutNotice } from './logout/backchannel-logout.js'

/**
 * Ends the sessions, grants, codes and tokens of an account. `verifiedAt`: of the sign-in that asks for it
 * and itself goes on; what rests on an earlier one is dead.
 */
export type EndSessions = (tx: Repositories, accountId: string, verifiedAt?: number) => Promise<void>

/**
 * True when the sessions of an account were ended after this sign-in. `authTime` counts seconds, and the same
 * second is before: whoever signs in after the act is given the next one (complete.ts).
 */
export const hasEnded = (
  { sessionsEndedAt }: { sessionsEndedAt: number | null },
  authTime: number,
): boolean => sessionsEndedAt !== null && Math.floor(sessionsEndedAt / 1000) >= authTime

/** True while an account is there and not disabled, and the sign-in not ended. */
export const isSignInAlive = (
  account: { disabledAt: number | null; sessionsEndedAt: number | null } | undefined,
  authTime: number,
): boolean => account !== undefined && account.disabledAt === null && !hasEnded(account, authTime)

export function createSessions({ ring, now }: { ring: KeyRing; now: () => number }): { endAll: EndSessions } {
  /** A row that does not open must not keep a session alive: then nobody is told, but it ends. */
  function authorizationsOf(row: Parameters<typeof openArtifact>[1]): [clientId: string, sid: string][] {
    try {
      const { authorizations = {} } = openArtifact(ring, row)
      return Object.entries(authorizations).flatMap(([clientId, { sid }]) =>
        sid === undefined ? [] : [[clientId, sid]],
      )
    } catch (error) {
      if (error instanceof AppError) return []
      throw error
    }
  }

  return {
    async endAll(tx, accountId, verifiedAt) {
      if (verifiedAt === undefined) await tx.accounts.endSessions(accountId, now())
      else await tx.accounts.endSessionsBefore(accountId, Math.floor(verifiedAt / 1000) * 1000 - 1)
      // Those that ran out are told of too, as long as their rows are kept: the application's own session may
      // live longer.
      for (const row of await tx.oidcArtifacts.listByAccount(accountId, 'Session')) {
        for (const [clientId, sid] of authorizationsOf(row)) {
          if (await wantsNotices(tx, clientId))
            await queueLogoutNotice(tx, { clientId, accountId, sid }, now(), 0)
        }
      }
      await tx.oidcArtifacts.endAccount(accountId, now())
    },
  }
}

async function wantsNotices(tx: Repositories, clientId: string): Promise<boolean> {
  const client = await tx.clients.find(clientId)
  return client !== undefined && 'backchannel_logout_uri' in (JSON.parse(client.metadata) as object)
}
