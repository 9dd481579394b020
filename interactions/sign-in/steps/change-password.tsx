// A password that was issued must be replaced by one that only its owner knows. All rules stand above the
// field, all faults come at once.

import type { PasswordFault } from '../../../src/accounts/password-policy.js'
import type { Form } from '../../../src/http/form.js'
import type { MessageKey } from '../../../src/i18n.js'
import type { Accepted, Fault, OnPage, Page, Refused, SignedVisit, Step } from '../step.js'
import { ForApplication, NotYou } from '../../views/application.js'
import { ErrorSummary, Field, PostForm, Primary } from '../../views/form.js'

const TITLES: Record<PasswordFault, MessageKey> = {
  'too-short': 'new-password.too-short',
  'too-long': 'new-password.too-long',
  'on-blocklist': 'new-password.on-blocklist',
  'contains-cip': 'new-password.contains-cip',
  'contains-name': 'new-password.contains-name',
  'contains-organisation': 'new-password.contains-organisation',
  'same-as-current': 'new-password.same-as-current',
  'has-control-characters': 'new-password.has-control-characters',
}

async function show(
  { uid, application, csrfToken, t, account, config }: OnPage<SignedVisit>,
  refused?: Refused,
): Promise<Page> {
  const lengths = {
    min: config.passwordMinLength,
    max: config.passwordMaxLength,
    organisation: config.organisationName,
  }
  return {
    title: t('new-password.title'),
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>{t('new-password.title')}</h1>
        <ErrorSummary refused={refused} t={t} />
        <p>{t('new-password.why')}</p>
        <ul class="rules" id="rules">
          <li>{t('new-password.rule-length', lengths)}</li>
          <li>{t('new-password.rule-own-words', lengths)}</li>
          <li>{t('new-password.rule-common')}</li>
          <li>{t('new-password.rule-new')}</li>
        </ul>
        <PostForm action={`/interaction/${uid}/change-password`} csrfToken={csrfToken}>
          {/* A password manager files the new password under this name. */}
          <input type="text" name="cip" value={account.cip} autocomplete="username" readOnly hidden />
          <Field
            name="newPassword"
            label={t('field.new-password')}
            t={t}
            refused={refused}
            type="password"
            autocomplete="new-password"
            isFocused={refused === undefined}
            rulesId="rules"
          />
          <Field
            name="newPasswordConfirmation"
            label={t('field.new-password-confirmation')}
            t={t}
            refused={refused}
            type="password"
            autocomplete="new-password"
          />
          <Primary>{t('new-password.submit')}</Primary>
        </PostForm>
        <NotYou uid={uid} csrfToken={csrfToken} name={account.name} t={t} />
      </>
    ),
  }
}

async function submit(
  { account, progress, services, visitor, config }: SignedVisit,
  form: Form,
): Promise<Accepted | Refused> {
  const newPassword = form['newPassword'] ?? ''
  const confirmation = form['newPasswordConfirmation'] ?? ''
  if (newPassword === '')
    return { ok: false, faults: [{ field: 'newPassword', title: 'new-password.missing' }] }
  const values = {
    min: config.passwordMinLength,
    max: config.passwordMaxLength,
    organisation: config.organisationName,
  }
  const inWords = (faults: readonly PasswordFault[]) =>
    faults.map((fault): Fault => ({ field: 'newPassword', title: TITLES[fault], values }))
  if (newPassword.normalize('NFC') !== confirmation.normalize('NFC')) {
    const faults = await services.passwordChange.faultsOf(account, newPassword)
    return {
      ok: false,
      faults: [
        ...inWords(faults),
        { field: 'newPasswordConfirmation', title: 'new-password.confirmation-differs' },
      ],
    }
  }

  const outcome = await services.passwordChange.change(
    account,
    newPassword,
    progress.signIn,
    visitor.clientAddress,
  )
  if (outcome.ok) return { ok: true, progress }
  if (outcome.faults.length > 0) return { ok: false, faults: inWords(outcome.faults) }
  return {
    ok: false,
    restarts: true,
    faults: [{ title: 'sign-in.overtaken', detail: 'sign-in.overtaken-detail' }],
  }
}

export const changePasswordStep: Step<SignedVisit> = { show, submit }
