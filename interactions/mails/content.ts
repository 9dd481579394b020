// What a mail says, before it is text or HTML. Only what is made a link here becomes one; a value is words,
// whatever it looks like, and stays in its line.

import { piecesOf, translator, type Locale } from '../../src/i18n.js'
import type { MailKind, MailValues } from '../../src/mail/mailbox.js'
import type { Answered, Organisation, SupportLine } from '../../src/organisation/organisation.js'

/** `isWritten`: text alone has the address, since nobody could follow the words. */
export type Link = { href: string; text: string; isWritten?: true }
/** What is copied sign by sign: a password, which is never broken over two lines, or an address. */
export type Exact = { exact: string; mayBreak?: true }
/** Words, in which an empty line ends a paragraph; a link; or what is copied. */
export type Part = string | Link | Exact

export type Sender = {
  organisation: Organisation
  /** The address mails come from, as people can compare it. */
  mailFrom: string
  now: () => number
}

export type Letter = { subject: string; organisation: string; parts: Part[] }

const STORES: Record<string, Part[]> = {
  storeApple: [
    {
      href: 'https://apps.apple.com/ca/app/google-authenticator/id388497605',
      text: 'App Store',
      isWritten: true,
    },
  ],
  storeGoogle: [
    {
      href: 'https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2',
      text: 'Google Play',
      isWritten: true,
    },
  ],
}

/** Values that are copied. */
const EXACT = new Set(['temporaryPassword', 'cip'])

export function mailContent(
  { organisation, mailFrom, now }: Sender,
  kind: MailKind,
  locale: Locale,
  values: MailValues,
): Letter {
  const t = translator(locale)
  const colon = locale === 'en' ? ': ' : '\u00a0: '
  const said = { ...values, ofOrganisation: organisation.ofNameIn(locale), sender: addressIn(mailFrom) }
  const given: Record<string, Part[] | number> = { ...STORES }
  const numbers: Record<string, number> = {}
  for (const [name, value] of Object.entries(said))
    if (typeof value === 'number') given[name] = numbers[name] = value
    else given[name] = partsOf(name, value, colon)
  const subject = t(`mail.${kind}.subject`, numbers) // nothing that people have written
  const { answered, lines } = organisation.supportIn(locale, now())
  return {
    subject: organisation.shortName === undefined ? subject : `${organisation.shortName} – ${subject}`,
    organisation: organisation.nameIn(locale),
    parts: [
      ...piecesOf(locale, 'mail.greeting', given).flat(),
      '\n\n',
      ...piecesOf(locale, `mail.${kind}.body`, given).flat(),
      `\n\n${t('support.title')}${inBrackets(answered)}`,
      ...lines.flatMap((line) => phoneParts(line, colon)),
      '\n\n',
      ...piecesOf(locale, 'mail.recognise', given).flat(),
      `\n\n${t('mail.signature', { ofOrganisation: said.ofOrganisation })}`,
    ],
  }
}

/** Applications have a line each, with their address as words: no mail leads to where a password is asked. */
function partsOf(name: string, value: Exclude<MailValues[string], number>, colon: string): Part[] {
  if (typeof value !== 'object') return EXACT.has(name) ? [{ exact: inOneLine(value) }] : [inOneLine(value)]
  return value.flatMap((application, index) => [
    `${index > 0 ? '\n' : ''}${inOneLine(application.name)}${colon}`,
    { exact: application.url, mayBreak: true },
  ])
}

/** Who reads a mail may be anywhere: an extension is words. */
function phoneParts({ label, number, answered }: SupportLine, colon: string): Part[] {
  const { before, shown, after, dialled, isFor } = number
  return [
    `\n${label}${colon}${before}`,
    isFor === 'everybody' ? { href: `tel:${dialled}`, text: shown } : shown,
    `${after}${inBrackets(answered)}`,
  ]
}

const inBrackets = (answered: Answered | undefined): string =>
  answered === undefined ? '' : ` (${answered.hours})`

/** From «Name <address>», or the address alone. */
const addressIn = (mailFrom: string): string => /<([^<>]*)>\s*$/.exec(mailFrom)?.[1] ?? mailFrom

const inOneLine = (value: string): string => value.replace(/[\r\n\u2028\u2029]+/g, ' ')
