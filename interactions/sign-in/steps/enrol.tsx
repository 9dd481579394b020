// The page of the printed procedure: scan the QR code, type the code, name the phone, «Enregistrer». The
// secret is derived, so a reload, a wrong code, Back or a second tab shows the same one.

import QRCode from 'qrcode'
import type { VNode } from 'preact'
import type { Form } from '../../../src/http/form.js'
import { formatTime } from '../../../src/i18n.js'
import { parseDeviceName } from '../../../src/second-factors/device-name.js'
import type { PendingEnrolment } from '../../../src/second-factors/factors.js'
import { parseCode } from '../../../src/second-factors/totp.js'
import { ClockDifference } from '../clock-difference.js'
import { faultOf } from '../code-fault.js'
import type { Accepted, Fault, Page, Refused, SignedVisit, Step } from '../step.js'
import { EarlierEntries } from '../earlier-entries.js'
import { NotYou, StepCount } from '../../views/application.js'
import { ErrorSummary, Field, PostForm, Primary } from '../../views/form.js'

async function show(visit: SignedVisit, refused?: Refused): Promise<Page> {
  const { uid, csrfToken, locale, t, account, progress, services, isPhone } = visit
  const pending = await services.secondFactors.begin(account, uid, locale)
  const svg = await QRCode.toString(pending.link, { type: 'svg', errorCorrectionLevel: 'M', margin: 2 })
  const qr = <Qr source={`data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`} visit={visit} />
  const choseOwnPassword = account.epochChangedBy === progress.signIn
  return {
    title: t('enrol.title'),
    isWide: true,
    body: (
      <>
        <StepCount step={choseOwnPassword ? 3 : 2} of={choseOwnPassword ? 3 : 2} t={t} />
        <h1>{t('enrol.title')}</h1>
        <ErrorSummary refused={refused} t={t} />
        <EarlierEntries pending={pending} visit={visit} />
        <SameHour visit={visit} />
        <ClockDifference visit={visit} />
        <PostForm action={`/interaction/${uid}/enrol`} csrfToken={csrfToken}>
          <ol class={isPhone ? 'steps phone' : 'steps'}>
            <li>
              <h2>{t('enrol.open')}</h2>
              <p>{t('enrol.open-detail')}</p>
            </li>
            <li class="scan">
              <h2>{isPhone ? t('enrol.add-key') : t('enrol.scan')}</h2>
              {isPhone ? null : <p>{t('enrol.scan-detail')}</p>}
              {isPhone ? <OpenInApplication link={pending.link} visit={visit} /> : qr}
              {isPhone ? (
                <details class="fold">
                  <summary>{t('enrol.show-qr')}</summary>
                  {qr}
                </details>
              ) : (
                <div class="narrow">
                  <p>{t('enrol.on-this-phone')}</p>
                  <OpenInApplication link={pending.link} visit={visit} />
                </div>
              )}
              <Key pending={pending} visit={visit} />
            </li>
            <li>
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
              />
            </li>
            <li>
              <Field
                name="deviceName"
                label={t('enrol.device-name')}
                hint={t('enrol.device-name-hint')}
                t={t}
                refused={refused}
                autocomplete="off"
                value={refused?.typed?.['deviceName'] ?? ''}
                maxLength={50}
              />
            </li>
            <li class="last">
              <Primary>{t('enrol.submit')}</Primary>
            </li>
          </ol>
        </PostForm>
        <NotYou uid={uid} csrfToken={csrfToken} name={account.name} t={t} />
      </>
    ),
  }
}

function SameHour({ visit: { t, locale, now, config } }: { visit: SignedVisit }): VNode {
  return (
    <p class="note">
      {t('enrol.same-hour')}
      <br />
      {t('enrol.server-time')}{' '}
      <b>
        <time id="server-time" data-at={now} data-locale={locale} data-time-zone={config.timeZone}>
          {formatTime(now, locale, config.timeZone)}
        </time>
      </b>
      <span id="server-time-still"> {t('enrol.server-time-still')}</span>
    </p>
  )
}

function Qr({ source, visit: { t } }: { source: string; visit: SignedVisit }): VNode {
  return (
    <figure class="qr">
      <img id="totp-qr" src={source} alt={t('enrol.qr-alt')} width="240" height="240" />
      <figcaption>{t('enrol.qr-caption')}</figcaption>
    </figure>
  )
}

function OpenInApplication({ link, visit: { t } }: { link: string; visit: SignedVisit }): VNode {
  return (
    <p>
      <a id="totp-link" class="secondary" href={link}>
        {t('enrol.open-in-application')}
      </a>
    </p>
  )
}

function Key({ pending, visit: { t } }: { pending: PendingEnrolment; visit: SignedVisit }): VNode {
  const groups = pending.key.match(/.{1,4}/g) ?? []
  return (
    <details class="fold">
      <summary>{t('enrol.cannot-scan')}</summary>
      <p>{t('enrol.type-key')}</p>
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
    </details>
  )
}

async function submit(
  { uid, account, progress, services, visitor, completion, isPhone }: SignedVisit,
  form: Form,
): Promise<Accepted | Refused> {
  const code = parseCode(form['code'] ?? '')
  const deviceName = parseDeviceName(form['deviceName'] ?? '')
  const typed = { deviceName: (form['deviceName'] ?? '').slice(0, 100) }
  const faults: Fault[] = [
    ...(code === undefined
      ? [
          {
            field: 'code',
            title: (form['code'] ?? '').trim() === '' ? 'code.missing' : 'code.malformed',
          } as const,
        ]
      : []),
    ...(deviceName === undefined
      ? [
          {
            field: 'deviceName',
            title:
              (form['deviceName'] ?? '').trim() === ''
                ? 'enrol.device-name-missing'
                : 'enrol.device-name-malformed',
          } as const,
        ]
      : []),
  ]
  if (code === undefined || deviceName === undefined) return { ok: false, faults, typed }

  const person = { account, signIn: progress.signIn, visitor }
  const outcome = await services.signIns.enrol(person, uid, code, deviceName, completion)
  if (outcome.ok) return { ok: true, progress, completed: outcome.completed }
  if (outcome.reason === 'overtaken')
    return {
      ok: false,
      restarts: true,
      faults: [{ title: 'sign-in.overtaken', detail: 'sign-in.overtaken-detail' }],
    }
  return { ok: false, faults: [faultOf(outcome.diagnosis, isPhone ? 'on-phone' : 'by-qr-code')], typed }
}

export const enrolStep: Step<SignedVisit> = { show, submit }
