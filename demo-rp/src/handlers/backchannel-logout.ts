// POST /backchannel-logout: the provider, not a person, says that a session is over (Back-Channel Logout 1.0
// §2.5 and §2.8).

import type { Context } from '../context.js'
import { readForm } from '../form.js'
import type { LogoutTokens } from '../oidc/logout-tokens.js'
import type { Sessions } from '../sessions.js'

export interface BackchannelLogoutDeps {
  logoutTokens: LogoutTokens
  sessions: Sessions
}

export function createBackchannelLogout({ logoutTokens, sessions }: BackchannelLogoutDeps) {
  return async (ctx: Context): Promise<void> => {
    const form = await readForm(ctx)
    const result = await logoutTokens.verify(form.get('logout_token'))
    if (result.ok) {
      sessions.endBySubject(result.subject)
      ctx.body = ''
    } else {
      ctx.status = 400
      ctx.body = { error: 'invalid_request', error_description: result.problem }
    }
  }
}
