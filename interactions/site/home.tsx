// The issuer's own address: the applications one can open, so that whoever typed it is not at a dead end.

import type { Translate } from '../../src/i18n.js'
import type { Page } from '../sign-in/step.js'

export function homePage({
  t,
  applications,
}: {
  t: Translate
  applications: readonly { name: string; url: string }[]
}): Page {
  return {
    title: t('home.title'),
    body: (
      <>
        <h1>{t('home.title')}</h1>
        <p>{applications.length === 0 ? t('home.none') : t('home.text')}</p>
        <ul class="links">
          {applications.map(({ name, url }) => (
            <li key={url}>
              <a class="secondary" href={url}>
                {name}
              </a>
            </li>
          ))}
        </ul>
        <p class="below">
          <a href="/help">{t('help.link')}</a>
        </p>
      </>
    ),
  }
}
