import { describe, expect, test } from '@jest/globals'
import { readConfig } from '../src/config.js'
import { formatDay } from '../src/pages/formats.js'
import { lastPeriod, nextWeek } from '../src/pages/pay.js'

describe('settings', () => {
  test('only the secret has no default', () => {
    expect(readConfig({})).toEqual({ ok: false, problems: ['CLIENT_SECRET is missing'] })
    const config = {
      host: '127.0.0.1',
      port: 3001,
      baseUrl: 'http://localhost:3001',
      issuerUrl: 'http://localhost:3000',
      clientId: 'eespresso',
      clientSecret: 's',
    }
    expect(readConfig({ CLIENT_SECRET: 's' })).toEqual({ ok: true, config })
  })

  test('plain http is for this machine alone, and all problems are told at once', () => {
    const result = readConfig({ ISSUER_URL: 'http://idp.example.ca', BASE_URL: 'https://rp.example.ca/path', PORT: '0' })
    expect(result.ok ? [] : result.problems).toHaveLength(4)
  })
})

describe('the invented calendar', () => {
  test('writes the first of the month as one says it', () => {
    expect(formatDay(new Date('2026-12-01'), 'fr-CA')).toBe('1ᵉʳ décembre 2026')
    expect(formatDay(new Date('2026-12-11'), 'fr-CA', 'weekday')).toBe('vendredi 11 décembre')
  })

  test.each(['2026-01-01T04:00:00Z', '2026-03-08T12:00:00Z', '2027-12-31T23:59:59Z'])('holds on %s', (moment) => {
    const now = Date.parse(moment)
    const { from, to, paidOn } = lastPeriod(now)
    expect([from.getUTCDay(), to.getUTCDay(), paidOn.getUTCDay()]).toEqual([0, 6, 4])
    expect(paidOn.getTime()).toBeLessThanOrEqual(now)
    const [sunday] = nextWeek(now)
    expect(sunday?.day.getUTCDay()).toBe(0)
    expect(sunday?.day.getTime()).toBeGreaterThan(now - 86_400_000)
  })
})
