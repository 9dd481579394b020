// The forms of what the operator says of the organisation: names, telephones, hours, colour.
// Pure.

import { z } from 'zod'
import { contrastOn, LEAST_CONTRAST } from '../organisation/accent.js'
import { ARTICLES, type Article } from '../organisation/article.js'
import { parseOpeningHours } from '../organisation/opening-hours.js'
import type { SupportHours, SupportPhone } from '../organisation/organisation.js'

/** Mails have it in their subject: it stays in its line. */
export const nameOf = (most: number) =>
  z
    .string()
    .min(1)
    .max(most, `must not be longer than ${most} characters`)
    .regex(/^[^\p{Cc}\u2028\u2029]+$/u, 'must be one line')
    .describe(`text of 1 to ${most} characters`)

export const article = z
  .string()
  .transform((value, context): Article => {
    const typed = value.toLowerCase().replaceAll("'", '’')
    const known = ARTICLES.find((one) => one === typed)
    if (known === undefined) context.addIssue(`must be one of ${ARTICLES.join(', ')}`)
    return known ?? 'de'
  })
  .describe(ARTICLES.map((one) => `\`${one}\``).join(', '))

const entriesOf = (value: string): string[] =>
  value
    .split(';')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')

export const supportPhones = z
  .string()
  .transform((value, context): readonly SupportPhone[] =>
    entriesOf(value).map((entry) => {
      const separator = entry.lastIndexOf(':')
      if (separator < 1) context.addIssue('must be «label : number», separated by ;')
      return { label: entry.slice(0, separator).trim(), number: entry.slice(separator + 1).trim() }
    }),
  )
  .describe('`label : number`, separated by `;`')

export const supportHours = z
  .string()
  .transform((value, context): readonly SupportHours[] => {
    const entries = entriesOf(value).map(hoursEntry)
    const hours = entries.filter((entry) => entry !== undefined)
    if (hours.length < entries.length || (hours.length > 1 && hours.some(({ label }) => label === undefined)))
      context.addIssue(
        'must be «lun-ven 07:00-21:00, sam-dim 08:00-16:00» for all numbers, or «label : lun-ven …» for each, ' +
          'separated by ;',
      )
    return hours
  })
  .describe('`lun-ven 07:00-21:00, sam-dim 08:00-16:00`, or `label : …` a line, separated by `;`')

/** Hours alone, or behind the first colon that leaves hours behind it. */
function hoursEntry(entry: string): SupportHours | undefined {
  const alone = parseOpeningHours(entry)
  if (alone !== undefined) return { label: undefined, hours: alone }
  for (const { index } of entry.matchAll(/:/g)) {
    const hours = parseOpeningHours(entry.slice(index + 1))
    if (hours !== undefined) return { label: entry.slice(0, index).trim(), hours }
  }
  return undefined
}

export const accentColour = (mode: 'light' | 'dark') =>
  z
    .string()
    .regex(/^#[0-9a-f]{6}$/i, { error: 'must be # and six hexadecimal digits', abort: true })
    .toLowerCase()
    .superRefine((colour, context) => {
      const contrast = contrastOn(colour, mode)
      if (contrast >= LEAST_CONTRAST) return
      // Rounded down: 4.49 is not enough.
      const ratio = Math.floor(contrast * 10) / 10
      context.addIssue(
        `has a contrast of ${ratio} : 1 where it is read in ${mode} mode: ${LEAST_CONTRAST} : 1 at least (WCAG AA)`,
      )
    })
    .describe('`#rrggbb`')
