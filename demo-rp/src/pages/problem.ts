// One page for all that can go wrong: what happened, what to do next. Never a stack trace, never the
// provider's own words.

import type { Language } from '../language.js'
import type { Refusal } from '../oidc/sign-in.js'
import { html } from './html.js'
import { layout } from './layout.js'
import { texts } from './texts.js'
import { problemTexts } from './texts/problems.js'

export interface Problem {
  reason: Refusal['reason'] | 'bad-link' | 'bug' | 'not-found' | 'provider-unavailable'
  code?: string
}

export function problemPage(language: Language, { reason, code }: Problem): string {
  const { title, explanation, wayOn } = problemTexts[language][reason]
  // The code comes by way of the browser: only what looks like a code of RFC 6749 §4.1.2.1 is shown.
  const shownCode = code !== undefined && /^[a-z_]{1,60}$/.test(code) ? code : undefined

  return layout(
    { language, title, isNarrow: true, ...(reason === 'provider-unavailable' && { switchAt: '/' }) },
    html`<h1>${title}</h1>
<p>${explanation}</p>
${shownCode && html`<p class="quiet">${texts[language].problemCode} <code>${shownCode}</code></p>`}
<p><a class="button" href="/">${wayOn}</a></p>`,
  )
}
