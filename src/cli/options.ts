// Values of options that several commands take: whole numbers, and periods of time as an operator thinks of
// them.

import { InvalidArgumentError, Option } from 'commander'

const DAY = /^\d{4}-\d{2}-\d{2}$/
const EXACT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/
const DAY_MS = 24 * 3_600_000

export const wholeNumber =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < min || value > max)
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`)
    return value
  }

export type Period = { since?: string; until?: string }

export const sinceOption = (): Option =>
  new Option('--since <date>', 'from this day or time on').argParser(parseDate)
export const untilOption = (): Option =>
  new Option('--until <date>', 'up to this day, which counts, or up to this time').argParser(parseDate)

export const beforeOption = (): Option =>
  new Option('--before <date>', 'what happened before this day or time').argParser(parseDate)

function parseDate(text: string): string {
  const isDay = DAY.test(text) && isoDay(Date.parse(text)) === text // no 31st of February
  if (!isDay && !(EXACT.test(text) && !Number.isNaN(Date.parse(text))))
    throw new InvalidArgumentError(
      'It must be a day such as 2026-11-24, or a time such as 2026-11-24T19:32:00Z.',
    )
  return text
}

/** From `since` to before `until`; a day lasts from midnight to midnight in the organisation’s time zone. */
export function boundsOf({ since, until }: Period, timeZone: string): { since?: number; until?: number } {
  return {
    ...(since !== undefined && { since: startOf(since, timeZone) }),
    ...(until !== undefined && {
      until: DAY.test(until) ? startOf(isoDay(Date.parse(until) + DAY_MS), timeZone) : Date.parse(until),
    }),
  }
}

const isoDay = (time: number): string => (Number.isNaN(time) ? '' : new Date(time).toISOString().slice(0, 10))

function startOf(date: string, timeZone: string): number {
  const time = Date.parse(date)
  if (!DAY.test(date)) return time
  // The offset at midnight itself: the one at midnight UTC may be of the other side of a change of clocks.
  return time - offsetAt(time - offsetAt(time, timeZone), timeZone)
}

/** Milliseconds that the clocks of a time zone are ahead of UTC. */
function offsetAt(time: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'longOffset' }).formatToParts(time)
  const [, sign = '+', hours = '0', minutes = '0'] =
    /GMT([+-])(\d\d):(\d\d)/.exec(parts.find(({ type }) => type === 'timeZoneName')?.value ?? '') ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}
