// What both set-up pages have: the QR code, the link into Google Authenticator, the key to type, the two
// fields.

import type { ComponentChildren, VNode } from 'preact'
import type { PendingEnrolment } from '../../../src/second-factors/factors.js'
import type { Refused, SignedVisit } from '../step.js'
import { Field } from '../../views/form.js'

/** A pending enrolment as a page shows it: `qrCode` is the address of a picture. */
export type SetUp = {
  visit: SignedVisit
  refused: Refused | undefined
  pending: PendingEnrolment
  qrCode: string
}

/** One numbered step, with its drawing at the right. */
export function SetUpStep({ drawing, children }: { drawing: VNode; children: ComponentChildren }): VNode {
  return (
    <li>
      <div>
        {drawing}
        {children}
      </div>
    </li>
  )
}

export function QrCode({ visit: { t }, qrCode }: SetUp): VNode {
  return (
    <figure class="qr">
      <img id="totp-qr" src={qrCode} alt={t('enrol.qr-alt')} width="240" height="240" />
      <p class="on-paper">{t('enrol.qr-on-paper')}</p>
      <figcaption>{t('enrol.qr-caption')}</figcaption>
    </figure>
  )
}

export function OpenAuthenticator({ visit: { t }, pending, look }: SetUp & { look: string }): VNode {
  return (
    <p>
      <a id="totp-link" class={look} href={pending.link}>
        {t('enrol.open-authenticator')}
      </a>
    </p>
  )
}

/** For whoever can neither scan nor follow the link: what Google Authenticator asks for, in its order. */
export function KeyToType({ visit: { t }, pending }: SetUp): VNode {
  const groups = pending.key.match(/.{1,4}/g) ?? []
  return (
    <>
      <p>{t('enrol.type-key')}</p>
      <p>
        {t('enrol.type-key-account')} <b class="entry">{entryName(pending.link)}</b>
      </p>
      <p>{t('enrol.type-key-key')}</p>
      <p class="key-line">
        <code id="totp-key" class="key">
          {groups.join(' ')}
        </code>
        <button
          type="button"
          class="secondary small"
          hidden
          aria-live="polite"
          data-copies="totp-key"
          data-done={t('enrol.copied')}
        >
          {t('enrol.copy')}
        </button>
      </p>
      <p>{t('enrol.type-key-kind')}</p>
    </>
  )
}

/** The account as the QR code names it, without the organisation that stands before it. */
function entryName(link: string): string {
  const { pathname, searchParams } = new URL(link)
  return decodeURIComponent(pathname.slice(1)).replace(`${searchParams.get('issuer')}:`, '')
}

export function CodeField({ visit: { t }, refused }: SetUp): VNode {
  return (
    <Field
      name="code"
      label={t('enrol.code')}
      hint={t('enrol.code-hint')}
      t={t}
      refused={refused}
      autocomplete="one-time-code"
      inputmode="numeric"
      maxLength={12}
      className="code"
      isHeading
    />
  )
}

/** `proposed`: a name the person may keep. */
export function DeviceNameField({
  visit: { t },
  refused,
  proposed = '',
}: SetUp & { proposed?: string }): VNode {
  return (
    <Field
      name="deviceName"
      label={t('enrol.device-name')}
      hint={t('enrol.device-name-hint')}
      t={t}
      refused={refused}
      autocomplete="off"
      value={refused?.typed?.['deviceName'] ?? proposed}
      maxLength={50}
      isHeading
    />
  )
}
