// Where to lead whoever comes back to a sign-in that is over: to the application it was for. The browser
// itself keeps that, for a day, in a cookie that we have signed; the database keeps nothing of it.

import type { Context } from 'koa'
import { lastingCookie } from '../http/lasting-cookie.js'
import type { KeyRing } from '../key-ring.js'
import { CLIENT_ID } from './client-metadata.js'

const KEPT_MS = 24 * 3_600_000
/** As many sign-ins as one may have open in tabs; more would make the cookie long. */
const MOST = 5

/** The beginning of an interaction's id tells the few of one browser apart. */
const tagOf = (uid: string): string => uid.slice(0, 8)

type Entry = readonly [tag: string, clientId: string, expiresAt: number]

export type WayBackCookie = ReturnType<typeof createWayBackCookie>

type Dependencies = { ring: KeyRing; isHttps: boolean; now: () => number }

export function createWayBackCookie({ ring, isHttps, now }: Dependencies) {
  const name = isHttps ? '__Host-way-back' : 'laissez-passer-way-back'

  /** The latest first; none when the cookie is not ours. */
  function read(ctx: Context): Entry[] {
    const [text = '', mac = ''] = ctx.cookies.get(name, { signed: false })?.split('.') ?? []
    if (!ring.verifyMac('way-back', text, mac)) return []
    const entries = JSON.parse(Buffer.from(text, 'base64url').toString()) as Entry[]
    return entries.filter(([, , expiresAt]) => expiresAt > now())
  }

  return {
    /** Before the answer that begins an interaction leaves. */
    note(ctx: Context, uid: string, clientId: string): void {
      if (!CLIENT_ID.test(clientId)) return
      const entry: Entry = [tagOf(uid), clientId, now() + KEPT_MS]
      const text = Buffer.from(JSON.stringify([entry, ...read(ctx)].slice(0, MOST))).toString('base64url')
      ctx.cookies.set(
        name,
        `${text}.${ring.mac('way-back', text)}`,
        lastingCookie({ isHttps, keptMs: KEPT_MS }),
      )
    },

    /** The client of an interaction that this browser has begun. */
    clientOf: (ctx: Context, uid: string): string | undefined =>
      read(ctx).find(([tag]) => tag === tagOf(uid))?.[1],
  }
}
