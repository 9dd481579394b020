// Which language to answer in: the person's choice, else what the application asks for, else the browser's,
// else the default.

import type { Middleware } from 'koa'
import { LOCALES, matchLocale, translator, type Locale } from '../i18n.js'

const COOKIE = 'laissez-passer-lang'

export function localeChoice({
  defaultLocale,
  isHttps,
}: {
  defaultLocale: Locale
  isHttps: boolean
}): Middleware {
  return async (ctx, next) => {
    const asked = LOCALES.find((locale) => locale === ctx.query['lang'])
    const chosen = asked ?? LOCALES.find((locale) => locale === ctx.cookies.get(COOKIE, { signed: false }))
    if (asked !== undefined)
      ctx.cookies.set(COOKIE, asked, {
        signed: false,
        httpOnly: true,
        sameSite: 'lax',
        secure: isHttps,
        path: '/',
      })
    const uiLocales = ctx.query['ui_locales']
    const locale =
      chosen ??
      matchLocale(typeof uiLocales === 'string' ? uiLocales.split(' ') : []) ??
      matchLocale(ctx.acceptsLanguages()) ??
      defaultLocale
    Object.assign(ctx.state, { chosenLocale: chosen, locale, t: translator(locale) })
    await next()
  }
}

/** Forgets the choice, so that the next person at the same computer starts in the default one. */
export function forgetLocaleChoice(ctx: Parameters<Middleware>[0]): void {
  ctx.cookies.set(COOKIE, null, { signed: false, path: '/' })
}
