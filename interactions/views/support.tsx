// Whom to call, and when: the foot of every page.

import type { VNode } from 'preact'
import type { Locale, Translate } from '../../src/i18n.js'
import type { Answered, Support } from '../../src/organisation/organisation.js'
import type { PhoneNumber } from '../../src/organisation/phone-number.js'

type Props = {
  support: Support
  /** Extensions can be dialled here too. */
  isInside: boolean
  locale: Locale
  t: Translate
}

export function WhomToCall({ support, isInside, locale, t }: Props): VNode {
  return (
    <div>
      <div>
        <strong>{t('support.title')}</strong>
        <Hours answered={support.answered} t={t} />
      </div>
      <ul>
        {support.lines.map((line) => (
          <li key={line.label}>
            <span lang={line.locale === locale ? undefined : line.locale}>
              {line.label}
              {locale === 'en' ? ': ' : '\u00a0: '}
              <Phone number={line.number} isInside={isInside} />
            </span>
            <Hours answered={line.answered} t={t} />
          </li>
        ))}
      </ul>
    </div>
  )
}

function Hours({ answered, t }: { answered: Answered | undefined; t: Translate }): VNode | null {
  if (answered === undefined) return null
  return (
    <small>
      {answered.hours} {answered.isOpen ? null : <b>{t('hours.closed')}</b>}
    </small>
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
