// The pieces of a form: the summary of what was refused, a field with its label, hint and message, the
// button.

import type { ComponentChildren, VNode } from 'preact'
import { formatDuration, type Translate } from '../../src/i18n.js'
import type { Fault, Refused } from '../sign-in/step.js'
import { ShowButton } from './show-button.js'

export function ErrorSummary({ refused, t }: { refused: Refused | undefined; t: Translate }): VNode | null {
  if (refused === undefined || refused.faults.length === 0) return null
  return (
    <div
      id="error-summary"
      class="refusal"
      role="alert"
      tabIndex={-1}
      data-wait-over={refused.faults.some(isWait) ? t('time.wait-over') : undefined}
    >
      {refused.faults.map((fault) => (
        <FaultMessage key={fault.title} fault={fault} t={t} />
      ))}
    </div>
  )
}

function FaultMessage({ fault, t }: { fault: Fault; t: Translate }): VNode {
  const title = t(fault.title, fault.values)
  return (
    <p>
      {fault.field === undefined ? (
        <strong>{title}</strong>
      ) : (
        <strong>
          <a href={`#${fault.field}`}>{title}</a>
        </strong>
      )}
      {fault.detail === undefined ? null : isWait(fault) ? (
        <TextWithWait text={t(fault.detail, fault.values)} seconds={fault.waitSeconds} />
      ) : (
        t(fault.detail, fault.values)
      )}
      {fault.link === undefined ? null : (
        <>
          {' '}
          <a href={fault.link.href}>{t(fault.link.text)}</a>
        </>
      )}
    </p>
  )
}

const isWait = (fault: Fault): fault is Fault & { waitSeconds: number } => (fault.waitSeconds ?? 0) > 0

/** A text that says how long to wait. By script the number counts down, and no reader follows it. */
export function TextWithWait({ text, seconds }: { text: string; seconds: number }): VNode {
  const wait = formatDuration(seconds)
  const [before = '', ...after] = text.split(wait)
  return (
    <>
      {before}
      <span class="wait" role="timer" aria-live="off" data-wait-seconds={seconds}>
        {wait}
      </span>
      {after.join(wait)}
    </>
  )
}

type FieldProps = {
  name: string
  label: string
  t: Translate
  refused: Refused | undefined
  hint?: string
  type?: 'text' | 'password'
  autocomplete: string
  inputmode?: 'numeric'
  /** What was typed before, or is known already; never a password or a code. */
  value?: string
  maxLength?: number
  isReadOnly?: boolean
  className?: string
  isFocused?: boolean
  /** Refused together with another field: the message stands in the summary alone. */
  isRefused?: boolean
  /** The id of rules that stand above the form. */
  rulesId?: string
  /** The label is the heading of a step. */
  isHeading?: boolean
  /** The secrets that this field’s button shows: its own unless said otherwise; none, no button. */
  shows?: readonly string[]
}

export function Field({
  name,
  label,
  t,
  refused,
  hint,
  type = 'text',
  autocomplete,
  inputmode,
  value,
  maxLength,
  isReadOnly,
  className,
  isFocused,
  isRefused = false,
  rulesId,
  isHeading = false,
  shows,
}: FieldProps): VNode {
  const faults = (refused?.faults ?? []).filter((fault) => fault.field === name)
  const isBad = isRefused || faults.length > 0
  const described = [
    ...(rulesId === undefined ? [] : [rulesId]),
    ...(hint === undefined ? [] : [`${name}-hint`]),
    ...(faults.length === 0 ? [] : [`${name}-error`]),
    ...(isRefused ? ['error-summary'] : []),
  ].join(' ')
  const isSecret = type === 'password'
  const shown = shows ?? [name]
  const hasButton = isSecret && shown.length > 0
  const attributes = {
    'id': name,
    name,
    'class': className,
    autocomplete,
    inputmode,
    value,
    maxLength,
    'readOnly': isReadOnly,
    'required': true,
    'autofocus': isFocused,
    'autocapitalize': 'none' as const,
    'spellcheck': false,
    'aria-invalid': isBad ? ('true' as const) : undefined,
    'aria-describedby': described === '' ? undefined : described,
  }
  const input = isSecret ? <input type="password" {...attributes} /> : <input type="text" {...attributes} />
  const labelled = <label for={name}>{label}</label>
  return (
    <div class={isBad ? 'field bad' : 'field'}>
      {isHeading ? <h2>{labelled}</h2> : labelled}
      {hint === undefined ? null : (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      {faults.length === 0 ? null : (
        <p class="message" id={`${name}-error`}>
          {faults.map((fault) => t(fault.title, fault.values)).join(' ')}
        </p>
      )}
      {hasButton ? (
        <div class="secret">
          {input}
          <ShowButton controls={shown} t={t} />
        </div>
      ) : (
        input
      )}
    </div>
  )
}

/** A box to tick. */
/** What a ticked box sends. */
export const TICKED = 'yes'

export function Tick({
  name,
  label,
  hint,
  isTicked,
}: {
  name: string
  label: string
  hint: string
  isTicked: boolean
}): VNode {
  return (
    <div class="tick">
      <input
        type="checkbox"
        id={name}
        name={name}
        value={TICKED}
        checked={isTicked}
        aria-describedby={`${name}-hint`}
      />
      <label for={name}>{label}</label>
      <p class="hint" id={`${name}-hint`}>
        {hint}
      </p>
    </div>
  )
}

export function PostForm({
  action,
  csrfToken,
  children,
}: {
  action: string
  csrfToken: string
  children: ComponentChildren
}): VNode {
  return (
    <form method="post" action={action} novalidate>
      <input type="hidden" name="csrf" value={csrfToken} />
      {children}
    </form>
  )
}

export function Primary({
  children,
  name,
  value,
}: {
  children: ComponentChildren
  name?: string
  value?: string
}): VNode {
  return (
    <button class="primary" type="submit" name={name} value={value}>
      {children}
    </button>
  )
}
