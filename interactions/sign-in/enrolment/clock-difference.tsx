// Codes depend on the time: where the clock of the person's computer or phone differs from ours the page says
// so, and which of the two is wrong. Only script can know; without it nothing is shown.

import type { VNode } from 'preact'
import type { SignedVisit } from '../step.js'

export function ClockDifference({ visit: { t, locale, now, isPhone } }: { visit: SignedVisit }): VNode {
  const offset = '{offset}' // for the script to fill in
  return (
    <p
      id="clock-difference"
      class="note"
      aria-live="polite"
      hidden
      data-at={now}
      data-locale={locale}
      data-ahead={t(isPhone ? 'clock.phone-ahead' : 'clock.computer-ahead', { offset })}
      data-behind={t(isPhone ? 'clock.phone-behind' : 'clock.computer-behind', { offset })}
    ></p>
  )
}
