import { describe, expect, test } from '@jest/globals'
import type { Locale } from '../../src/i18n.js'
import { entryName, markOf } from '../../src/second-factors/authenticator-entry.js'

const EVENING = Date.UTC(2026, 10, 26, 3, 4, 59) // 22:04 in Québec, the day before

describe('the mark of an entry in the authenticator', () => {
  test.each<[Locale, number, string]>([
    ['fr-CA', EVENING, '25 nov. 22 h 04'],
    ['en', EVENING, 'Nov 25, 10.04 p.m.'],
    ['fr-CA', Date.UTC(2026, 7, 1, 4, 0), '1 août 0 h 00'],
    ['en', Date.UTC(2026, 4, 1, 13, 30), 'May 1, 9.30 a.m.'],
    ['en', Date.UTC(2026, 4, 1, 4, 5), 'May 1, 12.05 a.m.'],
    ['en', Date.UTC(2026, 4, 1, 16, 5), 'May 1, 12.05 p.m.'],
  ])('in %s: %i is «%s»', (locale, at, mark) => {
    expect(markOf(at, locale, 'America/Toronto')).toBe(mark)
  })

  test('has no colon, which separates issuer and account in an otpauth link, and no space of its own kind', () => {
    for (let month = 0; month < 12; month += 1)
      for (const locale of ['fr-CA', 'en'] as const)
        expect(markOf(Date.UTC(2026, month, 15, 17, 5), locale, 'America/Toronto')).toMatch(
          /^[\p{L}\d., ]+$/u,
        )
  })

  test('stands behind the name', () => {
    expect(entryName('gagj2345', '25 nov. 22 h 04')).toBe('gagj2345 (25 nov. 22 h 04)')
  })
})
