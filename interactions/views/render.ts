// Puts a page into the frame and into the response.

import type { Context } from 'koa'
import { stateOf } from '../../src/http/request-state.js'
import { translator, type Locale } from '../../src/i18n.js'
import type { Page } from '../sign-in/step.js'
import { renderPage, type Site } from './layout.js'

type Options = { locale?: Locale; status?: number; isRefused?: boolean }

export type PageRenderer = ReturnType<typeof createPageRenderer>

export function createPageRenderer(site: Site) {
  function html(ctx: Context, page: Page, options: Options = {}): string {
    const locale = options.locale ?? stateOf(ctx).locale
    return renderPage({
      ...page,
      site,
      locale,
      t: translator(locale),
      switchUrl: switchUrl(ctx, locale),
      isRefused: options.isRefused ?? false,
    })
  }

  return {
    html,
    send(ctx: Context, page: Page, options: Options = {}): void {
      ctx.status = options.status ?? 200
      ctx.type = 'html'
      ctx.body = html(ctx, page, options)
    },
  }
}

/** The address of this very page in the other language; relative, so it can lead nowhere else. */
function switchUrl(ctx: Context, locale: Locale): string {
  const query = new URLSearchParams(ctx.querystring)
  query.set('lang', locale === 'en' ? 'fr-CA' : 'en')
  return `?${query.toString()}`
}
