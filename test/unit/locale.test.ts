import { describe, expect, test } from '@jest/globals'
import Koa from 'koa'
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { localeChoice } from '../../src/http/locale.js'
import { formatDateTime, formatDuration, formatTime, matchLocale, type Locale } from '../../src/i18n.js'

/** The language that a request with this header is answered in. */
async function localeFor(header: string | undefined): Promise<unknown> {
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method: 'GET',
    url: '/',
    headers: header === undefined ? {} : { 'accept-language': header },
  })
  const ctx = new Koa().createContext(request, new ServerResponse(request))
  await localeChoice({ defaultLocale: 'fr-CA', isHttps: false })(ctx, async () => {})
  return ctx.state['locale']
}

describe('the browser’s languages', () => {
  test.each<[string | undefined, Locale]>([
    ['fr-CA,fr;q=0.9,en;q=0.8', 'fr-CA'],
    ['en-CA,en;q=0.9,fr;q=0.8', 'en'],
    ['fr;q=0.2, en;q=0.9', 'en'],
    ['en;q=0.2, fr;q=0.9', 'fr-CA'],
    ['fr;q=0, en', 'en'],
    ['en;q=0, fr;q=0.1', 'fr-CA'],
    ['de;q=1, en;q=0.1', 'en'],
    ['de', 'fr-CA'],
    ['*', 'fr-CA'],
    ['', 'fr-CA'],
    [';q=1', 'fr-CA'],
    ['en;q=x,fr;q=1', 'fr-CA'], // no quality at all: not taken
    ['__proto__, en', 'en'],
    [undefined, 'fr-CA'],
  ])('%s is answered in %s', async (header, locale) => {
    expect(await localeFor(header)).toBe(locale)
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
    expect(formatTime(Date.UTC(2026, 6, 1, 18, 32), 'fr-CA', 'America/Toronto')).toBe('14\u00a0h\u00a032')
    expect(formatTime(Date.UTC(2026, 0, 1, 19, 32), 'fr-CA', 'America/Toronto')).toBe('14\u00a0h\u00a032')
    expect(formatTime(Date.UTC(2026, 0, 1, 19, 32), 'en', 'America/Toronto')).toBe('2:32\u00a0p.m.')
  })

  test.each<[number, Locale, string]>([
    [Date.UTC(2026, 10, 24, 19, 32), 'fr-CA', '24_novembre_2026 à 14_h_32'],
    [Date.UTC(2026, 11, 1, 14, 5), 'fr-CA', '1ᵉʳ_décembre_2026 à 9_h_05'],
    [Date.UTC(2026, 11, 11, 14, 5), 'fr-CA', '11_décembre_2026 à 9_h_05'],
    [Date.UTC(2026, 11, 1, 14, 5), 'en', 'December_1,_2026 at 9:05_a.m.'],
  ])('%i in %s: the first of the month, and no number parted from its unit', (at, locale, text) => {
    expect(formatDateTime(at, locale, 'America/Toronto')).toBe(text.replaceAll('_', '\u00a0'))
  })
})
