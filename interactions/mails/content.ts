// What a mail says, before it is text or HTML. Only what is made a link here becomes one; a value is words,
// whatever it looks like, and stays in its line.

import { piecesOf, translator, type Locale } from '../../src/i18n.js'
import type { MailKind, MailValues } from '../../src/mail/mailbox.js'

export type Link = { href: string }
/** Words, in which an empty line ends a paragraph, or a link. */
export type Part = string | Link

export type Organisation = {
  organisationName: string
  supportPhones: readonly { label: string; number: string }[]
}

const STORES: Record<string, Part[]> = {
  storeApple: [{ href: 'https://apps.apple.com/ca/app/google-authenticator/id388497605' }],
  storeGoogle: [
    { href: 'https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2' },
  ],
}

export function mailContent(
  { organisationName, supportPhones }: Organisation,
  kind: MailKind,
  locale: Locale,
  values: MailValues,
): { subject: string; parts: Part[] } {
  const t = translator(locale)
  const colon = locale === 'en' ? ': ' : '\u00a0: '
  const given: Record<string, Part[] | number> = { ...STORES }
  const numbers: Record<string, number> = {}
  for (const [name, value] of Object.entries({ ...values, organisation: organisationName }))
    if (typeof value === 'number') given[name] = numbers[name] = value
    else given[name] = partsOf(value, colon)
  const phones = supportPhones.map(({ label, number }) => `\n${label}${colon}${number}`)
  return {
    subject: t(`mail.${kind}.subject`, numbers), // nothing that people have written
    parts: [
      ...piecesOf(locale, 'mail.greeting', given).flat(),
      '\n\n',
      ...piecesOf(locale, `mail.${kind}.body`, given).flat(),
      `\n\n${t('support.title')}${phones.join('')}\n\n${organisationName}`,
    ],
  }
}

/** Applications have a line each. */
function partsOf(value: Exclude<MailValues[string], number>, colon: string): Part[] {
  if (typeof value !== 'object') return [inOneLine(value)]
  return value.flatMap(({ name, url }, index) => [
    `${index > 0 ? '\n' : ''}${inOneLine(name)}${colon}`,
    { href: url },
  ])
}

const inOneLine = (value: string): string => value.replace(/[\r\n\u2028\u2029]+/g, ' ')
