// Amounts, dates and times as people here write them.

import type { Language } from '../language.js'

const TIME_ZONE = 'America/Toronto'
const REGION: Record<Language, string> = { 'fr-CA': 'fr-CA', 'en': 'en-CA' }

export function formatCents(cents: number, language: Language): string {
  return new Intl.NumberFormat(REGION[language], { style: 'currency', currency: 'CAD' }).format(cents / 100)
}

const DAY = { timeZone: 'UTC', day: 'numeric', month: 'long' } as const
const DAY_WITH = { year: { ...DAY, year: 'numeric' }, weekday: { ...DAY, weekday: 'long' } } as const

/** A calendar day, given as midnight UTC. */
export function formatDay(day: Date, language: Language, part: 'year' | 'weekday' = 'year'): string {
  const text = new Intl.DateTimeFormat(REGION[language], DAY_WITH[part]).format(day)
  return language === 'fr-CA' ? text.replace(/\b1 /, '1ᵉʳ ') : text // Intl writes a plain 1
}

/** A moment in seconds since 1970, as tokens carry it. */
export function formatMoment(seconds: number, language: Language): string {
  const format = new Intl.DateTimeFormat(REGION[language], {
    dateStyle: 'long',
    timeStyle: 'medium',
    timeZone: TIME_ZONE,
  })
  return format.format(new Date(seconds * 1000))
}

/** Midnight UTC of the day it is here. */
export function today(now: number): Date {
  const format = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone: TIME_ZONE })
  return new Date(`${format.format(new Date(now))}T00:00:00Z`)
}

/** An hour of the day, such as 7.5 for half past seven. */
export function formatHour(hour: number, language: Language): string {
  const minutes = String((hour % 1) * 60).padStart(2, '0')
  return language === 'en' ? `${Math.floor(hour)}:${minutes}` : `${Math.floor(hour)}\u00A0h\u00A0${minutes}`
}
