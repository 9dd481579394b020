// The page of whoever stands in line: calm, the same for everybody, and it goes on by itself. The link serves
// browsers that were told not to.

import type { OnPage, Page, Visit } from '../step.js'
import { ForApplication } from '../../views/application.js'
import { PostForm } from '../../views/form.js'

/** Well within what a place is kept unasked for. */
const REFRESH_SECONDS = 4

export function waitingPage({ uid, application, csrfToken, t }: OnPage<Visit>): Page {
  return {
    title: t('waiting.title'),
    refreshSeconds: REFRESH_SECONDS,
    body: (
      <>
        <ForApplication name={application} t={t} />
        <h1>{t('waiting.title')}</h1>
        <p>{t('waiting.why')}</p>
        <p>{t('waiting.place')}</p>
        <p class="below">
          <a href={`/interaction/${uid}/waiting`}>{t('waiting.refresh')}</a>
        </p>
        <div class="not-you">
          <PostForm action={`/interaction/${uid}/restart`} csrfToken={csrfToken}>
            <button class="link" type="submit">
              {t('waiting.restart')}
            </button>
          </PostForm>
        </div>
      </>
    ),
  }
}
