// Signing out: the question (when no application vouches for it), and the page after, which never says more
// than is true.

import type { Translate } from '../../src/i18n.js'
import type { SignOutForm } from '../../src/oidc/library/sign-out.js'
import type { Page } from '../sign-in/step.js'
import { WayOn, type WayBack } from './problem.js'

export function signOutPage({ t, form }: { t: Translate; form: SignOutForm }): Page {
  return {
    title: t('sign-out.title'),
    body: (
      <>
        <h1>{t('sign-out.title')}</h1>
        <p>{t('sign-out.text')}</p>
        <form method="post" action={form.action}>
          <input type="hidden" name="xsrf" value={form.xsrf} />
          <button class="primary" type="submit" name="logout" value="yes">
            {t('sign-out.submit')}
          </button>
          <p class="below">
            <button class="link" type="submit">
              {t('sign-out.stay')}
            </button>
          </p>
        </form>
      </>
    ),
  }
}

export function signedOutPage({ t, wayBack }: { t: Translate; wayBack: WayBack | undefined }): Page {
  return {
    title: t('signed-out.title'),
    body: (
      <>
        <h1>{t('signed-out.title')}</h1>
        <p>{t('signed-out.text')}</p>
        <WayOn wayBack={wayBack} t={t} />
      </>
    ),
  }
}

export function stillSignedInPage({ t, wayBack }: { t: Translate; wayBack: WayBack | undefined }): Page {
  return {
    title: t('still-signed-in.title'),
    body: (
      <>
        <h1>{t('still-signed-in.title')}</h1>
        <p>{t('still-signed-in.text')}</p>
        <WayOn wayBack={wayBack} t={t} />
        <p class="below">
          <a href="/session/end">{t('sign-out.submit')}</a>
        </p>
      </>
    ),
  }
}
