// The session that a browser brings, as far as it is worth something: both factors, an account that is there,
// and nobody has ended it.

import type { Context } from 'koa'
import type { Provider } from 'oidc-provider'
import type { Account } from '../accounts/accounts.js'
import { isSignInAlive } from './sessions.js'

/** Whose session it is, by the session's `uid`; undefined for another one, or none. */
export type LivingSession = (ctx: Context, uid: string) => Promise<Account | undefined>

type Dependencies = {
  provider: () => Provider
  findAccount: (accountId: string) => Promise<Account | undefined>
}

export function createLivingSession({ provider, findAccount }: Dependencies): LivingSession {
  return async (ctx, uid) => {
    const { uid: brought, accountId = '', amr, loginTs = 0 } = await provider().Session.get(ctx)
    if (brought !== uid || amr?.includes('otp') !== true) return undefined
    const account = await findAccount(accountId)
    return isSignInAlive(account, loginTs) ? account : undefined
  }
}
