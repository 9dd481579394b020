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
      matchLocale(acceptedLanguages(ctx.get('Accept-Language'))) ??
      defaultLocale
    Object.assign(ctx.state, { chosenLocale: chosen, locale, t: translator(locale) })
    await next()
  }
}

/** Forgets the choice, so that the next person at the same computer starts in the default one. */
export function forgetLocaleChoice(ctx: Parameters<Middleware>[0]): void {
  ctx.cookies.set(COOKIE, null, { signed: false, path: '/' })
}

/** Language tags of an Accept-Language header, best first (RFC 9110 §12.5.4). */
export function acceptedLanguages(header: string): string[] {
  return header
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const quality = parameters
        .map((parameter) => /^\s*q=([0-9.]+)/.exec(parameter)?.[1])
        .find((value) => value !== undefined)
      return { tag, quality: quality === undefined ? 1 : Number(quality) }
    })
    .filter(({ tag, quality }) => tag !== '' && quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map(({ tag }) => tag)
}
