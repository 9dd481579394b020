// What all processes can hash together, as each of them has learnt of itself: the limit on all strangers
// together goes by it, or it could never act on a small machine, and would shut the door on many large ones.

import type { Store } from '../../db/store.js'
import type { PasswordHasher } from '../accounts/password.js'
import { randomId } from '../key-ring.js'
import { LIMITS } from '../limits.js'

/** A process that has said nothing for so long has stopped. */
export const HASHER_SILENCE_MS = 90_000
/** Strangers may fail at so much of what can be hashed before all of them are slowed down. */
const SHARE_OF_FAILURES = 0.75

export function createHashingCapacity({
  store,
  hasher,
  now,
}: {
  store: Pick<Store, 'hashers'>
  hasher: Pick<PasswordHasher, 'hashesPerSecond'>
  now: () => number
}) {
  const id = randomId()
  let ofAllPerMinute = 0

  return {
    /** Says what this process can do, and learns what all can. */
    async report(): Promise<void> {
      const perSecond = hasher.hashesPerSecond()
      if (perSecond !== undefined)
        await store.hashers.report({ id, hashesPerMinute: Math.round(perSecond * 60), seenAt: now() })
      ofAllPerMinute = await store.hashers.sumHashesPerMinute(now() - HASHER_SILENCE_MS)
    },

    /** How often strangers together may fail without a wait. */
    freeFailures(): number {
      const { free, forgetSeconds } = LIMITS['password-global']
      const perMinute = Math.max(ofAllPerMinute, (hasher.hashesPerSecond() ?? 0) * 60)
      if (perMinute === 0) return free
      return Math.min(free, Math.ceil(perMinute * (forgetSeconds / 60) * SHARE_OF_FAILURES))
    },
  }
}
