// Places in line that are asked for at another process than the one that keeps them: when they were last
// asked for, and when their keeper last said that it is there.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

export type StoredWaitingPlace = { place: string; polledAt: number; heldAt: number }

export type WaitingPlacesRepository = ReturnType<typeof createWaitingPlacesRepository>

export function createWaitingPlacesRepository(db: Knex) {
  const places = () => db<StoredWaitingPlace>('waiting_places')
  return {
    /** Asks for a place; answers when its keeper was last there, which is now for the first who asks. */
    async poll(place: string, now: number): Promise<number> {
      const [row] = await places()
        .insert({ place, polledAt: now, heldAt: now })
        .onConflict('place')
        .merge({ polledAt: now })
        .returning('heldAt')
      return row?.heldAt ?? now
    },

    /** The keeper is there; answers those of its places that were asked for elsewhere. */
    hold: (kept: readonly string[], now: number): Promise<Pick<StoredWaitingPlace, 'place' | 'polledAt'>[]> =>
      places().whereIn('place', kept).update({ heldAt: now }).returning(['place', 'polledAt']),

    deleteUnpolled: (before: number, limit: number): Promise<number> =>
      deleteSome(db, () => places().where('polledAt', '<', before), ['place'], limit),
  }
}
