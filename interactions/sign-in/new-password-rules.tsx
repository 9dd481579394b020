// The rules for a new password, as a list above the fields. By script each is ticked as one types
// (assets/new-password.js), and what breaks one of them is not sent; the server's answer is the one that counts.

import type { VNode } from 'preact'
import type { PasswordFault } from '../../src/accounts/password-policy.js'
import type { MessageKey, MessageValues } from '../../src/i18n.js'
import type { SignedVisit } from './step.js'

export const FAULT_TITLES: Record<PasswordFault, MessageKey> = {
  'too-short': 'new-password.too-short',
  'too-long': 'new-password.too-long',
  'on-blocklist': 'new-password.on-blocklist',
  'contains-cip': 'new-password.contains-cip',
  'contains-name': 'new-password.contains-name',
  'contains-organisation': 'new-password.contains-organisation',
  'same-as-current': 'new-password.same-as-current',
  'has-control-characters': 'new-password.has-control-characters',
}

/** What can be said without the list of common passwords and the stored hash. */
const SEEN_ON_THE_PAGE = [
  'too-short',
  'too-long',
  'contains-cip',
  'contains-name',
  'contains-organisation',
  'has-control-characters',
] as const satisfies PasswordFault[]

export const lengthsOf = ({ config }: Pick<SignedVisit, 'config'>): { min: number; max: number } => ({
  min: config.passwordMinLength,
  max: config.passwordMaxLength,
})

export function NewPasswordRules({ visit }: { visit: SignedVisit }): VNode {
  const { t, account, services } = visit
  const lengths = lengthsOf(visit)
  const limits = { ...lengths, own: services.passwordChange.ownWordsOf(account) }
  return (
    <ul
      class="rules"
      id="rules"
      data-limits={JSON.stringify(limits)}
      data-texts={JSON.stringify(textsOf(visit, lengths))}
    >
      <li data-rule="length">{t('new-password.rule-length', lengths)}</li>
      <li data-rule="cip">{t('new-password.rule-cip')}</li>
      <li data-rule="name">{t('new-password.rule-name')}</li>
      <li data-rule="organisation">{t('new-password.rule-organisation')}</li>
      <li data-rule="same">{t('new-password.rule-same')}</li>
      <li>{t('new-password.rule-on-server')}</li>
    </ul>
  )
}

/** The script's words; `{count}` is its own to fill in. */
function textsOf({ t }: SignedVisit, lengths: MessageValues) {
  const counted = { ...lengths, count: '{count}' }
  return {
    faults: Object.fromEntries(SEEN_ON_THE_PAGE.map((fault) => [fault, t(FAULT_TITLES[fault], lengths)])),
    missing: t('new-password.missing'),
    differs: t('new-password.confirmation-differs'),
    same: t('new-password.confirmation-same'),
    kept: t('new-password.rules-kept'),
    met: t('new-password.state-met'),
    unmet: t('new-password.state-unmet'),
    open: t('new-password.state-open'),
    countShort: t('new-password.count-short', counted),
    countEnough: t('new-password.count-enough', counted),
    countLong: t('new-password.count-long', counted),
  }
}
