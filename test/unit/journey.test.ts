import { describe, expect, test } from '@jest/globals'
import { nextStep, type SignInFacts } from '../../interactions/journey.js'

type Row = [passwordVerified: 0 | 1, enrolled: 0 | 1, secondFactorVerified: 0 | 1, mustChangePassword: 0 | 1, step: ReturnType<typeof nextStep>]

const TABLE: Row[] = [
  [0, 0, 0, 0, 'password'],
  [0, 0, 0, 1, 'password'],
  [0, 0, 1, 0, 'password'],
  [0, 0, 1, 1, 'password'],
  [0, 1, 0, 0, 'password'],
  [0, 1, 0, 1, 'password'],
  [0, 1, 1, 0, 'password'],
  [0, 1, 1, 1, 'password'],
  [1, 0, 0, 0, 'enrol'],
  [1, 0, 0, 1, 'change-password'],
  [1, 0, 1, 0, 'enrol'], // a verified second factor that is gone counts for nothing
  [1, 0, 1, 1, 'change-password'],
  [1, 1, 0, 0, 'one-time-code'],
  [1, 1, 0, 1, 'one-time-code'], // an overheard temporary password alone sets nothing
  [1, 1, 1, 0, 'done'],
  [1, 1, 1, 1, 'change-password'],
]

const factsOf = ([passwordVerified, enrolled, secondFactorVerified, mustChangePassword]: Row): SignInFacts => ({
  passwordVerified: passwordVerified === 1,
  enrolled: enrolled === 1,
  secondFactorVerified: secondFactorVerified === 1,
  mustChangePassword: mustChangePassword === 1,
})

describe('what comes next in a sign-in', () => {
  test.each(TABLE)('password %i, enrolled %i, code %i, must change %i: %s', (...row) => {
    expect(nextStep(factsOf(row))).toBe(row[4])
  })

  test('the table holds every combination of facts once', () => {
    expect(new Set(TABLE.map((row) => JSON.stringify(factsOf(row)))).size).toBe(16)
  })

  test('nothing but a password, a device, its code and a password of one’s own leads to the end', () => {
    expect(TABLE.filter((row) => row[4] === 'done').map(factsOf)).toEqual([
      { passwordVerified: true, enrolled: true, secondFactorVerified: true, mustChangePassword: false },
    ])
  })
})
