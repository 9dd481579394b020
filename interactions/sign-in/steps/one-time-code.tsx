// The code that Google Authenticator shows. A refusal says, where it can, what is wrong with the phone.

import type { Form } from '../../../src/http/form.js'
import { parseCode } from '../../../src/second-factors/totp.js'
import { faultOf, waitingFault } from '../code-fault.js'
import type { Accepted, Page, Refused, SignedVisit, Step } from '../step.js'
import { ForApplication, NotYou } from '../../views/application.js'
import { ErrorSummary, Field, PostForm, Primary } from '../../views/form.js'

async function show(visit: SignedVisit, refused?: Refused): Promise<Page> {
  const { uid, application, csrfToken, t, account, factor, services, visitor } = visit
  const wait = refused === undefined ? await services.oneTimeCodes.waitForCode(account, visitor.browserId) : 0
  const shown: Refused | undefined = wait > 0 ? { ok: false, faults: [waitingFault(wait)] } : refused
  return {
    title: t('code.title'),
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>{t('code.title')}</h1>
        <ErrorSummary refused={shown} t={t} />
        <PostForm action={`/interaction/${uid}/one-time-code`} csrfToken={csrfToken}>
          <Field
            name="code"
            label={t('code.label')}
            hint={t('code.device', { device: factor?.name ?? '' })}
            t={t}
            refused={shown}
            autocomplete="one-time-code"
            inputmode="numeric"
            maxLength={12}
            className="code"
            isFocused={shown === undefined}
          />
          <Primary>{t('code.submit')}</Primary>
        </PostForm>
        <p class="below">
          <a href="/help#device">{t('code.device-gone')}</a>
        </p>
        <NotYou uid={uid} csrfToken={csrfToken} name={account.name} t={t} />
      </>
    ),
  }
}

async function submit(
  { account, progress, services, visitor }: SignedVisit,
  form: Form,
): Promise<Accepted | Refused> {
  const code = parseCode(form['code'] ?? '')
  if (code === undefined)
    return {
      ok: false,
      faults: [
        { field: 'code', title: (form['code'] ?? '').trim() === '' ? 'code.missing' : 'code.malformed' },
      ],
    }

  const outcome = await services.oneTimeCodes.verify(account, code, progress.signIn, visitor)
  if (outcome.ok) return { ok: true, progress }
  switch (outcome.reason) {
    case 'wrong':
      return { ok: false, faults: [faultOf(outcome.diagnosis)] }
    case 'waiting':
      return {
        ok: false,
        faults: [waitingFault(outcome.waitSeconds)],
        retryAfterSeconds: outcome.waitSeconds,
      }
    case 'too-many':
      return {
        ok: false,
        faults: [{ ...waitingFault(outcome.waitSeconds), title: 'code.too-many' }],
        retryAfterSeconds: outcome.waitSeconds,
        restarts: true,
      }
    case 'device-disabled':
      return {
        ok: false,
        faults: [{ title: 'code.device-disabled', detail: 'code.device-disabled-detail' }],
        restarts: true,
      }
  }
}

export const oneTimeCodeStep: Step<SignedVisit> = { show, submit }
