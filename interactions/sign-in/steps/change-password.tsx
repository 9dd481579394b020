// A password that was issued must be replaced by one that only its owner knows. All rules stand above the
// field, all faults come at once.

import type { PasswordFault } from '../../../src/accounts/password-policy.js'
import type { Form } from '../../../src/http/form.js'
import { FAULT_TITLES, lengthsOf, NewPasswordRules } from '../new-password-rules.js'
import type { Accepted, Fault, OnPage, Page, Refused, SignedVisit, Step } from '../step.js'
import { ForApplication, NotYou } from '../../views/application.js'
import { ErrorSummary, Field, PostForm, Primary } from '../../views/form.js'

async function show(visit: OnPage<SignedVisit>, refused?: Refused): Promise<Page> {
  const { uid, application, csrfToken, t, account } = visit
  return {
    title: t('new-password.title'),
    script: 'new-password.js',
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>{t('new-password.title')}</h1>
        <ErrorSummary refused={refused} t={t} />
        <p>{t('new-password.why')}</p>
        <NewPasswordRules visit={visit} />
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
            shows={['newPassword', 'newPasswordConfirmation']}
          />
          <Field
            name="newPasswordConfirmation"
            label={t('field.new-password-confirmation')}
            t={t}
            refused={refused}
            type="password"
            autocomplete="new-password"
            shows={[]}
          />
          <Primary>{t('new-password.submit')}</Primary>
        </PostForm>
        <NotYou uid={uid} csrfToken={csrfToken} name={account.name} t={t} />
      </>
    ),
  }
}

async function submit(visit: SignedVisit, form: Form): Promise<Accepted | Refused> {
  const { account, progress, services, visitor } = visit
  const newPassword = form['newPassword'] ?? ''
  const confirmation = form['newPasswordConfirmation'] ?? ''
  if (newPassword === '')
    return { ok: false, faults: [{ field: 'newPassword', title: 'new-password.missing' }] }
  const values = lengthsOf(visit)
  const inWords = (faults: readonly PasswordFault[]) =>
    faults.map((fault): Fault => ({ field: 'newPassword', title: FAULT_TITLES[fault], values }))
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
