// Shows what is typed into a field for a secret, or into several at once.

import type { VNode } from 'preact'
import type { Translate } from '../../src/i18n.js'

/** Appears by script only: without it there is nothing it could do. */
export function ShowButton({ controls, t }: { controls: readonly string[]; t: Translate }): VNode {
  const ids = controls.join(' ')
  const isOne = controls.length === 1
  return (
    <button
      type="button"
      hidden
      data-shows={ids}
      data-other-text={t('form.hide')}
      data-other-label={t(isOne ? 'form.hide-password' : 'form.hide-passwords')}
      aria-controls={ids}
      aria-label={t(isOne ? 'form.show-password' : 'form.show-passwords')}
    >
      {t('form.show')}
    </button>
  )
}
