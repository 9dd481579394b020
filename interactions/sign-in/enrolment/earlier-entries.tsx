// What somebody who comes back to the set-up page is told before the mistake: which entries of Google
// Authenticator serve nothing any more.

import type { VNode } from 'preact'
import { formatNames } from '../../../src/i18n.js'
import { entryText } from '../../../src/second-factors/authenticator-entry.js'
import type { PendingEnrolment } from '../../../src/second-factors/factors.js'
import type { SignedVisit } from '../step.js'

type Props = { pending: PendingEnrolment; visit: SignedVisit }

export function EarlierEntries({ pending: { earlier }, visit: { locale, t, config } }: Props): VNode | null {
  if (earlier.length === 0) return null
  const { organisationName: organisation } = config
  const entries = earlier.map((entry) => t('enrol.entry', { organisation, account: entryText(entry) }))
  return (
    <p id="earlier-entries" class="note">
      <strong>{t('enrol.earlier')}</strong>{' '}
      {t('enrol.earlier-detail', { count: entries.length, entries: formatNames(entries, locale) })}
    </p>
  )
}
