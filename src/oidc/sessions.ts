// Ends every session of an account at once: an operator's act, a new password. Whoever relied on one of them
// is told (back-channel sign-out), in the same transaction: either all of it happens or nothing.

import type { Repositories } from '../../db/store.js'
import type { KeyRing } from '../key-ring.js'
import { AppError } from '../errors.js'
import { openArtifact } from './sealed-artifact.js'
import { queueLogoutNotice } from './logout/backchannel-logout.js'

/** Ends the sessions, grants, codes and tokens of an account. */
export type EndSessions = (tx: Repositories, accountId: string) => Promise<void>

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
    async endAll(tx, accountId) {
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
