// The password page of whoever is signed in already and is asked again. The form is the same, and any CIP may
// be typed into it.

import type { VNode } from 'preact'
import type { Account } from '../../src/accounts/accounts.js'
import { helpFrom } from '../site/help-address.js'
import { ForApplication } from '../views/application.js'
import { ErrorSummary, Field, PostForm, Primary, Tick } from '../views/form.js'
import { somebodyElseAt } from './confirming.js'
import type { OnPage, Page, Refused, Visit } from './step.js'

const TICKED = 'yes'

export function confirmIdentityPage(visit: OnPage<Visit>, account: Account, refused?: Refused): Page {
  const { uid, application, csrfToken, t } = visit
  const isPairWrong = refused?.faults[0]?.title === 'password.wrong'
  return {
    title: t('confirm-identity.title'),
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>{t('confirm-identity.title')}</h1>
        <ErrorSummary refused={refused} t={t} />
        <p>{t('confirm-identity.text', { name: account.name })}</p>
        <PostForm action={`/interaction/${uid}/password`} csrfToken={csrfToken}>
          <Field
            name="cip"
            label={t('field.cip')}
            t={t}
            refused={refused}
            autocomplete="username"
            value={account.cip}
            isRefused={isPairWrong}
          />
          <Field
            name="password"
            label={t('field.password')}
            t={t}
            refused={refused}
            type="password"
            autocomplete="current-password"
            isFocused={refused === undefined}
            isRefused={isPairWrong}
          />
          <SharedComputer {...visit} refused={refused} />
          <Primary>{t('password.submit')}</Primary>
        </PostForm>
        <p class="below">
          <a href={helpFrom(uid, 'password', 'password')}>{t('password.forgotten')}</a>
        </p>
        <p class="not-you">
          <span>{t('sign-in.signing-in-as', { name: account.name })}</span>{' '}
          <a href={somebodyElseAt(uid)}>{t('sign-in.not-you')}</a>
        </p>
      </>
    ),
  }
}

function SharedComputer({
  t,
  config,
  visitor,
  refused,
}: OnPage<Visit> & { refused: Refused | undefined }): VNode {
  const typed = refused?.typed?.['sharedComputer']
  return (
    <Tick
      name="sharedComputer"
      value={TICKED}
      label={t('password.shared-computer')}
      hint={t('password.shared-computer-hint')}
      isTicked={typed === undefined ? config.isSharedNetwork(visitor.clientAddress) : typed === TICKED}
    />
  )
}
