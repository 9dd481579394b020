// How the entry of an account is told apart from an earlier one in Google Authenticator: by the day and hour
// at which its QR code was first shown. Pure.

import type { Locale } from '../i18n.js'

/** «25 nov. 22 h 04», "Nov 25, 10.04 p.m.". No colon: one separates issuer and account in the link. */
export function markOf(at: number, locale: Locale, timeZone: string): string {
  const format = new Intl.DateTimeFormat(locale === 'en' ? 'en-CA' : locale, {
    month: 'short',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  })
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]))
  const { month, day, minute } = part
  const hour = Number(part['hour'])
  if (locale !== 'en') return `${day} ${month} ${hour} h ${minute}`
  return `${month} ${day}, ${hour % 12 || 12}.${minute} ${hour < 12 ? 'a.m.' : 'p.m.'}`
}

/** The account's name in the authenticator, where the issuer stands before it. */
export const entryName = (cip: string, mark: string): string => `${cip} (${mark})`

/** The same in a text of ours, where no line may end inside the hour; applications are given plain spaces. */
export const entryText = (entry: string): string =>
  entry.replaceAll(' h ', '\u00a0h\u00a0').replace(/ (?=[ap]\.m\.)/, '\u00a0')
