// « Changer le dépôt direct »: the delicate act. First one's identity confirmed anew, then the form.

import type { Language } from '../language.js'
import { DEPOSIT_FIELDS, type DepositField, type DepositForm } from '../payroll/direct-deposit.js'
import type { Confirmation, Identity } from '../sessions.js'
import { formatTime } from './formats.js'
import { html, type Html } from './html.js'
import { signedInPage } from './signed-in.js'
import { texts } from './texts.js'

const LONGEST: Record<DepositField, number> = { institution: 3, transit: 5, account: 12 }

/** What stands in place of the form until the identity is confirmed, and once that is over. */
export function confirmFirstPage(language: Language, identity: Identity, isOver = false): string {
  const text = texts[language]
  return signedInPage(
    {
      language,
      title: isOver ? `${text.error}${text.colon} ${text.changeDeposit}` : text.changeDeposit,
      tab: 'file',
      isNarrow: true,
      switchAt: '/direct-deposit',
    },
    identity,
    html`<h1>${text.changeDeposit}</h1>
<div class="card">
${isOver ? html`<p class="notice" role="alert">${text.confirmationOver}</p>` : undefined}
<p>${text.confirmHint}</p>
<form method="post" action="/confirm-identity"><button>${text.confirm}</button></form>
<p><a class="alone" href="/file">${text.backToFile}</a></p>
</div>`,
  )
}

export interface DepositPage {
  language: Language
  identity: Identity
  confirmation: Confirmation
  /** what was typed, and what is wrong with it */
  refused?: { form: DepositForm; faults: readonly DepositField[] }
}

export function depositPage({ language, identity, confirmation, refused }: DepositPage): string {
  const text = texts[language]
  const confirmedAt = identity.claims.auth_time
  return signedInPage(
    {
      language,
      title: refused ? `${text.error}${text.colon} ${text.changeDeposit}` : text.changeDeposit,
      tab: 'file',
      isNarrow: true,
      ...(refused === undefined && { switchAt: '/direct-deposit' }), // the switch would lose what is typed
    },
    identity,
    html`<h1>${text.changeDeposit}</h1>
<p class="notice" role="status">${confirmedAt && text.confirmed(formatTime(confirmedAt * 1000, language))}
${text.confirmedUntil(formatTime(confirmation.expiresAt, language))}</p>
<div class="card">
${refused && summary(language, refused.faults)}
<p>${text.whereToFind} <strong>${text.invent}</strong></p>
<form method="post" action="/direct-deposit" novalidate>
<input type="hidden" name="confirmation" value="${confirmation.id}">
${DEPOSIT_FIELDS.map((name) => field(language, name, refused))}
<button>${text.saveDeposit}</button>
</form>
<p><a class="alone" href="/file">${text.backToFile}</a></p>
</div>`,
  )
}

function summary(language: Language, faults: readonly DepositField[]): Html {
  const text = texts[language]
  return html`<div id="error-summary" class="errors" role="alert" tabindex="-1" autofocus>
<h2>${text.toCorrect}</h2>
<ul>${faults.map((name) => html`<li><a href="#${name}">${text.depositFaults[name]}</a></li>`)}</ul>
</div>`
}

function field(language: Language, name: DepositField, refused: DepositPage['refused']): Html {
  const text = texts[language]
  const { label, hint } = text.depositFields[name]
  const isFaulty = refused?.faults.includes(name) === true
  const fault = isFaulty
    ? html`<p class="fault" id="${name}-fault">${text.depositFaults[name]}</p>
`
    : undefined
  return html`<div class="field">
<label for="${name}">${label}</label>
<p class="quiet" id="${name}-hint">${hint}</p>
${fault}<input id="${name}" name="${name}" inputmode="numeric" autocomplete="off" maxlength="${LONGEST[name] * 2}"
size="${LONGEST[name]}" required value="${refused?.form[name] ?? ''}"
aria-describedby="${name}-hint${isFaulty ? ` ${name}-fault` : ''}"${isFaulty ? html` aria-invalid="true"` : ''}>
</div>
`
}
