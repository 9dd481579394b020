// Where a person lands after signing out. It does not begin a new sign-in by itself, or signing out would go
// in a circle.

import type { Language } from '../language.js'
import { html } from './html.js'
import { layout } from './layout.js'
import { texts } from './texts.js'

export function signedOutPage(language: Language): string {
  const text = texts[language]
  return layout(
    { language, title: text.signedOut, switchAt: '/signed-out', isNarrow: true },
    html`<h1>${text.signedOut}</h1>
<p>${text.signedOutHint}</p>
<p><a class="button" href="/">${text.signInAgain}</a></p>`,
  )
}
