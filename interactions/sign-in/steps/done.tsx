// Seen only after an interruption at the very end: everything is verified, and a button (a visit alone saves
// nothing) leads on.

import type { OnPage, Page, SignedVisit } from '../step.js'
import { ForApplication, NotYou } from '../../views/application.js'
import { PostForm, Primary } from '../../views/form.js'

export function donePage({ uid, application, csrfToken, t, account }: OnPage<SignedVisit>): Page {
  return {
    title: t('done.title'),
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>{t('done.title')}</h1>
        <p>{t('done.text')}</p>
        <PostForm action={`/interaction/${uid}/done`} csrfToken={csrfToken}>
          <Primary>{t('done.submit')}</Primary>
        </PostForm>
        <NotYou uid={uid} csrfToken={csrfToken} name={account.name} t={t} />
      </>
    ),
  }
}
