// What a signed-in person sees: their pay statement and next week's schedule (both invented), and what the
// provider said of them.

import type { Language } from '../language.js'
import { MFA_ACR } from '../oidc/step-up.js'
import type { Session } from '../sessions.js'
import { formatCents, formatDay, formatHour, formatMoment } from './formats.js'
import { html, type Html } from './html.js'
import { layout } from './layout.js'
import { DEDUCTIONS, EARNINGS, lastPeriod, nextWeek, totalOf, type PayLine, type Shift } from './pay.js'
import { texts } from './texts.js'

const TIMES = new Set(['auth_time', 'exp', 'iat', 'updated_at'])

export function statementPage(language: Language, session: Session, now: number): string {
  const text = texts[language]
  const confirmedAt = session.isConfirmed ? session.claims.auth_time : undefined
  const confirmation =
    confirmedAt &&
    html`<p class="notice" role="status">${text.confirmed(formatMoment(confirmedAt, language))}</p>`
  const signOut = html`<form method="post" action="/sign-out">
<button class="plain">${text.signOut}</button>
</form>`

  return layout(
    { language, title: text.statement, switchAt: '/', aside: signOut },
    html`<h1>${text.greeting(nameOf(session))}</h1>
${confirmation}
<div class="columns">
${payCard(language, now)}
<div>
${scheduleCard(language, now)}
<section class="card" aria-labelledby="security">
<h2 id="security">${text.security}</h2>
<p>${text.confirmHint}</p>
<form method="post" action="/confirm-identity"><button>${text.confirm}</button></form>
</section>
</div>
</div>
${claimsCard(language, session)}`,
  )
}

function nameOf({ userInfo, claims }: Session): string {
  const names = [userInfo.name, claims.name, userInfo.preferred_username]
  return names.find((name) => typeof name === 'string') ?? claims.sub
}

function payCard(language: Language, now: number): Html {
  const text = texts[language]
  const { from, to, paidOn } = lastPeriod(now)
  const gross = totalOf(EARNINGS)
  const deductions = totalOf(DEDUCTIONS)
  const day = (date: Date) => formatDay(date, language)
  const money = (cents: number) => formatCents(cents, language)
  const row = ({ name, cents }: PayLine) =>
    html`<tr><th scope="row">${text.pay[name]}</th><td>${money(cents)}</td></tr>`
  const group = (title: string) => html`<tr class="group"><th scope="rowgroup" colspan="2">${title}</th></tr>`
  const total = (title: string, cents: number) =>
    html`<tr class="total"><th scope="row">${title}</th><td>${money(cents)}</td></tr>`

  return html`<section class="card" aria-labelledby="statement">
<h2 id="statement">${text.statement} <span class="badge">${text.demonstrationBadge}</span></h2>
<p>${text.period(day(from), day(to))}<br>${text.payDate(day(paidOn))}</p>
<table class="amounts">
<thead><tr><th scope="col">${text.item}</th><th scope="col">${text.amount}</th></tr></thead>
<tbody>${group(text.earnings)}${EARNINGS.map(row)}${total(text.gross, gross)}</tbody>
<tbody>${group(text.deductions)}${DEDUCTIONS.map(row)}${total(text.deductionsTotal, deductions)}</tbody>
<tfoot>${total(text.net, gross - deductions)}</tfoot>
</table>
</section>`
}

function scheduleCard(language: Language, now: number): Html {
  const text = texts[language]
  const row = ({ day, hours, unit }: Shift) => {
    const fromTo = hours?.map((hour) => formatHour(hour, language)).join(' – ')
    return html`<tr><th scope="row">${formatDay(day, language, 'weekday')}</th>${
      fromTo === undefined
        ? html`<td class="quiet">${text.dayOff}</td>`
        : html`<td>${fromTo}<br><span class="quiet">${text.units[unit]}</span></td>`
    }</tr>`
  }
  return html`<section class="card" aria-labelledby="schedule">
<h2 id="schedule">${text.schedule} <span class="badge">${text.demonstrationBadge}</span></h2>
<table class="schedule">
<thead><tr><th scope="col">${text.day}</th><th scope="col">${text.hours}</th></tr></thead>
<tbody>${nextWeek(now).map(row)}</tbody>
</table>
</section>`
}

function claimsCard(language: Language, { claims, userInfo }: Session): Html {
  const text = texts[language]
  const rows = Object.entries({ ...userInfo, ...claims }).map(
    ([name, value]) =>
      html`<tr><th scope="row"><code>${name}</code></th><td>${readable(name, value, language)}</td></tr>`,
  )
  return html`<details class="card">
<summary>${text.aboutClaims}</summary>
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
