// The form of CIP and password, as the sign-in page and « Confirmez votre identité » show it.

import type { VNode } from 'preact'
import { helpFrom } from '../site/help-address.js'
import { Field, PostForm, Primary, Tick, TICKED } from '../views/form.js'
import type { OnPage, Refused, Visit } from './step.js'

type Props = {
  visit: OnPage<Visit>
  refused: Refused | undefined
  cip: string
  /** The CIP stays as it is: who is somebody else says so first. */
  isReadOnly?: boolean
}

export function PasswordForm({ visit, refused, cip, isReadOnly = false }: Props): VNode {
  const { uid, csrfToken, t, visitor, config } = visit
  const isPairWrong = refused?.faults[0]?.title === 'password.wrong'
  const isShared =
    refused?.typed === undefined
      ? config.isSharedNetwork(visitor.clientAddress)
      : refused.typed['sharedComputer'] === TICKED
  return (
    <>
      <PostForm action={`/interaction/${uid}/password`} csrfToken={csrfToken}>
        <Field
          name="cip"
          label={t('field.cip')}
          t={t}
          refused={refused}
          autocomplete="username"
          value={cip}
          isReadOnly={isReadOnly}
          isFocused={refused === undefined && cip === ''}
          isRefused={isPairWrong}
        />
        <Field
          name="password"
          label={t('field.password')}
          t={t}
          refused={refused}
          type="password"
          autocomplete="current-password"
          isFocused={refused === undefined && cip !== ''}
          isRefused={isPairWrong}
        />
        <Tick
          name="sharedComputer"
          label={t('password.shared-computer')}
          hint={t('password.shared-computer-hint')}
          isTicked={isShared}
        />
        <Primary>{t('password.submit')}</Primary>
      </PostForm>
      <p class="below">
        <a href={helpFrom(uid, 'password', 'password')}>{t('password.forgotten')}</a>
      </p>
    </>
  )
}
