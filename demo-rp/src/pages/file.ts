// The tab « Mon dossier »: who one is, what one does, and where the pay goes.

import type { Language } from '../language.js'
import { nextPayday, today } from '../payroll/calendar.js'
import type { DirectDeposit } from '../payroll/direct-deposit.js'
import { employeeOf } from '../payroll/employee.js'
import type { Identity } from '../sessions.js'
import { formatCents, formatDay, formatTime } from './formats.js'
import { html, type Html } from './html.js'
import { claimOf, facts, nameOf, signedInPage } from './signed-in.js'
import { texts } from './texts.js'

const NEWS_MS = 60_000

export interface FilePage {
  language: Language
  identity: Identity
  deposit: DirectDeposit
  /** the identity has been confirmed: the way to the change is open */
  isConfirmed: boolean
  now: number
}

export function filePage({ language, identity, deposit, isConfirmed, now }: FilePage): string {
  const text = texts[language]
  const { number, job, step, rate, unit, hiredOn } = employeeOf(identity.claims.sub)
  const isNews = deposit.changedAt !== undefined && now - deposit.changedAt < NEWS_MS

  return signedInPage(
    { language, title: text.file, tab: 'file', switchAt: '/file' },
    identity,
    html`<h1>${text.file} <span class="badge">${text.demonstrationBadge}</span></h1>
${isNews ? html`<p class="notice" role="status">${text.depositChanged}</p>` : undefined}
<div class="columns even">
<div>
<section class="card" aria-labelledby="person">
<h2 id="person">${text.person}</h2>
${facts([
  [text.name, nameOf(identity)],
  [text.cip, claimOf(identity, 'cip')],
  [text.email, claimOf(identity, 'email')],
])}
</section>
<section class="card" aria-labelledby="job">
<h2 id="job">${text.job}</h2>
${facts([
  [text.employeeNumber, number],
  [text.jobTitle, text.jobs[job]],
  [text.unit, text.units[unit]],
  [text.status, text.fullTime],
  [text.step, step],
  [text.rate, formatCents(rate, language)],
  [text.hiredOn, formatDay(hiredOn, language)],
])}
</section>
</div>
<section class="card" aria-labelledby="deposit">
<h2 id="deposit">${text.deposit}</h2>
${facts(depositFacts(language, deposit))}
${
  isConfirmed
    ? html`<p><a class="button" href="/direct-deposit">${text.changeDeposit}</a></p>`
    : html`<form method="post" action="/confirm-identity"><button>${text.changeDeposit}</button></form>
<p class="quiet screen">${text.confirmFirst}</p>`
}
</section>
</div>`,
  )
}

function depositFacts(language: Language, { institution, transit, ending, changedAt }: DirectDeposit) {
  const text = texts[language]
  const rows: [string, string | Html | undefined][] = [
    [text.depositFields.institution.label, institution],
    [text.depositFields.transit.label, transit],
    [
      text.depositFields.account.label,
      html`<span class="masked" aria-hidden="true">•••• </span>${text.ending(ending)}`,
    ],
  ]
  if (changedAt !== undefined) {
    const day = today(changedAt)
    rows.push(
      [text.depositSince, text.dayAt(formatDay(day, language), formatTime(changedAt, language))],
      [text.depositFrom, text.fromPay(formatDay(nextPayday(day), language))],
    )
  }
  return rows
}
