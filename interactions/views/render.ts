// Puts a page into the frame and into the response.

import type { Context } from 'koa'
import { clientAddressOf } from '../../src/http/client-address.js'
import { stateOf } from '../../src/http/request-state.js'
import { translator, type Locale } from '../../src/i18n.js'
import type { Organisation } from '../../src/organisation/organisation.js'
import type { Page } from '../sign-in/step.js'
import { renderPage, type Site } from './layout.js'

/** What is the same on every page of one installation. */
export type SiteSettings = Pick<
  Site,
  'assetUrl' | 'logoUrl' | 'touchIconUrl' | 'bandColours' | 'styleUrls'
> & {
  organisation: Organisation
  isSharedNetwork: (clientAddress: string) => boolean
}

type Options = { locale?: Locale; status?: number; isRefused?: boolean }

export type PageRenderer = ReturnType<typeof createPageRenderer>

export function createPageRenderer(
  { organisation, isSharedNetwork, ...site }: SiteSettings,
  now: () => number,
) {
  function html(ctx: Context, page: Page, options: Options = {}): string {
    const locale = options.locale ?? stateOf(ctx).locale
    return renderPage({
      ...page,
      site: {
        ...site,
        name: organisation.nameIn(locale),
        shortName: organisation.shortNameIn(locale),
        support: organisation.supportIn(locale, now()),
        isInside: isSharedNetwork(clientAddressOf(ctx)),
      },
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
