// The password page of whoever is signed in already and is asked again. The form is the same, and any CIP may
// be typed into it.

import type { Account } from '../../src/accounts/accounts.js'
import { ForApplication } from '../views/application.js'
import { ErrorSummary } from '../views/form.js'
import { somebodyElseAt } from './confirming.js'
import { PasswordForm } from './password-form.js'
import type { OnPage, Page, Refused, Visit } from './step.js'

export function confirmIdentityPage(visit: OnPage<Visit>, account: Account, refused?: Refused): Page {
  const { uid, application, t } = visit
  return {
    title: t('confirm-identity.title'),
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>{t('confirm-identity.title')}</h1>
        <ErrorSummary refused={refused} t={t} />
        <p>{t('confirm-identity.text', { name: account.name })}</p>
        <PasswordForm visit={visit} refused={refused} cip={account.cip} />
        <p class="not-you">
          <span>{t('sign-in.signing-in-as', { name: account.name })}</span>{' '}
          <a href={somebodyElseAt(uid)}>{t('sign-in.not-you')}</a>
        </p>
      </>
    ),
  }
}
