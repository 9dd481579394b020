// What the pages of a signed-in person share: the tabs, and at the end, under a fold, what the provider said.

import type { Language } from '../language.js'
import { MFA_ACR } from '../oidc/step-up.js'
import type { Identity } from '../sessions.js'
import { formatMoment } from './formats.js'
import { html, type Content, type Html } from './html.js'
import { layout, type Layout } from './layout.js'
import { texts } from './texts.js'

const TIMES = new Set(['auth_time', 'exp', 'iat', 'updated_at'])

export function signedInPage(
  options: Layout & Required<Pick<Layout, 'tab'>>,
  identity: Identity,
  content: Content,
): string {
  return layout(
    options,
    html`${content}
${claimsFold(options.language, identity)}`,
  )
}

export function nameOf({ userInfo, claims }: Identity): string {
  const names = [userInfo.name, claims.name, userInfo.preferred_username]
  return names.find((name) => typeof name === 'string') ?? claims.sub
}

/** Rows of a definition list; what is not known has none. */
export function facts(rows: readonly (readonly [name: string, value: Content])[]): Html {
  const known = rows.filter(([, value]) => value !== undefined)
  return html`<dl class="facts">${known.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>
`,
  )}</dl>`
}

/** A claim that is text, else undefined. */
export function claimOf({ userInfo, claims }: Identity, name: string): string | undefined {
  const value = userInfo[name] ?? claims[name]
  return typeof value === 'string' ? value : undefined
}

function claimsFold(language: Language, { claims, userInfo }: Identity): Html {
  const text = texts[language]
  const rows = Object.entries({ ...userInfo, ...claims }).map(
    ([name, value]) =>
      html`<tr><th scope="row"><code>${name}</code></th><td>${readable(name, value, language)}</td></tr>`,
  )
  return html`<details class="technical">
<summary>${text.technicians}</summary>
<p class="quiet">${text.aboutClaims}</p>
<table class="claims">
<thead><tr><th scope="col">${text.claim}</th><th scope="col">${text.value}</th></tr></thead>
<tbody>${rows}</tbody>
</table>
</details>`
}

function readable(name: string, value: unknown, language: Language): string {
  if (TIMES.has(name) && typeof value === 'number') return `${formatMoment(value, language)} (${value})`
  if (name === 'acr' && value === MFA_ACR) return `${MFA_ACR} (${texts[language].acrHigh})`
  if (Array.isArray(value)) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
