// Amounts, hours, dates and times as people here write them. What belongs together does not break.

import type { Language } from '../language.js'

const TIME_ZONE = 'America/Toronto'
const REGION: Record<Language, string> = { 'fr-CA': 'fr-CA', 'en': 'en-CA' }
const NO_BREAK = '\u00A0'

export function formatCents(cents: number, language: Language): string {
  const format = new Intl.NumberFormat(REGION[language], { style: 'currency', currency: 'CAD' })
  return format.format(cents / 100)
}

/** Hours are counted in hundredths. */
export function formatHours(hundredths: number, language: Language): string {
  const format = new Intl.NumberFormat(REGION[language], { minimumFractionDigits: 2 })
  return `${format.format(hundredths / 100)}${NO_BREAK}h`
}

const DAY = { timeZone: 'UTC', day: 'numeric', month: 'long' } as const
const DAY_WITH = { year: { ...DAY, year: 'numeric' }, weekday: { ...DAY, weekday: 'long' } } as const

/** A calendar day, given as midnight UTC. */
export function formatDay(day: Date, language: Language, part: 'year' | 'weekday' = 'year'): string {
  const text = new Intl.DateTimeFormat(REGION[language], DAY_WITH[part]).format(day)
  return language === 'fr-CA' ? text.replace(/\b1 /, `1ᵉʳ${NO_BREAK}`) : text // Intl writes a plain 1
}

/** A moment in seconds since 1970, as tokens carry it. */
export function formatMoment(seconds: number, language: Language): string {
  return momentFormat(language, { dateStyle: 'long', timeStyle: 'medium' }, seconds * 1000)
}

/** The time of day of a moment in milliseconds. */
export function formatTime(moment: number, language: Language): string {
  return momentFormat(language, { hour: 'numeric', minute: '2-digit' }, moment)
}

function momentFormat(language: Language, options: Intl.DateTimeFormatOptions, moment: number): string {
  const format = new Intl.DateTimeFormat(REGION[language], { ...options, timeZone: TIME_ZONE })
  return format
    .format(new Date(moment))
    .replaceAll(/(?<=\d) (?=h\b|min\b|s\b|[ap]\.m\.)|(?<=\b(?:h|min)) (?=\d)/g, NO_BREAK)
}

/** An hour of the day, such as 7.5 for half past seven. */
export function formatHour(hour: number, language: Language): string {
  const minutes = String((hour % 1) * 60).padStart(2, '0')
  const hours = Math.floor(hour)
  return language === 'en' ? `${hours}:${minutes}` : `${hours}${NO_BREAK}h${NO_BREAK}${minutes}`
}
