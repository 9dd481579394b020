// How a command answers: one JSON value or readable text on stdout, one line on stderr. Nothing that came
// from a person or a file reaches the terminal with its control or direction characters alive (LOG-3).

type Report = { json: unknown; text: string }

/**
 * What a command answers; `fault` is one line that says what is wrong and, where it helps, what to do. A
 * command that fails in part reports all the same; one whose answer may be very long has written it already.
 */
export type Answer =
  | ({ ok: true } & Report)
  | { ok: true; isWritten: true }
  | ({ ok: false; fault: string } & (Report | { json?: unknown }))

/** Does the work of a command and prints its answer. */
export type Answering = (work: () => Promise<Answer>) => Promise<void>

const UNSEEN = /[\p{C}\u2028\u2029]/gu

const escapeUnit = (unit: string): string => `\\u${Number(unit.codePointAt(0)).toString(16).padStart(4, '0')}`
/** Control and direction characters as `\\u…`, so that none of them acts. */
export const escapeUnseen = (text: string): string =>
  text.replace(UNSEEN, (character) => character.split('').map(escapeUnit).join(''))

/** One line of text, safe to show. */
export const oneLine = (text: string): string => escapeUnseen(text.trim().replace(/\s*\n\s*/g, ' '))

/** Lines of text, each safe to show. */
export const safeLines = (text: string): string => text.split('\n').map(escapeUnseen).join('\n')

/** One JSON value on one line; the escapes are JSON's own, so that a reader gets back what was stored. */
export const toJson = (value: unknown): string => escapeUnseen(JSON.stringify(value))

/** Columns under their headings, as wide as their widest cell. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headings.map((heading) => heading.toUpperCase()), ...rows].map((cells) => cells.map(oneLine))
  const widths = headings.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** Names and values, one pair a line. */
export function list(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(...pairs.map(([name]) => name.length))
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${oneLine(value)}`.trimEnd()).join('\n')
}

/** «2026-11-24 14:32 EST», in the organisation’s time zone. */
export function formatAt(at: number, timeZone: string): string {
  const format = new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
    timeZoneName: 'short',
  })
  return format.format(at).replace(',', '')
}

/** ISO 8601 in UTC, for JSON; null where the thing has not happened. */
export function isoAt(at: number): string
export function isoAt(at: number | null): string | null
export function isoAt(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
