// The page of the printed procedure: scan the QR code, type the code, name the phone, «Enregistrer». The
// secret is derived, so a reload, a wrong code, Back or a second tab shows the same one. On the phone itself
// it is a page of its own.

import type { Form } from '../../../src/http/form.js'
import { parseDeviceName } from '../../../src/second-factors/device-name.js'
import { parseCode } from '../../../src/second-factors/totp.js'
import { ClockDifference } from '../enrolment/clock-difference.js'
import { faultOf } from '../code-fault.js'
import { SameHour, SetUpOnComputer } from '../enrolment/on-computer.js'
import { SetUpOnPhone } from '../enrolment/on-phone.js'
import { drawQrCode } from '../enrolment/stores.js'
import type { Accepted, Fault, OnPage, Page, Refused, SignedVisit, Step } from '../step.js'
import { EarlierEntries } from '../enrolment/earlier-entries.js'
import { helpFrom } from '../../site/help-address.js'
import { ForApplication, NotYou } from '../../views/application.js'
import { ErrorSummary, PostForm } from '../../views/form.js'

async function show(visit: OnPage<SignedVisit>, refused?: Refused): Promise<Page> {
  const { uid, application, csrfToken, locale, t, account, services, isPhone } = visit
  const pending = await services.secondFactors.begin(account, uid, locale)
  const setUp = { visit, refused, pending, qrCode: await drawQrCode(pending.link) }
  const title = t(isPhone ? 'enrol.phone-title' : 'enrol.title')
  return {
    title,
    isWide: !isPhone,
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>{title}</h1>
        <ErrorSummary refused={refused} t={t} />
        <EarlierEntries pending={pending} visit={visit} />
        {isPhone ? null : <SameHour {...visit} />}
        <ClockDifference visit={visit} />
        <PostForm action={`/interaction/${uid}/enrol`} csrfToken={csrfToken}>
          {isPhone ? <SetUpOnPhone {...setUp} /> : <SetUpOnComputer {...setUp} />}
        </PostForm>
        <p class="below">
          <a href={helpFrom(uid, 'enrol', 'first')}>{t('help.link')}</a>
        </p>
        <NotYou uid={uid} csrfToken={csrfToken} name={account.name} t={t} />
      </>
    ),
  }
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
  return {
    ok: false,
    faults: [
      faultOf(outcome.diagnosis, helpFrom(uid, 'enrol', 'clock'), isPhone ? 'on-phone' : 'by-qr-code'),
    ],
    typed,
  }
}

export const enrolStep: Step<SignedVisit> = { show, submit }
