// The pages of signing out: here first, then at the provider, and back to a page that says so.

import type { Settings } from '../config.js'
import { seeOther, type Context } from '../context.js'
import { COOKIE_OPTIONS, SESSION_COOKIE } from '../cookies.js'
import { languageOf } from '../language.js'
import type { EndSessionAddress } from '../oidc/end-session.js'
import { signedOutPage } from '../pages/signed-out.js'
import type { Sessions } from '../sessions.js'

export interface SignOutHandlersDeps {
  settings: Settings
  endSessionAddress: EndSessionAddress
  sessions: Sessions
}

export function createSignOutHandlers({ settings, endSessionAddress, sessions }: SignOutHandlersDeps) {
  /** POST /sign-out */
  async function signOut(ctx: Context): Promise<void> {
    const { session, language, chosenLanguage } = ctx.state
    ctx.cookies.set(SESSION_COOKIE, null, COOKIE_OPTIONS)
    if (session === undefined) return seeOther(ctx, `${settings.baseUrl}/signed-out`)
    sessions.end(session.id)
    const { idToken } = session
    seeOther(ctx, await endSessionAddress({ idToken, language, chosenLanguage }))
  }

  /** GET /signed-out: in the language that the session had, carried through the provider by `state`. */
  function signedOut(ctx: Context): void {
    const { session, language, chosenLanguage } = ctx.state
    if (session) return seeOther(ctx, `${settings.baseUrl}/`)
    ctx.body = signedOutPage(chosenLanguage ?? languageOf(ctx.query.state) ?? language)
  }

  return { signOut, signedOut }
}
