// The invented pay and schedule, the same for everybody; only the dates follow the calendar. Pure. Amounts are in cents.

import { today } from './formats.js'
import type { Texts } from './texts.js'

const DAY_MS = 86_400_000
const FIRST_PERIOD = Date.UTC(2025, 0, 5) // a Sunday; periods of two weeks are counted from it

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

/** The last whole period, paid on the Thursday after the week that follows it. */
export function lastPeriod(now: number): { from: Date; to: Date; paidOn: Date } {
  const days = Math.floor((today(now).getTime() - FIRST_PERIOD) / DAY_MS)
  const daysSincePaid = (days - 18) % 14
  const from = new Date(FIRST_PERIOD + (days - 18 - daysSincePaid) * DAY_MS)
  return { from, to: addDays(from, 13), paidOn: addDays(from, 18) }
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
