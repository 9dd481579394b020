// Before a phone is bound where the password alone is not enough: the code that another channel brought.

import type { Form } from '../../../src/http/form.js'
import { formatDuration, type MessageKey } from '../../../src/i18n.js'
import type { ActivationReason } from '../../../src/second-factors/enrolment-policy.js'
import type { Accepted, OnPage, Page, Refused, SignedVisit, Step } from '../step.js'
import { helpFrom } from '../../site/help-address.js'
import { ForApplication, NotYou } from '../../views/application.js'
import { ErrorSummary, Field, PostForm, Primary } from '../../views/form.js'

const WHY: Record<ActivationReason, MessageKey> = {
  'mode': 'activation.why-mode',
  'network': 'activation.why-network',
  'after-reset': 'activation.why-after-reset',
  'dormant': 'activation.why-dormant',
}

async function show(
  { uid, application, csrfToken, t, account, activationMissing }: OnPage<SignedVisit>,
  refused?: Refused,
): Promise<Page> {
  return {
    title: t('activation.title'),
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>{t('activation.title')}</h1>
        <ErrorSummary refused={refused} t={t} />
        <p>{t(WHY[activationMissing ?? 'mode'])}</p>
        <PostForm action={`/interaction/${uid}/activation`} csrfToken={csrfToken}>
          <Field
            name="activationCode"
            label={t('activation.label')}
            hint={t('activation.hint')}
            t={t}
            refused={refused}
            autocomplete="off"
            maxLength={20}
            className="code activation"
            isFocused={refused === undefined}
          />
          <Primary>{t('activation.submit')}</Primary>
        </PostForm>
        <p class="below">{t('activation.none')}</p>
        <p class="below">
          <a href={helpFrom(uid, 'activation', 'first')}>{t('help.link')}</a>
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
  const code = (form['activationCode'] ?? '').trim()
  if (code === '') return { ok: false, faults: [{ field: 'activationCode', title: 'activation.missing' }] }
  const outcome = await services.activation.submit(account, code, progress.signIn, visitor.clientAddress)
  if (outcome.ok) return { ok: true, progress }
  if (outcome.reason === 'wrong')
    return {
      ok: false,
      faults: [{ field: 'activationCode', title: 'activation.wrong', detail: 'activation.wrong-detail' }],
    }
  const values = { wait: formatDuration(outcome.waitSeconds) }
  return {
    ok: false,
    faults: [{ title: 'code.waiting', detail: 'code.waiting-detail', values }],
    retryAfterSeconds: outcome.waitSeconds,
  }
}

export const activationStep: Step<SignedVisit> = { show, submit }
