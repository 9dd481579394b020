// The frame of every page: header with the organisation and the language switch, one card, the support
// numbers below.

import type { ComponentChildren, VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { Locale, Translate } from '../../src/i18n.js'
import type { Support } from '../../src/organisation/organisation.js'
import { WhomToCall } from './support.js'

/** The organisation as this page shows it. */
export type Site = {
  name: string
  /** Where there is little room; the name itself when there is no other. */
  shortName: string
  support: Support
  /** The request comes from the organisation's own networks. */
  isInside: boolean
  assetUrl: (name: string) => string
  /** Undefined: a shield. */
  logoUrl: string | undefined
  touchIconUrl: string
  /** Of the band at the top. */
  bandColours: { light: string; dark: string }
  styleUrls: readonly string[]
}

export type PageFrame = {
  site: Site
  locale: Locale
  t: Translate
  title: string
  /** An asset of this page alone. */
  script?: string
  /** The same page in the other language. */
  switchUrl: string
  isWide?: boolean
  refreshSeconds?: number
  continueTo?: string
  isRefused?: boolean
  body: ComponentChildren
}

/** As in page.js. */
const CONTINUES_AFTER_SECONDS = 5

export function renderPage(frame: PageFrame): string {
  return `<!doctype html>\n${renderToString(<Layout {...frame} />)}`
}

function Layout({
  site,
  locale,
  t,
  title,
  script,
  switchUrl,
  isWide,
  refreshSeconds,
  continueTo,
  isRefused,
  body,
}: PageFrame): VNode {
  const otherLocale = locale === 'en' ? 'fr-CA' : 'en'
  return (
    <html lang={locale}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        {refreshSeconds === undefined ? null : <meta http-equiv="refresh" content={String(refreshSeconds)} />}
        {continueTo === undefined ? null : (
          <noscript>
            <meta http-equiv="refresh" content={`${CONTINUES_AFTER_SECONDS}; url=${continueTo}`} />
          </noscript>
        )}
        <title>{`${isRefused === true ? `${t('page.error-prefix')} ` : ''}${title} – ${site.shortName}`}</title>
        <link rel="icon" href={site.logoUrl ?? site.assetUrl('shield.svg')} />
        <link rel="apple-touch-icon" href={site.touchIconUrl} />
        <meta name="theme-color" content={site.bandColours.light} media="(prefers-color-scheme: light)" />
        <meta name="theme-color" content={site.bandColours.dark} media="(prefers-color-scheme: dark)" />
        {site.styleUrls.map((url) => (
          <link key={url} rel="stylesheet" href={url} />
        ))}
        {/* First: what it adds to the page is there before page.js scrolls to a field at fault. */}
        {script === undefined ? null : <script type="module" src={site.assetUrl(script)} />}
        <script type="module" src={site.assetUrl('page.js')} />
        <script type="module" src={site.assetUrl('time.js')} />
      </head>
      <body>
        <a class="skip" href="#main">
          {t('page.skip')}
        </a>
        <header class="band">
          <div>
            <span class="organisation">
              {site.logoUrl === undefined ? <Shield /> : <img src={site.logoUrl} alt="" />}
              <Name {...site} />
            </span>
            <a class="switch" href={switchUrl} hreflang={otherLocale} lang={otherLocale}>
              {t('page.other-language')}
            </a>
          </div>
        </header>
        <main id="main">
          <div class={isWide === true ? 'card wide' : 'card'}>{body}</div>
        </main>
        <footer>
          <WhomToCall {...site} locale={locale} t={t} />
        </footer>
      </body>
    </html>
  )
}

function Shield(): VNode {
  return (
    <svg
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d="M12 2.8 4 6v5.6c0 4.6 3.3 8.2 8 9.6 4.7-1.4 8-5 8-9.6V6z" />
      <path d="M12 8.2v7.2M8.4 11.8h7.2" stroke-linecap="round" />
    </svg>
  )
}

/** The style sheet shows one of the two. */
function Name({ name, shortName }: Pick<Site, 'name' | 'shortName'>): VNode {
  if (name === shortName) return <span>{name}</span>
  return (
    <>
      <span class="full-name">{name}</span>
      <span class="short-name">{shortName}</span>
    </>
  )
}
