// The cookie of a browser whose person asked to be greeted: what it holds is remembered-people.ts's.

import type { Context } from 'koa'
import { lastingCookie } from '../../src/http/lasting-cookie.js'
import type { Account } from '../../src/accounts/accounts.js'
import { KNOWN_BROWSER_MS, type Visitor } from '../../src/sign-ins/known-browsers.js'
import type { RememberedPeopleService } from '../../src/sign-ins/remembered-people.js'
import type { PageSettings } from '../page-settings.js'

export type RememberedCookie = ReturnType<typeof createRememberedCookie>

type Dependencies = {
  people: RememberedPeopleService
  config: Pick<PageSettings, 'isHttps' | 'isSharedNetwork'>
}

export function createRememberedCookie({ people, config }: Dependencies) {
  const { isHttps, isSharedNetwork } = config
  const name = isHttps ? '__Host-remembered' : 'laissez-passer-remembered'
  const brought = (ctx: Context): string | undefined => ctx.cookies.get(name, { signed: false })

  /** An empty value takes it away. */
  function set(ctx: Context, value: string): void {
    ctx.cookies.set(name, value, lastingCookie({ isHttps, keptMs: KNOWN_BROWSER_MS }))
  }

  return {
    /** Who is greeted; a cookie that names nobody any more goes. On a ward's computer nobody is. */
    async read(ctx: Context, visitor: Visitor): Promise<Account | undefined> {
      const cookie = brought(ctx)
      if (cookie === undefined || isSharedNetwork(visitor.clientAddress)) return undefined
      const account = await people.find(cookie, visitor)
      if (account === undefined) set(ctx, '')
      return account
    },

    forget(ctx: Context): void {
      if (brought(ctx) !== undefined) set(ctx, '')
    },

    /** A sign-in has ended here: who is not the one remembered, or shares the computer, ends the greeting. */
    conclude(
      ctx: Context,
      { accountId, isSharedComputer }: { accountId: string; isSharedComputer: boolean },
      remembers: boolean,
    ): void {
      const cookie = brought(ctx)
      if (remembers) set(ctx, people.seal(accountId))
      else if (cookie !== undefined && (isSharedComputer || !people.isOf(cookie, accountId))) set(ctx, '')
    },
  }
}
