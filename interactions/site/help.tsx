// Whom to call, and what to do about the phone's clock, when nothing else helps.

import type { Translate } from '../../src/i18n.js'
import type { Page } from '../sign-in/step.js'

/** `returnTo`: the page of a sign-in that the person came from. */
export function helpPage({
  t,
  serverTime,
  returnTo,
}: {
  t: Translate
  serverTime: string
  returnTo: string | undefined
}): Page {
  return {
    title: t('help.title'),
    isWide: true,
    body: (
      <>
        <h1>{t('help.title')}</h1>
        <p>{t('help.intro')}</p>
        {returnTo === undefined ? null : (
          <p>
            <a class="secondary" href={returnTo}>
              {t('help.back')}
            </a>
          </p>
        )}
        <section id="password">
          <h2>{t('help.password')}</h2>
          <p>{t('help.password-text')}</p>
        </section>
        <section id="device">
          <h2>{t('help.device')}</h2>
          <p>{t('help.device-text')}</p>
        </section>
        <section id="clock">
          <h2>{t('help.clock')}</h2>
          <p>{t('help.clock-text', { time: serverTime })}</p>
          <ul>
            <li>{t('help.clock-iphone')}</li>
            <li>{t('help.clock-android')}</li>
          </ul>
        </section>
        <section id="first">
          <h2>{t('help.first')}</h2>
          <p>{t('help.first-text')}</p>
          <ul>
            <li>
              <a href="https://apps.apple.com/ca/app/google-authenticator/id388497605" rel="noreferrer">
                {t('help.store-apple')}
              </a>
            </li>
            <li>
              <a
                href="https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2"
                rel="noreferrer"
              >
                {t('help.store-google')}
              </a>
            </li>
          </ul>
        </section>
      </>
    ),
  }
}
