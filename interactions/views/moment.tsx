// A time on a page: as one reads it, and as a program does.

import type { VNode } from 'preact'
import { formatDateTime, formatTime, type Locale } from '../../src/i18n.js'

type Props = { at: number; locale: Locale; timeZone: string }

/** The hour alone. */
export function Hour({ at, locale, timeZone }: Props): VNode {
  return <time dateTime={isoOf(at)}>{formatTime(at, locale, timeZone)}</time>
}

export function DayAndHour({ at, locale, timeZone }: Props): VNode {
  return <time dateTime={isoOf(at)}>{formatDateTime(at, locale, timeZone)}</time>
}

/** To the second: the clocks of people show no more. */
export const isoOf = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
