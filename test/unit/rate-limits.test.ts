import { describe, expect, test } from '@jest/globals'
import { LIMITS, waitAfter } from '../../src/rate-limits.js'

const waits = (limit: Parameters<typeof waitAfter>[0], failures: number[]): number[] =>
  failures.map((count) => waitAfter(limit, count))

describe('the wait after so many failures', () => {
  test('four wrong passwords are free, then 60 s, doubling up to 15 min', () => {
    expect(waits(LIMITS['password-account'], [0, 1, 2, 3, 4])).toEqual([0, 0, 0, 0, 0])
    expect(waits(LIMITS['password-account'], [5, 6, 7, 8, 9, 10, 100])).toEqual([
      60, 120, 240, 480, 900, 900, 900,
    ])
  })

  test('every fifth wrong code starts one', () => {
    expect(waits(LIMITS['code-account'], [1, 4, 5, 6, 9, 10, 14, 15, 20, 25])).toEqual([
      0, 0, 60, 0, 0, 120, 0, 240, 480, 900,
    ])
  })

  test('a hospital behind one address has room for three hundred mistakes in a quarter of an hour', () => {
    expect(waits(LIMITS['password-source'], [1, 299, 300])).toEqual([0, 0, 0])
    expect(waitAfter(LIMITS['password-source'], 301)).toBeGreaterThan(0)
  })

  test('no number of failures gives a wait that is not a number, or endless', () => {
    for (const limit of Object.values(LIMITS)) {
      for (const failures of [0, 1, 5, 1e3, 1e6, 1e9, Number.MAX_SAFE_INTEGER]) {
        const wait = waitAfter(limit, failures)
        expect(Number.isFinite(wait)).toBe(true)
        expect(wait).toBeLessThanOrEqual(900)
        expect(wait).toBeGreaterThanOrEqual(0)
      }
    }
  })

  test('an account is never shut for more than a quarter of an hour by what strangers do (RATE-2)', () => {
    expect(LIMITS['password-account'].longestWaitSeconds).toBeLessThanOrEqual(900)
  })
})
