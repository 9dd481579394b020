// Who asks, and in which language they read: the one chosen by the switch, else the one the provider says
// they read, else the one their browser prefers.

import type { Settings } from '../config.js'
import type { Context, Middleware } from '../context.js'
import { COOKIE_OPTIONS, LANGUAGE_COOKIE, SESSION_COOKIE } from '../cookies.js'
import { languageOf } from '../language.js'
import type { Sessions } from '../sessions.js'

const YEAR_MS = 365 * 24 * 3_600_000

export function visitor({ settings, sessions }: { settings: Settings; sessions: Sessions }): Middleware {
  const isHttps = settings.baseUrl.startsWith('https:')

  return async (ctx, next) => {
    if (!ctx.url.startsWith('/')) {
      ctx.status = 400 // an absolute address, as a proxy is asked for: Koa's parser throws at some of them
      return
    }
    ctx.cookies.secure = isHttps // not what the connection is: behind a proxy it is plain

    const session = sessions.find(ctx.cookies.get(SESSION_COOKIE))
    const switchedTo = languageOf(ctx.query.lang)
    if (switchedTo) ctx.cookies.set(LANGUAGE_COOKIE, switchedTo, { ...COOKIE_OPTIONS, maxAge: YEAR_MS })
    const chosenLanguage = switchedTo ?? languageOf(ctx.cookies.get(LANGUAGE_COOKIE))
    const ownLanguage = languageOf(session?.userInfo.locale ?? session?.claims.locale)

    ctx.state = { session, chosenLanguage, language: chosenLanguage ?? ownLanguage ?? preferredLanguage(ctx) }
    await next()
  }
}

function preferredLanguage(ctx: Context) {
  return ctx.acceptsLanguages('fr', 'en') === 'en' ? 'en' : 'fr-CA'
}
