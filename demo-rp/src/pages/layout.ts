// What every page of eEspresso has around it.

import type { Language } from '../language.js'
import { html, type Content, type Html } from './html.js'
import { texts } from './texts.js'

export interface Layout {
  language: Language
  title: string
  /** an address that may be opened in the other language without losing anything; no switch without it */
  switchAt?: string
  /** what belongs to the person, at the top right */
  aside?: Html
  isNarrow?: boolean
}

export function layout({ language, title, switchAt, aside, isNarrow }: Layout, content: Content): string {
  const text = texts[language]
  const other = language === 'en' ? 'fr-CA' : 'en'
  const languageSwitch =
    switchAt &&
    html`<a href="${switchAt}?lang=${other}" lang="${other}" hreflang="${other}">${text.otherLanguage}</a>`

  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – eEspresso</title>
<link rel="icon" href="/cup.svg" type="image/svg+xml">
<link rel="stylesheet" href="/style.css">
</head>
<body>
<header>
<p class="brand">
<img src="/cup.svg" alt="" width="40" height="40">
<span>eEspresso <small>${text.tagline}</small></span>
</p>
<div class="tools">${languageSwitch}${aside}</div>
</header>
<main${isNarrow ? html` class="narrow"` : ''}>
${content}
</main>
<footer><p>${text.demonstration}</p></footer>
</body>
</html>
`.source
}
