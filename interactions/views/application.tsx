// Two small things of the journey's pages: the application that asked, and whose sign-in this is.

import type { VNode } from 'preact'
import type { Translate } from '../../src/i18n.js'
import { PostForm } from './form.js'

export function ForApplication({ name, t }: { name: string; t: Translate }): VNode {
  return (
    <p class="to">
      {t('sign-in.to-reach')} <b>{name}</b>
    </p>
  )
}

/** The same before the password: whoever was greeted by name is forgotten here. */
export function ForgetMe({ uid, csrfToken, t }: { uid: string; csrfToken: string; t: Translate }): VNode {
  return (
    <div class="not-you">
      <PostForm action={`/interaction/${uid}/forget`} csrfToken={csrfToken}>
        <button class="link" type="submit">
          {t('sign-in.not-you')}
        </button>
      </PostForm>
    </div>
  )
}

/** The way out for whoever finds another person's sign-in on the screen. */
export function NotYou({
  uid,
  csrfToken,
  name,
  t,
}: {
  uid: string
  csrfToken: string
  name: string
  t: Translate
}): VNode {
  return (
    <div class="not-you">
      <PostForm action={`/interaction/${uid}/restart`} csrfToken={csrfToken}>
        <span>{t('sign-in.signing-in-as', { name })}</span>{' '}
        <button class="link" type="submit">
          {t('sign-in.not-you')}
        </button>
      </PostForm>
    </div>
  )
}
