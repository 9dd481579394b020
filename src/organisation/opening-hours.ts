// When a telephone is answered: written by the operator, said to people, and whether it is answered at this
// moment. The hours are those of the clock on the wall, so a change to summer time moves nothing. Holidays
// are not known. Pure.

import { formatClock, translator, type Locale } from '../i18n.js'

/** The minutes of a day from its midnight on. `to` at or before `from` is on the next day. */
export type OpeningSpan = { firstDay: number; lastDay: number; from: number; to: number }
export type OpeningHours = readonly OpeningSpan[]

// From Sunday on, as Intl and JavaScript count.
const DAYS = ['dim|sun', 'lun|mon', 'mar|tue', 'mer|wed', 'jeu|thu', 'ven|fri', 'sam|sat']
const DAY = DAYS.join('|')
const SPAN = new RegExp(
  `^(?<first>${DAY})(?:-(?<last>${DAY}))? +(?<from>\\d{1,2}:\\d{2}) ?- ?(?<to>\\d{1,2}:\\d{2})$`,
)
const DAY_MINUTES = 24 * 60

/** From «lun-ven 07:00-21:00, sam-dim 08:00-16:00»; undefined for what is no such text. */
export function parseOpeningHours(text: string): OpeningHours | undefined {
  const spans = text.split(',').map((span) => parseSpan(span.trim().toLowerCase().replace(/\s+/g, ' ')))
  return spans.every((span) => span !== undefined) ? spans : undefined
}

function parseSpan(text: string): OpeningSpan | undefined {
  const { first = '', last = first, from = '', to = '' } = SPAN.exec(text)?.groups ?? {}
  const span = {
    firstDay: dayOf(first),
    lastDay: dayOf(last),
    from: minutesOf(from),
    to: minutesOf(to),
  }
  const isRight = span.from < DAY_MINUTES && span.to <= DAY_MINUTES && span.from !== span.to
  return isRight ? span : undefined // NaN is in no order
}

const dayOf = (name: string): number => DAYS.findIndex((names) => names.split('|').includes(name))

function minutesOf(time: string): number {
  const [hours = NaN, minutes = NaN] = time.split(':').map(Number)
  return minutes < 60 ? hours * 60 + minutes : NaN
}

export function isOpenAt(hours: OpeningHours, at: number, timeZone: string): boolean {
  const { day, minutes } = onTheWall(at, timeZone)
  const yesterday = (day + 6) % 7
  return hours.some((span) => {
    if (span.from < span.to) return isDayOf(span, day) && span.from <= minutes && minutes < span.to
    return (isDayOf(span, day) && span.from <= minutes) || (isDayOf(span, yesterday) && minutes < span.to)
  })
}

/** «ven-lun» goes through the end of the week. */
const isDayOf = ({ firstDay, lastDay }: OpeningSpan, day: number): boolean =>
  firstDay <= lastDay ? firstDay <= day && day <= lastDay : firstDay <= day || day <= lastDay

function onTheWall(at: number, timeZone: string): { day: number; minutes: number } {
  const parts = new Intl.DateTimeFormat('en', {
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).formatToParts(at)
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? ''
  return {
    day: dayOf(part('weekday').toLowerCase()),
    minutes: minutesOf(`${part('hour')}:${part('minute')}`),
  }
}

/** «lundi au vendredi, 7 h à 21 h; samedi et dimanche, 8 h à 16 h». */
export const formatOpeningHours = (hours: OpeningHours, locale: Locale): string =>
  hours.map((span) => formatSpan(span, locale)).join('; ')

function formatSpan(span: OpeningSpan, locale: Locale): string {
  const t = translator(locale)
  const times =
    span.from === 0 && span.to === DAY_MINUTES
      ? t('hours.day-and-night')
      : t('hours.times', { from: formatClock(span.from, locale), to: formatClock(span.to, locale) })
  return `${formatDays(span, locale)}, ${times}`
}

function formatDays({ firstDay, lastDay }: OpeningSpan, locale: Locale): string {
  const t = translator(locale)
  const days = { first: dayName(firstDay, locale), last: dayName(lastDay, locale) }
  const count = ((lastDay - firstDay + 7) % 7) + 1
  if (count === 1) return days.first
  if (count === 7) return t('hours.every-day')
  return t(count === 2 ? 'hours.two-days' : 'hours.days', days)
}

const SOME_SUNDAY = Date.UTC(2026, 0, 4)

const dayName = (day: number, locale: Locale): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(
    SOME_SUNDAY + day * DAY_MINUTES * 60_000,
  )
