// Places in line of people whose password cannot be looked at yet. The password waits in the memory of the
// process that took it, nowhere else; a place is kept as long as the person's page asks for it, at whichever
// process. Asked for at its keeper, it never touches the database.

import type { Store } from '../../db/store.js'
import { randomId } from '../key-ring.js'

/** A place that nobody asks for so long is given up; a keeper that says nothing for so long is gone. */
const SILENCE_MS = 15_000
/** Nobody waits longer: better to be told to come back. */
const LONGEST_WAIT_MS = 3 * 60_000
/** Rows of places that are over; only who asked for them would miss them. */
export const WAITING_PLACE_KEPT_MS = 3_600_000

type Kept = { giveUp: () => void; since: number; askedAt: number; over: PromiseWithResolvers<void> }

export type WaitingPlacesService = ReturnType<typeof createWaitingPlaces>

export function createWaitingPlaces({
  store,
  now,
}: {
  store: Pick<Store, 'waitingPlaces'>
  now: () => number
}) {
  const kept = new Map<string, Kept>()

  function release(place: string): void {
    kept.get(place)?.over.resolve()
    kept.delete(place)
  }

  return {
    /** Keeps a place until its answer is there; `giveUp` is called when nobody asks for it any more. */
    take(giveUp: () => void): string {
      const place = randomId()
      kept.set(place, { giveUp, since: now(), askedAt: now(), over: Promise.withResolvers<void>() })
      return place
    },

    /** The answer is where the person finds it. */
    release,

    /** The person wants it no more. Without effect at another process, where it is soon given up. */
    giveUp(place: string): void {
      const own = kept.get(place)
      release(place)
      own?.giveUp()
    },

    /** Whether its answer is still wanted. */
    isKept: (place: string): boolean => kept.has(place),

    /** Asks for a place: whether somebody still keeps it. */
    async ask(place: string): Promise<boolean> {
      const own = kept.get(place)
      if (own === undefined) return (await store.waitingPlaces.poll(place, now())) > now() - SILENCE_MS
      own.askedAt = now()
      return true
    },

    /** Every few seconds: who was asked for elsewhere is kept, who was not asked for is given up. */
    async keep(): Promise<void> {
      if (kept.size === 0) return
      for (const { place, polledAt } of await store.waitingPlaces.hold([...kept.keys()], now())) {
        const own = kept.get(place)
        if (own !== undefined) own.askedAt = Math.max(own.askedAt, polledAt)
      }
      for (const { giveUp, since, askedAt } of kept.values())
        if (askedAt <= now() - SILENCE_MS || since <= now() - LONGEST_WAIT_MS) giveUp()
    },

    /** The process stops: all places are given up, and whoever had one is told so. */
    async end(): Promise<void> {
      const places = [...kept.values()]
      for (const { giveUp } of places) giveUp()
      await Promise.all(places.map(({ over }) => over.promise))
    },
  }
}
