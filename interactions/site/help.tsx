// What most people ask, their first access first; then whom to call, when nothing here helps.

import type { VNode } from 'preact'
import { piecesOf, type Locale, type MessageKey, type Translate } from '../../src/i18n.js'
import type { Page } from '../sign-in/step.js'
import { Hour } from '../views/moment.js'

type Help = {
  t: Translate
  locale: Locale
  timeZone: string
  now: number
  /** The page of a sign-in that the person came from. */
  returnTo: string | undefined
}

/** In this order, and so in the contents. The addresses are linked to from elsewhere. */
const SECTIONS = [
  ['first', 'help.first'],
  ['password', 'help.password'],
  ['device', 'help.device'],
  ['clock', 'help.clock'],
] as const

const FIRST_STEPS: MessageKey[] = [
  'help.first-sign-in',
  'help.first-scan',
  'help.first-code',
  'help.first-name',
]

export function helpPage(help: Help): Page {
  const { t, returnTo } = help
  const inside: Record<(typeof SECTIONS)[number][0], VNode> = {
    first: <FirstAccess t={t} />,
    password: <p>{t('help.password-text')}</p>,
    device: <p>{t('help.device-text')}</p>,
    clock: <PhoneClock {...help} />,
  }
  return {
    title: t('help.title'),
    isWide: true,
    body: (
      <>
        <h1>{t('help.title')}</h1>
        <nav class="contents" aria-label={t('help.contents')}>
          <ul>
            {SECTIONS.map(([id, title]) => (
              <li key={id}>
                <a href={`#${id}`}>{t(title)}</a>
              </li>
            ))}
          </ul>
        </nav>
        {SECTIONS.map(([id, title]) => (
          <section key={id} id={id}>
            <h2>{t(title)}</h2>
            {inside[id]}
          </section>
        ))}
        <p class="last">{t('help.intro')}</p>
        <WayBack returnTo={returnTo} t={t} />
      </>
    ),
  }
}

/** Stays in sight, whichever section one was led to. */
function WayBack({ returnTo, t }: Pick<Help, 'returnTo' | 't'>): VNode | null {
  if (returnTo === undefined) return null
  return (
    <p class="way-back">
      <a class="secondary" href={returnTo}>
        {t('help.back')}
      </a>
    </p>
  )
}

function FirstAccess({ t }: Pick<Help, 't'>): VNode {
  return (
    <>
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
      <p>{t('help.first-then')}</p>
      <ol>
        {FIRST_STEPS.map((step) => (
          <li key={step}>{t(step)}</li>
        ))}
      </ol>
    </>
  )
}

function PhoneClock({ t, now, ...place }: Help): VNode {
  return (
    <>
      <p>{piecesOf(place.locale, 'help.clock-text', { time: <Hour at={now} {...place} /> })}</p>
      <ul>
        <li>{t('help.clock-iphone')}</li>
        <li>{t('help.clock-android')}</li>
      </ul>
    </>
  )
}
