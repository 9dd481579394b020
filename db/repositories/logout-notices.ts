// Back-channel sign-out notices that a relying party has not taken yet. A claim moves the next try, so two
// processes never send one at once.

import type { Knex } from 'knex'

export type StoredLogoutNotice = {
  id: string
  clientId: string
  accountId: string
  sid: string
  tries: number
  createdAt: number
  nextTryAt: number
}

export type LogoutNoticesRepository = ReturnType<typeof createLogoutNoticesRepository>

export function createLogoutNoticesRepository(db: Knex) {
  const notices = () => db<StoredLogoutNotice>('logout_notices')
  return {
    async insert(notice: StoredLogoutNotice): Promise<void> {
      await notices().insert(notice)
    },

    listDue: (now: number, limit: number): Promise<StoredLogoutNotice[]> =>
      notices().where('nextTryAt', '<=', now).orderBy('nextTryAt').limit(limit),

    async claim(id: string, seenNextTryAt: number, nextTryAt: number): Promise<boolean> {
      return (
        (await notices()
          .where({ id, nextTryAt: seenNextTryAt })
          .update({ nextTryAt, tries: db.raw('tries + 1') })) === 1
      )
    },

    async remove(id: string): Promise<void> {
      await notices().where({ id }).delete()
    },
  }
}
