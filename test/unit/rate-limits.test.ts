import { describe, expect, test } from '@jest/globals'
import { LIMITS, waitAfter } from '../../src/limits.js'

const waits = (limit: Parameters<typeof waitAfter>[0], failures: number[]): number[] =>
  failures.map((count) => waitAfter(limit, count))

describe('the wait after so many failures', () => {
  test.each(['password-network', 'password-browser'] as const)(
    'four wrong passwords are free, then 60 s, doubling up to 15 min: %s',
    (limit) => {
      expect(waits(LIMITS[limit], [0, 1, 2, 3, 4])).toEqual([0, 0, 0, 0, 0])
      expect(waits(LIMITS[limit], [5, 6, 7, 8, 9, 10, 100])).toEqual([60, 120, 240, 480, 900, 900, 900])
    },
  )

  test.each(['password-account', 'password-site'] as const)(
    'over all networks, or all of a site, the twentieth is the first to start one: %s',
    (limit) => {
      expect(waits(LIMITS[limit], [1, 5, 19])).toEqual([0, 0, 0])
      expect(waits(LIMITS[limit], [20, 21, 22, 23, 24, 25, 100])).toEqual([60, 120, 240, 480, 900, 900, 900])
    },
  )

  test('every fifth wrong code starts one', () => {
    expect(waits(LIMITS['code-account'], [1, 4, 5, 6, 9, 10, 14, 15, 20, 25])).toEqual([
      0, 0, 60, 0, 0, 120, 0, 240, 480, 900,
    ])
  })

  test('a hospital behind one address has room for three hundred mistakes in a quarter of an hour, and then the slow lane', () => {
    expect(LIMITS['password-source']).toMatchObject({ free: 300, forgetSeconds: 15 * 60 })
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
    for (const limit of ['password-account', 'password-network', 'password-site'] as const)
      expect(LIMITS[limit].longestWaitSeconds).toBeLessThanOrEqual(900)
  })
})
