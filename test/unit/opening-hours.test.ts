import { describe, expect, test } from '@jest/globals'
import type { Locale } from '../../src/i18n.js'
import { formatOpeningHours, isOpenAt, parseOpeningHours } from '../../src/organisation/opening-hours.js'

const WEEK = 'lun-ven 07:00-21:00, sam-dim 08:00-16:00'
const ZONE = 'America/Toronto'

const hoursOf = (text: string) => {
  const hours = parseOpeningHours(text)
  if (hours === undefined) throw new Error(`not understood: ${text}`)
  return hours
}
/** `at` with its offset: an instant that no time zone changes. */
const isOpen = (text: string, at: string, zone = ZONE): boolean =>
  isOpenAt(hoursOf(text), Date.parse(at), zone)

test.each([
  WEEK,
  'mon-fri 7:00-21:00',
  'LUN-VEN  07:00-21:00',
  'sam 08:00 - 16:00',
  'ven-lun 22:00-06:00',
  'lun-dim 00:00-24:00',
])('%s is a text of hours', (text) => {
  expect(parseOpeningHours(text)).toBeDefined()
})

test.each([
  '',
  'lundi 07:00-21:00',
  'lun-ven',
  '07:00-21:00',
  'lun-ven 7-21',
  'lun-ven 07:00-25:00',
  'lun-ven 24:00-06:00',
  'lun-ven 07:60-21:00',
  'lun-ven 07:00-07:00',
  'lun-ven 07:00-21:00;sam 08:00-16:00',
  'lun-ven 07:00-21:00, ',
  'lun-xyz 07:00-21:00',
  'lun-ven 07:00-21:00 sauf fériés',
])('%j is none', (text) => {
  expect(parseOpeningHours(text)).toBeUndefined()
})

describe('open or closed', () => {
  test.each([
    ['a Wednesday at seven', '2026-11-25T07:00-05:00', true],
    ['a second before', '2026-11-25T06:59:59-05:00', false],
    ['the last minute', '2026-11-25T20:59:59-05:00', true],
    ['at nine in the evening', '2026-11-25T21:00-05:00', false],
    ['a Saturday at half past seven', '2026-11-28T07:30-05:00', false],
    ['a Sunday at noon', '2026-11-29T12:00-05:00', true],
    ['a Friday late, already Saturday in Greenwich', '2026-11-27T20:30-05:00', true],
  ])('%s', (_when, at, open) => {
    expect(isOpen(WEEK, at)).toBe(open)
  })

  test('the hours are those of the time zone, not of the machine', () => {
    expect(isOpen(WEEK, '2026-11-25T07:30-05:00', 'America/Vancouver')).toBe(false)
    expect(isOpen(WEEK, '2026-11-25T10:30-05:00', 'America/Vancouver')).toBe(true)
  })

  // Toronto goes forward on 8 March 2026 at 2:00, and back on 1 November 2026 at 2:00.
  test.each([
    ['the evening before the clocks go forward', '2026-03-07T23:30-05:00', true],
    ['the last second before they do', '2026-03-08T01:59:59-05:00', true],
    ['the second after, which is 3:00', '2026-03-08T02:00:00-05:00', false],
    ['the first 1:30 of the night they go back', '2026-11-01T01:30-04:00', true],
    ['the second 1:30 of it', '2026-11-01T01:30-05:00', true],
    ['2:30 of it', '2026-11-01T02:30-05:00', true],
    ['3:00 of it', '2026-11-01T03:00-05:00', false],
  ])('over a change of the clocks: %s', (_when, at, open) => {
    expect(isOpen('sam 22:00-03:00', at)).toBe(open)
  })

  test('the day keeps its hours on the day after a change of the clocks', () => {
    expect(isOpen(WEEK, '2026-03-08T08:00-04:00')).toBe(true)
    expect(isOpen(WEEK, '2026-03-08T07:59-04:00')).toBe(false)
    expect(isOpen(WEEK, '2026-11-01T15:59-05:00')).toBe(true)
    expect(isOpen(WEEK, '2026-11-01T16:00-05:00')).toBe(false)
  })

  test.each([
    ['Friday before ten', '2026-11-27T21:59-05:00', false],
    ['Friday night', '2026-11-27T23:00-05:00', true],
    ['midnight', '2026-11-28T00:00-05:00', true],
    ['Saturday before six', '2026-11-28T05:59-05:00', true],
    ['Saturday at six', '2026-11-28T06:00-05:00', false],
    ['the last night, into Tuesday', '2026-12-01T05:00-05:00', true],
    ['the night of Tuesday', '2026-12-01T23:00-05:00', false],
  ])('past midnight and over the end of the week: %s', (_when, at, open) => {
    expect(isOpen('ven-lun 22:00-06:00', at)).toBe(open)
  })

  test('all day is all day: no minute is left out at midnight', () => {
    for (const at of ['2026-11-28T00:00-05:00', '2026-11-28T23:59:59-05:00', '2026-11-29T00:00-05:00'])
      expect(isOpen('lun-dim 00:00-24:00', at)).toBe(true)
  })

  test('a break at noon is closed', () => {
    const hours = 'lun-ven 08:00-12:00, lun-ven 13:00-16:30'
    expect(isOpen(hours, '2026-11-25T12:30-05:00')).toBe(false)
    expect(isOpen(hours, '2026-11-25T16:29-05:00')).toBe(true)
  })
})

test.each<[string, Locale, string]>([
  [WEEK, 'fr-CA', 'lundi au vendredi, 7_h à 21_h; samedi et dimanche, 8_h à 16_h'],
  [WEEK, 'en', 'Monday to Friday, 7_a.m. to 9_p.m.; Saturday and Sunday, 8_a.m. to 4_p.m.'],
  ['lun-dim 00:00-24:00', 'fr-CA', 'tous les jours, jour et nuit'],
  ['lun-dim 00:00-24:00', 'en', 'every day, day and night'],
  ['dim 08:00-16:30', 'fr-CA', 'dimanche, 8_h à 16_h_30'],
  ['ven-lun 22:00-06:15', 'en', 'Friday to Monday, 10_p.m. to 6:15_a.m.'],
  ['lun 16:00-24:00', 'fr-CA', 'lundi, 16_h à minuit'],
])('%s reads in %s: %s', (text, locale, shown) => {
  expect(formatOpeningHours(hoursOf(text), locale)).toBe(shown.replaceAll('_', '\u00a0'))
})
