// The tab « Horaire »: this week and the next.

import type { Language } from '../language.js'
import { employeeOf } from '../payroll/employee.js'
import { PAID_PER_SHIFT, SHIFT_HOURS, twoWeeks, type ScheduledDay } from '../payroll/schedule.js'
import type { Identity } from '../sessions.js'
import { formatDay, formatHour, formatHours } from './formats.js'
import { html, type Html } from './html.js'
import { signedInPage } from './signed-in.js'
import { texts } from './texts.js'

export function schedulePage(language: Language, identity: Identity, now: number): string {
  const text = texts[language]
  const employee = employeeOf(identity.claims.sub)
  return signedInPage(
    { language, title: text.schedule, tab: 'schedule', switchAt: '/schedule' },
    identity,
    html`<h1>${text.schedule} <span class="badge">${text.demonstrationBadge}</span></h1>
<p class="quiet">${text.units[employee.unit]}. ${text.meal}</p>
<div class="columns even">
${twoWeeks(employee, now).map((week) => weekCard(language, week))}
</div>`,
  )
}

function weekCard(language: Language, week: readonly ScheduledDay[]): Html {
  const text = texts[language]
  const [sunday] = week
  const paid = week.filter(({ shift }) => shift !== undefined).length * PAID_PER_SHIFT
  const row = ({ day, isToday, shift }: ScheduledDay) => {
    const hours = shift && SHIFT_HOURS[shift].map((hour) => formatHour(hour, language)).join('\u00A0– ')
    const badge = isToday ? html` <span class="badge">${text.today}</span>` : undefined
    return html`<tr${isToday ? html` class="today"` : ''}><th scope="row">${formatDay(day, language, 'weekday')}${badge}</th>
${
  shift === undefined
    ? html`<td class="quiet">${text.dayOff}</td>`
    : html`<td><span class="hours">${hours}</span> <span class="detail">${text.shifts[shift]}</span></td>`
}</tr>
`
  }
  return html`<div class="card">
<table class="schedule">
<caption>${sunday && text.weekOf(formatDay(sunday.day, language))}</caption>
<thead><tr><th scope="col">${text.day}</th><th scope="col">${text.hours}</th></tr></thead>
<tbody>${week.map(row)}</tbody>
<tfoot><tr><th scope="row">${text.weekTotal}</th><td>${formatHours(paid, language)}</td></tr></tfoot>
</table>
</div>`
}
