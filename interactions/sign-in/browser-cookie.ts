// The cookie of a browser that has completed a sign-in: what it holds is known-browsers.ts's.

import type { Context } from 'koa'
import { lastingCookie } from '../../src/http/lasting-cookie.js'
import { browserNameOf } from '../../src/sign-ins/browser-name.js'
import {
  KNOWN_BROWSER_MS,
  type KnownBrowsersService,
  type Visitor,
} from '../../src/sign-ins/known-browsers.js'
import { clientAddressOf } from '../../src/http/client-address.js'

export type BrowserCookie = ReturnType<typeof createBrowserCookie>

export function createBrowserCookie({
  knownBrowsers,
  isHttps,
}: {
  knownBrowsers: KnownBrowsersService
  isHttps: boolean
}) {
  const name = isHttps ? '__Host-browser' : 'laissez-passer-browser'
  return {
    visitorOf: (ctx: Context): Visitor => ({
      clientAddress: clientAddressOf(ctx),
      browserIds: knownBrowsers.read(ctx.cookies.get(name, { signed: false })),
      browserName: browserNameOf(ctx.get('User-Agent')),
    }),

    /** An empty value takes the cookie away. */
    set(ctx: Context, value: string): void {
      ctx.cookies.set(name, value, lastingCookie({ isHttps, keptMs: KNOWN_BROWSER_MS }))
    },
  }
}
