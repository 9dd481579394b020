// Texts in the person's language. French (Canada) comes first: its file decides which keys exist.

import { IntlMessageFormat } from 'intl-messageformat'
import en from '../interactions/locales/en.json' with { type: 'json' }
import frCA from '../interactions/locales/fr-CA.json' with { type: 'json' }

export type MessageKey = keyof typeof frCA
export type Locale = 'fr-CA' | 'en'
export type MessageValues = Record<string, string | number>
export type Translate = (key: MessageKey, values?: MessageValues) => string

export const LOCALES: readonly Locale[] = ['fr-CA', 'en']
const messages: Record<Locale, Record<MessageKey, string>> = { 'fr-CA': frCA, en }
const compiled = new Map<string, IntlMessageFormat>()

export function translator(locale: Locale): Translate {
  return (key, values) => String(messageOf(locale, key).format(values))
}

/**
 * A text in pieces: our own words as strings, and between them the values, as they were given. A number
 * decides a plural, and is written out.
 */
export function piecesOf<Value extends object>(
  locale: Locale,
  key: MessageKey,
  values: Record<string, Value | number>,
): (string | Value)[] {
  const pieces = messageOf(locale, key).format<Value>(values)
  return Array.isArray(pieces) ? pieces : [pieces]
}

function messageOf(locale: Locale, key: MessageKey): IntlMessageFormat {
  const id = `${locale}/${key}`
  let message = compiled.get(id)
  if (message === undefined) {
    message = new IntlMessageFormat(messages[locale][key], locale, undefined, { ignoreTag: true })
    compiled.set(id, message)
  }
  return message
}

/** The first of a list of language tags («fr», «en-CA», best first) that we speak. */
export function matchLocale(tags: readonly string[]): Locale | undefined {
  for (const tag of tags) {
    const language = tag.trim().toLowerCase().split('-')[0]
    if (language === 'fr') return 'fr-CA'
    if (language === 'en') return 'en'
  }
  return undefined
}

/** «Mon iPhone» et «Ma tablette», in the quotation marks and with the word of the language. */
export function formatNames(
  names: readonly string[],
  locale: Locale,
  type: 'conjunction' | 'disjunction' = 'conjunction',
): string {
  const quoted = names.map((name) => (locale === 'en' ? `“${name}”` : `«\u00a0${name}\u00a0»`))
  return new Intl.ListFormat(locale === 'en' ? 'en-CA' : locale, { type }).format(quoted)
}

/** «2 min 30 s», with the spaces that keep a number and its unit together. */
export function formatDuration(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  const rest = seconds % 60
  const parts = [
    ...(minutes > 0 ? [`${minutes}\u00a0min`] : []),
    ...(rest > 0 || minutes === 0 ? [`${rest}\u00a0s`] : []),
  ]
  return parts.join('\u00a0')
}

/** The hour as a clock on the wall shows it: «14 h 32», "2:32 p.m.". */
export function formatTime(at: number, locale: Locale, timeZone: string): string {
  return dateFormat(locale, { hour: 'numeric', minute: '2-digit', timeZone })
    .format(at)
    .replace(SPACES, NON_BREAKING)
}

/** Minutes from midnight as one says an hour: «7 h», «16 h 30», «minuit»; "7 a.m.", "4:30 p.m.". */
export function formatClock(minutes: number, locale: Locale): string {
  if (minutes % (24 * 60) === 0) return translator(locale)('hours.midnight')
  return formatTime(minutes * 60_000, locale, 'UTC').replace(/(?:\u00a0|:)00(?!\d)/, '')
}

/** Day and hour: «24 novembre 2026 à 14 h 32», «1ᵉʳ décembre 2026 à 9 h 05». */
export function formatDateTime(at: number, locale: Locale, timeZone: string): string {
  const day = dateFormat(locale, { dateStyle: 'long', timeZone })
    .format(at)
    .replace(/^1(?=\s)/, locale === 'en' ? '1' : '1ᵉʳ')
    .replace(SPACES, NON_BREAKING)
  return `${day} ${locale === 'en' ? 'at' : 'à'} ${formatTime(at, locale, timeZone)}`
}

const NON_BREAKING = '\u00a0'
/** Intl parts a number from its unit by an ordinary space or a narrow one, as its version pleases. */
const SPACES = /\s/g

const dateFormat = (locale: Locale, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat(locale === 'en' ? 'en-CA' : locale, options)
