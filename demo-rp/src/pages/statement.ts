// A pay statement: what is printed of the tab « Paie », on one page.

import type { Language } from '../language.js'
import type { Bank } from '../payroll/banks.js'
import { employeeOf } from '../payroll/employee.js'
import type { Amount, Deduction, Earning, Statement } from '../payroll/payroll.js'
import type { Identity } from '../sessions.js'
import { formatCents, formatDay, formatHours } from './formats.js'
import { html, type Content, type Html } from './html.js'
import { claimOf, facts, nameOf } from './signed-in.js'
import { texts } from './texts.js'

export function statementCard(language: Language, identity: Identity, statement: Statement): Html {
  const text = texts[language]
  const { number, job, rate, unit } = employeeOf(identity.claims.sub)
  const { from, to, paidOn } = statement.period
  const day = (date: Date) => formatDay(date, language)
  const money = (cents: number) => formatCents(cents, language)

  return html`<section class="card statement" aria-labelledby="statement">
<h2 id="statement">${text.statement} <span class="badge">${text.demonstrationBadge}</span></h2>
<p class="net"><span>${text.net}</span> <strong class="amount">${money(statement.net.cents)}</strong></p>
${facts([
  [text.paidOn, day(paidOn)],
  [text.period, text.fromTo(day(from), day(to))],
  [text.payNumber, text.payNumberOf(statement.number, paidOn.getUTCFullYear())],
  [text.name, nameOf(identity)],
  [text.cip, claimOf(identity, 'cip')],
  [text.employeeNumber, number],
  [text.jobTitle, text.jobs[job]],
  [text.unit, text.units[unit]],
  [text.rate, money(rate)],
])}
${amounts(language, statement)}
${banks(language, statement.banks)}
</section>`
}

function amounts(language: Language, { earnings, deductions, gross, deducted, net }: Statement): Html {
  const text = texts[language]
  const money = (cents: number) => formatCents(cents, language)
  const row = (name: Content, { cents, yearToDate }: Amount, className?: string) =>
    html`<tr${className && html` class="${className}"`}><th scope="row">${name}</th>
<td${cents === 0 ? html` class="quiet"` : ''}>${money(cents)}</td><td>${money(yearToDate)}</td></tr>
`
  const earning = (line: Earning) => {
    const hours = text.hoursAt(formatHours(line.hours, language), money(line.rate))
    const detail = line.hours > 0 ? html` <span class="detail">${hours}</span>` : undefined
    return row(html`${text.pay[line.name]}${detail}`, line)
  }
  const deduction = (line: Deduction) => row(text.pay[line.name], line)
  const body = (title: string, lines: readonly Html[], total: Html) => html`<tbody>
<tr class="group"><th scope="rowgroup" colspan="3">${title}</th></tr>
${lines}${total}</tbody>
`
  const totals = { gross: row(text.gross, gross, 'total'), deducted: row(text.deducted, deducted, 'total') }

  return html`<table class="amounts">
<thead><tr><th scope="col">${text.item}</th><th scope="col">${text.thisPay}</th>
<th scope="col">${text.yearToDate}</th></tr></thead>
${body(text.earnings, earnings.filter(isToShow).map(earning), totals.gross)}
${body(text.deductions, deductions.filter(isToShow).map(deduction), totals.deducted)}
<tfoot>${row(text.net, net)}</tfoot>
</table>`
}

/** A line without an amount this year says nothing. */
function isToShow({ yearToDate }: Amount): boolean {
  return yearToDate !== 0
}

function banks(language: Language, all: readonly Bank[]): Html {
  const text = texts[language]
  const hours = (hundredths: number) => formatHours(hundredths, language)
  const row = ({ name, opening, earned, taken, balance }: Bank) => html`<tr>
<th scope="row">${text.bankNames[name]} <span class="detail">${text.bankBefore(hours(opening))}</span></th>
<td>${hours(earned)}</td><td>${hours(taken)}</td><td><strong>${hours(balance)}</strong></td></tr>
`
  return html`<table class="amounts banks">
<caption>${text.banks}</caption>
<thead><tr><th scope="col">${text.bank}</th><th scope="col">${text.bankEarned}</th>
<th scope="col">${text.bankTaken}</th><th scope="col">${text.bankBalance}</th></tr></thead>
<tbody>${all.map(row)}</tbody>
</table>`
}
