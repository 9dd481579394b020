// The calendar of the pay: biweekly periods from Sunday to Saturday, paid on the Thursday of the week after
// next. A day is midnight UTC of its date. Pure.

const DAY_MS = 86_400_000
const TIME_ZONE = 'America/Toronto'
const FIRST_SUNDAY = new Date('2020-01-12') // the books of this invented employer begin here
const PERIOD_DAYS = 14
const PAID_AFTER_DAYS = 18 // from a period's first Sunday

/** A year has 26 pays, and now and then 27. */
export const PAYS_PER_YEAR = 26

export interface Period {
  /** from 0, the first one in the books */
  index: number
  from: Date
  to: Date
  paidOn: Date
}

/** The day it is here. */
export function today(now: number): Date {
  const format = new Intl.DateTimeFormat('en-CA', { dateStyle: 'short', timeZone: TIME_ZONE })
  return new Date(`${format.format(new Date(now))}T00:00:00Z`)
}

export function addDays(day: Date, days: number): Date {
  return new Date(day.getTime() + days * DAY_MS)
}

/** The Sunday on or before a day. */
export function sundayOf(day: Date): Date {
  return addDays(day, -day.getUTCDay())
}

/** As an address and a file name write it: `2026-11-19`. */
export function isoDay(day: Date): string {
  return day.toISOString().slice(0, 10)
}

export function periodAt(index: number): Period {
  const from = addDays(FIRST_SUNDAY, index * PERIOD_DAYS)
  return { index, from, to: addDays(from, PERIOD_DAYS - 1), paidOn: addDays(from, PAID_AFTER_DAYS) }
}

/** The period in which a day is worked. */
export function periodOf(day: Date): Period {
  return periodAt(Math.floor((day.getTime() - FIRST_SUNDAY.getTime()) / DAY_MS / PERIOD_DAYS))
}

/** The last period that has been paid. */
export function lastPaidPeriod(now: number): Period {
  return periodOf(addDays(today(now), -PAID_AFTER_DAYS))
}

/** The first payday after a day. */
export function nextPayday(day: Date): Date {
  return addDays(periodOf(addDays(day, -PAID_AFTER_DAYS)).paidOn, PERIOD_DAYS)
}
