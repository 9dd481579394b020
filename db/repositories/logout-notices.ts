// Back-channel sign-out notices that a relying party has not taken yet. Taken or given up, the row goes.

import type { Knex } from 'knex'
import { queueOver, type QueuedRow } from '../queue.js'

export type StoredLogoutNotice = QueuedRow & { clientId: string; accountId: string; sid: string }

export type LogoutNoticesRepository = ReturnType<typeof createLogoutNoticesRepository>

export function createLogoutNoticesRepository(db: Knex) {
  return {
    async insert(notice: StoredLogoutNotice): Promise<void> {
      await db<StoredLogoutNotice>('logout_notices').insert(notice)
    },

    /** The clients that have not taken all that is theirs to know of this account. */
    async listClients(accountId: string): Promise<string[]> {
      const rows = await db<StoredLogoutNotice>('logout_notices')
        .where({ accountId })
        .distinct('clientId')
        .orderBy('clientId')
      return rows.map(({ clientId }) => clientId)
    },

    ...queueOver<StoredLogoutNotice>(db, 'logout_notices'),
  }
}
