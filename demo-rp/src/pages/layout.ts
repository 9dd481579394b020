// What every page of eEspresso has around it.

import type { Language } from '../language.js'
import { html, type Content, type Html } from './html.js'
import { texts } from './texts.js'

export type Tab = 'pay' | 'schedule' | 'file'

export interface Layout {
  language: Language
  title: string
  /** an address that may be opened in the other language without losing anything; no switch without it */
  switchAt?: string
  /** where a signed-in person is: the page has tabs and a way out */
  tab?: Tab
  isNarrow?: boolean
}

/** In this order; a later one has the last word. */
export const STYLE_SHEETS = ['style.css', 'frame.css', 'forms.css', 'cards.css', 'tables.css', 'print.css']

const TABS: readonly (readonly [Tab, address: string])[] = [
  ['pay', '/'],
  ['schedule', '/schedule'],
  ['file', '/file'],
]

export function layout({ language, title, switchAt, tab, isNarrow }: Layout, content: Content): string {
  const text = texts[language]
  const other = language === 'en' ? 'fr-CA' : 'en'
  const languageSwitch =
    switchAt &&
    html`<a href="${switchAt}?lang=${other}" lang="${other}" hreflang="${other}">${text.otherLanguage}</a>`
  const signOut =
    tab &&
    html`<form method="post" action="/sign-out">
<button class="on-band" aria-describedby="sign-out-hint">${text.signOut}</button>
</form>`

  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – eEspresso</title>
<link rel="icon" href="/cup.svg" type="image/svg+xml">
${STYLE_SHEETS.map(
  (name) => html`<link rel="stylesheet" href="/${name}">
`,
)}</head>
<body>
<a class="skip" href="#content">${text.skip}</a>
<header class="band"><div>
<p class="brand">
<img src="/cup.svg" alt="" width="40" height="40">
<span>eEspresso <small>${text.tagline}</small></span>
</p>
<div class="tools">${languageSwitch}${signOut}</div>
</div></header>
${tab && tabs(language, tab)}
<main id="content" tabindex="-1"${isNarrow ? html` class="narrow"` : ''}>
${content}
</main>
<footer><div>
<p>${text.demonstration}</p>
${tab && html`<p id="sign-out-hint" class="screen">${text.signOutHint}</p>`}
</div></footer>
</body>
</html>
`.source
}

function tabs(language: Language, current: Tab): Html {
  const text = texts[language]
  const link = ([tab, address]: (typeof TABS)[number]) =>
    html`<li><a href="${address}"${tab === current ? html` aria-current="page"` : ''}>${text.tabs[tab]}</a></li>
`
  return html`<nav class="tabs" aria-label="${text.tabsLabel}"><ul>
${TABS.map(link)}</ul></nav>`
}
