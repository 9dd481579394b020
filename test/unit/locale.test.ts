import { describe, expect, test } from '@jest/globals'
import { acceptedLanguages } from '../../src/http/locale.js'
import { formatDateTime, formatDuration, formatTime, matchLocale } from '../../src/i18n.js'

describe('the browser’s languages', () => {
  test.each<[string, string[]]>([
    ['fr-CA,fr;q=0.9,en;q=0.8', ['fr-CA', 'fr', 'en']],
    ['en;q=0.2, fr;q=0.9', ['fr', 'en']],
    ['de;q=0, en', ['en']],
    ['', []],
    [';q=1', []],
    ['*', ['*']],
    ['en;q=x,fr;q=1', ['en', 'fr']],
  ])('%s', (header, languages) => {
    expect(acceptedLanguages(header)).toEqual(languages)
  })

  test('a header without end is read in no time', () => {
    const startedAt = performance.now()
    acceptedLanguages('a,'.repeat(100_000))
    expect(performance.now() - startedAt).toBeLessThan(200)
  })

  test.each<[string[], string | undefined]>([
    [['fr'], 'fr-CA'],
    [['fr-FR'], 'fr-CA'],
    [['en-CA'], 'en'],
    [['de', 'EN-us'], 'en'],
    [['de'], undefined],
    [[], undefined],
    [['frisian'], undefined],
    [['__proto__'], undefined],
  ])('%j is answered in %s', (tags, locale) => {
    expect(matchLocale(tags)).toBe(locale)
  })
})

describe('times as people read them', () => {
  test.each([
    [0, '0\u00a0s'],
    [45, '45\u00a0s'],
    [60, '1\u00a0min'],
    [90, '1\u00a0min\u00a030\u00a0s'],
    [900, '15\u00a0min'],
  ])('%i s is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })

  test('the hour is that of the hospital, summer and winter', () => {
    expect(formatTime(Date.UTC(2026, 6, 1, 18, 32), 'fr-CA', 'America/Toronto').replace(/\s/g, ' ')).toBe(
      '14 h 32',
    )
    expect(formatTime(Date.UTC(2026, 0, 1, 19, 32), 'fr-CA', 'America/Toronto').replace(/\s/g, ' ')).toBe(
      '14 h 32',
    )
    expect(formatDateTime(Date.UTC(2026, 10, 24, 19, 32), 'fr-CA', 'America/Toronto')).toMatch(
      /24 novembre 2026/,
    )
    expect(formatDateTime(Date.UTC(2026, 10, 24, 19, 32), 'en', 'America/Toronto')).toMatch(
      /November 24, 2026/,
    )
  })
})
