// Each authorization request of a stranger is kept until it is answered or has run out. One source may have
// so many of them in a quarter of an hour; beyond that it waits, and whoever is signed in goes on.

import type { Context, Middleware } from 'koa'
import type { Store } from '../../db/store.js'
import { AppError } from '../errors.js'
import { clientAddressOf } from '../http/client-address.js'
import { networkOf } from '../networks.js'
import { reserveAttempt, secondsToWait, type AttemptKey } from '../rate-limits.js'

type Dependencies = {
  store: Store
  now: () => number
  /** True for the addresses where such a request comes in. */
  takesRequests: (path: string) => boolean
  isSignedIn: (ctx: Context) => Promise<boolean>
}

export function limitedBySource({ store, now, takesRequests, isSignedIn }: Dependencies): Middleware {
  return async (ctx, next) => {
    if (!takesRequests(ctx.path)) {
      await next()
      return
    }
    const key: AttemptKey = { limit: 'requests-source', subject: networkOf(clientAddressOf(ctx)) }
    const retryAfterSeconds = await secondsToWait(store, [key], now())
    if (retryAfterSeconds > 0 && !(await isSignedIn(ctx)))
      throw new AppError('too-many-requests', 429, 'too many requests of this source', { retryAfterSeconds })
    await next()
    // Counted once it is known to be kept; what a burst has beyond the limit is let be.
    if (isKept(ctx)) await store.transaction((tx) => reserveAttempt(tx, [key], now()))
  }
}

/** The beginning of an interaction, or a pushed request. */
const isKept = ({ status, response }: Context): boolean =>
  status === 201 || (status === 303 && response.get('Location').startsWith('/interaction/'))
