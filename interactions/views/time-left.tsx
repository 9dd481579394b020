// Until when a sign-in may last, and how to prolong it. Quiet, and there without script; time.js says it
// aloud when five minutes are left.

import type { VNode } from 'preact'
import { piecesOf, type Locale, type Translate } from '../../src/i18n.js'
import { PostForm } from './form.js'
import { Hour } from './moment.js'

export type TimeLeftProps = {
  uid: string
  csrfToken: string
  endsAt: number
  now: number
  isProlongable: boolean
  locale: Locale
  timeZone: string
  t: Translate
}

export function TimeLeft(props: TimeLeftProps): VNode {
  const { uid, csrfToken, endsAt, now, isProlongable, locale, timeZone, t } = props
  return (
    <div
      class="time-left"
      data-seconds-left={Math.max(0, Math.floor((endsAt - now) / 1000))}
      data-soon={t(isProlongable ? 'time.soon' : 'time.soon-last')}
      data-soon-last={t('time.soon-last')}
      data-until={t('time.until', { time: '{time}' })}
      data-locale={locale}
      data-time-zone={timeZone}
      data-server-time={now}
    >
      <output />
      <span>
        {piecesOf(locale, 'time.until', { time: <Hour at={endsAt} locale={locale} timeZone={timeZone} /> })}
      </span>
      {isProlongable ? (
        <PostForm action={`/interaction/${uid}/prolong`} csrfToken={csrfToken}>
          <button class="link" type="submit">
            {t('time.prolong')}
          </button>
        </PostForm>
      ) : null}
    </div>
  )
}

/**
 * Before any password nothing can be prolonged: the script sees when the time is up for certain. The whole
 * time and not what is left of it, so that the page is the same for whoever types what (FLOW-6).
 */
export function TimeLeftUnsaid({ seconds }: { seconds: number }): VNode {
  return <div hidden data-seconds-left={seconds} />
}
