// Who works when: ten shifts in each two weeks, by day or in the evening. A shift is 8 hours, half an hour of
// them an unpaid meal. Pure.

import { addDays, periodOf, sundayOf, today } from './calendar.js'
import { draw, type Employee } from './employee.js'

export type Shift = 'day' | 'evening'

export interface ScheduledDay {
  day: Date
  isToday: boolean
  shift: Shift | undefined
}

/** Hours of the clock; half past seven is 7.5. */
export const SHIFT_HOURS: Record<Shift, readonly [start: number, end: number]> = {
  day: [7.5, 15.5],
  evening: [15.5, 23.5],
}

/** Hours are counted in hundredths, so that no sum is off by a rounding. */
export const PAID_PER_SHIFT = 750

// Two weeks from Sunday, five shifts in each: D by day, E in the evening.
const PATTERNS = ['.DDEED..DDDEE.', 'DDD.EE..DDDE.D', '.EEEDD..DDDEE.', 'D.DDDE..EDDD.E']
const OFFICE_PATTERN = '.DDDDE..DDDDD.'
const SHIFTS = new Map<string | undefined, Shift>([
  ['D', 'day'],
  ['E', 'evening'],
])

/** Fourteen days, as planned before anybody was away. */
export function plannedShifts({ sub, job }: Employee, periodIndex: number): (Shift | undefined)[] {
  const pattern =
    job === 'clerk' ? OFFICE_PATTERN : PATTERNS[(draw(sub, 'pattern', PATTERNS.length) + periodIndex) % 4]
  return [...(pattern ?? '')].map((letter) => SHIFTS.get(letter))
}

/** This week and the next, each from Sunday to Saturday. */
export function twoWeeks(employee: Employee, now: number): [ScheduledDay[], ScheduledDay[]] {
  const sunday = sundayOf(today(now))
  return [weekFrom(sunday), weekFrom(addDays(sunday, 7))]

  function weekFrom(first: Date): ScheduledDay[] {
    return [0, 1, 2, 3, 4, 5, 6].map((number) => {
      const day = addDays(first, number)
      const { index, from } = periodOf(day)
      const shift = plannedShifts(employee, index)[(day.getTime() - from.getTime()) / 86_400_000]
      return { day, isToday: day.getTime() === today(now).getTime(), shift }
    })
  }
}
