// Whom to call: the foot of every page.

import type { VNode } from 'preact'
import type { Locale, Translate } from '../../src/i18n.js'
import type { PhoneNumber } from '../../src/organisation/phone-number.js'
import type { SupportLine } from '../../src/organisation/organisation.js'

type Props = {
  supportLines: readonly SupportLine[]
  /** Extensions can be dialled here too. */
  isInside: boolean
  locale: Locale
  t: Translate
}

export function Support({ supportLines, isInside, locale, t }: Props): VNode {
  return (
    <div>
      <strong>{t('support.title')}</strong>
      <ul>
        {supportLines.map((line) => (
          <li key={line.label}>
            <span lang={line.locale === locale ? undefined : line.locale}>
              {line.label}
              {locale === 'en' ? ': ' : '\u00a0: '}
              <Phone number={line.number} isInside={isInside} />
            </span>
            {line.hours === undefined ? null : (
              <small>
                {line.hours}
                {line.isOpen === false && (
                  <>
                    {' '}
                    <b>{t('hours.closed')}</b>
                  </>
                )}
              </small>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}

function Phone({ number, isInside }: { number: PhoneNumber; isInside: boolean }): VNode {
  const { before, shown, after, dialled, isFor } = number
  const unbroken = shown.replaceAll('-', '\u2011').replaceAll(' ', '\u00a0')
  const isLink = isFor === 'everybody' || (isFor === 'inside' && isInside)
  return (
    <>
      {before.replaceAll(' ', '\u00a0')}
      {isLink ? <a href={`tel:${dialled}`}>{unbroken}</a> : unbroken}
      {after}
    </>
  )
}
