// The library ends a session at a post to its confirmation, and nowhere else. Three times there is nothing to
// ask: an application vouches for the wish (our rule, in provider.ts), nobody is signed in, or another person
// has just signed in here. For the last two the library makes a page that submits itself, in English and by
// an inline script, which no setting replaces (M27). In all three its own action behind the confirmation runs
// at once, on the same request: all it needs lies in the session.

import type { Context, Middleware } from 'koa'
import type { KoaContextWithOIDC, OIDCContext } from 'oidc-provider'
import { confirm } from 'oidc-provider/lib/actions/end_session.js'

/** The question's form: where it is posted to, and the value that proves that we asked. */
export type SignOutForm = { action: string; xsrf: string }

export function signOutForm({ oidc }: KoaContextWithOIDC): SignOutForm {
  const xsrf = oidc.session?.state?.['secret']
  if (typeof xsrf !== 'string') throw new Error('the library prepared no sign-out')
  return { action: oidc.urlFor('end_session_confirm'), xsrf }
}

/**
 * Ends the session of a sign-out request that has passed the library's checks: tells the applications,
 * revokes what they hold, and answers with the way on.
 */
export async function signOut(ctx: KoaContextWithOIDC): Promise<void> {
  const endSession = confirm.at(-1)
  if (endSession === undefined) throw new Error('the library confirms no sign-out')
  Object.assign(ctx.oidc, { params: { logout: 'yes' } }) // what the form would have said
  await endSession(ctx, async () => {})
}

/** Around the provider: where the library answers with one of the pages that submit themselves. */
export function unaskedSignOuts(): Middleware {
  return async (ctx, next) => {
    await next()
    if (isPageToSubmit(ctx)) await signOut(ctx as unknown as KoaContextWithOIDC)
  }
}

/** The library's own conditions for these pages. Nothing else that these routes answer meets them. */
function isPageToSubmit(ctx: Context): boolean {
  const oidc = ctx['oidc'] as OIDCContext | undefined
  if (oidc === undefined || ctx.status !== 200) return false
  const inSession = oidc.session?.accountId
  if (oidc.route === 'end_session') return inSession === undefined
  const signedIn = oidc.entities.Interaction?.result?.login?.accountId
  const isOther = inSession !== undefined && signedIn !== undefined && inSession !== signedIn
  return oidc.route === 'resume' && isOther
}
