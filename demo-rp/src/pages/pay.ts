// The invented pay and schedule, the same for everybody; only the dates follow the calendar. Amounts are in
// cents. Pure.

import { today } from './formats.js'
import type { Texts } from './texts.js'

const DAY_MS = 86_400_000
const FIRST_PERIOD = new Date('2025-01-05') // a Sunday; periods are counted from it
const PERIOD_DAYS = 14
const PAID_AFTER_DAYS = 18 // from a period's Sunday to the Thursday of the week that follows it

export interface PayLine {
  name: keyof Texts['pay']
  cents: number
}

export const EARNINGS: readonly PayLine[] = [
  { name: 'regular', cents: 269_640 },
  { name: 'evening', cents: 9_630 },
]

export const DEDUCTIONS: readonly PayLine[] = [
  { name: 'federalTax', cents: 24_918 },
  { name: 'quebecTax', cents: 31_844 },
  { name: 'qpp', cents: 17_012 },
  { name: 'qpip', cents: 1_380 },
  { name: 'insurance', cents: 3_658 },
  { name: 'rregop', cents: 18_882 },
]

export function totalOf(lines: readonly PayLine[]): number {
  return lines.reduce((sum, { cents }) => sum + cents, 0)
}

/** The last period that has been paid. */
export function lastPeriod(now: number): { from: Date; to: Date; paidOn: Date } {
  const days = (today(now).getTime() - FIRST_PERIOD.getTime()) / DAY_MS
  const paidPeriods = Math.floor((days - PAID_AFTER_DAYS) / PERIOD_DAYS)
  const from = addDays(FIRST_PERIOD, paidPeriods * PERIOD_DAYS)
  return { from, to: addDays(from, PERIOD_DAYS - 1), paidOn: addDays(from, PAID_AFTER_DAYS) }
}

export interface Shift {
  day: Date
  hours: [start: number, end: number] | undefined
  unit: keyof Texts['units']
}

/** Next week, Sunday to Saturday; start and end in hours. */
export function nextWeek(now: number): Shift[] {
  const day = today(now)
  const sunday = addDays(day, 7 - day.getUTCDay())
  return SHIFTS.map(([unit, hours], index) => ({ day: addDays(sunday, index), hours, unit }))
}

const SHIFTS: readonly [unit: Shift['unit'], hours?: [number, number]][] = [
  ['medicine'],
  ['medicine', [7.5, 15.5]],
  ['medicine', [7.5, 15.5]],
  ['emergency', [15.5, 23.5]],
  ['medicine'],
  ['medicine', [7.5, 15.5]],
  ['emergency', [15.5, 23.5]],
]

function addDays(day: Date, days: number): Date {
  return new Date(day.getTime() + days * DAY_MS)
}
