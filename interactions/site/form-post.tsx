// The way back for an application that asked for `response_mode=form_post`: a form that script sends on at
// once, and a button.

import type { FormPost } from '../../src/oidc/library/form-post.js'
import type { Translate } from '../../src/i18n.js'
import type { Page } from '../sign-in/step.js'

export function formPostPage({ t, form }: { t: Translate; form: FormPost }): Page {
  return {
    title: t('form-post.title'),
    body: (
      <>
        <h1>{t('form-post.title')}</h1>
        <form method="post" action={form.action} data-sends-itself>
          {Object.entries(form.inputs).map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
          <button class="primary" type="submit">
            {t('form-post.submit')}
          </button>
        </form>
      </>
    ),
  }
}
