// The tab « Paie »: one pay statement, and the way to the last six.

import type { Language } from '../language.js'
import { isoDay } from '../payroll/calendar.js'
import type { Statement } from '../payroll/payroll.js'
import type { Identity } from '../sessions.js'
import { formatCents, formatDay } from './formats.js'
import { html, type Html } from './html.js'
import { nameOf, signedInPage } from './signed-in.js'
import { statementCard } from './statement.js'
import { texts } from './texts.js'

export interface PayPage {
  language: Language
  identity: Identity
  /** the newest first */
  statements: readonly Statement[]
  shown: Statement
  /** the start page: it greets */
  isHome: boolean
  /** their first access */
  isNew: boolean
}

export function payPage({ language, identity, statements, shown, isHome, isNew }: PayPage): string {
  const text = texts[language]
  const title = text.payOf(formatDay(shown.period.paidOn, language))
  return signedInPage(
    { language, title, tab: 'pay', switchAt: isHome ? '/' : addressOf(shown) },
    identity,
    html`<h1 class="screen">${isHome ? text.greeting(nameOf(identity)) : title}</h1>
${isNew ? welcome(language) : undefined}
<div class="columns">
${statementCard(language, identity, shown)}
<section class="card screen" aria-labelledby="last-pays">
<h2 id="last-pays">${text.lastPays}</h2>
<ul class="pays">
${statements.map((statement) => link(language, statement, statement === shown))}</ul>
<p class="quiet">${text.printHint}</p>
</section>
</div>`,
  )
}

/** The last words of the printed procedure. */
function welcome(language: Language): Html {
  const text = texts[language]
  return html`<p class="notice screen" role="status"><strong>${text.accessGiven}</strong> ${text.nextAccess}</p>`
}

function link(language: Language, statement: Statement, isShown: boolean): Html {
  const { period, net } = statement
  return html`<li><a href="${addressOf(statement)}"${isShown ? html` aria-current="true"` : ''}>
<time datetime="${isoDay(period.paidOn)}">${formatDay(period.paidOn, language)}</time>
<span class="amount">${formatCents(net.cents, language)}</span></a></li>
`
}

function addressOf({ period }: Statement): string {
  return `/pay/${isoDay(period.paidOn)}`
}
