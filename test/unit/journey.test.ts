import { describe, expect, test } from '@jest/globals'
import { nextStep, type SignInFacts } from '../../interactions/sign-in/journey.js'

type Bit = 0 | 1
type Row = [
  passwordVerified: Bit,
  enrolled: Bit,
  secondFactorVerified: Bit,
  mustChangePassword: Bit,
  activationMissing: Bit,
  step: ReturnType<typeof nextStep>,
]

const TABLE: Row[] = [
  [0, 0, 0, 0, 0, 'password'],
  [0, 0, 0, 0, 1, 'password'],
  [0, 0, 0, 1, 0, 'password'],
  [0, 0, 0, 1, 1, 'password'],
  [0, 0, 1, 0, 0, 'password'],
  [0, 0, 1, 0, 1, 'password'],
  [0, 0, 1, 1, 0, 'password'],
  [0, 0, 1, 1, 1, 'password'],
  [0, 1, 0, 0, 0, 'password'],
  [0, 1, 0, 0, 1, 'password'],
  [0, 1, 0, 1, 0, 'password'],
  [0, 1, 0, 1, 1, 'password'],
  [0, 1, 1, 0, 0, 'password'],
  [0, 1, 1, 0, 1, 'password'],
  [0, 1, 1, 1, 0, 'password'],
  [0, 1, 1, 1, 1, 'password'],
  [1, 0, 0, 0, 0, 'enrol'],
  [1, 0, 0, 0, 1, 'activation'],
  [1, 0, 0, 1, 0, 'change-password'],
  [1, 0, 0, 1, 1, 'activation'], // an overheard temporary password alone sets nothing
  [1, 0, 1, 0, 0, 'enrol'], // a verified second factor that is gone counts for nothing
  [1, 0, 1, 0, 1, 'activation'],
  [1, 0, 1, 1, 0, 'change-password'],
  [1, 0, 1, 1, 1, 'activation'],
  [1, 1, 0, 0, 0, 'one-time-code'],
  [1, 1, 0, 0, 1, 'one-time-code'],
  [1, 1, 0, 1, 0, 'one-time-code'], // the same
  [1, 1, 0, 1, 1, 'one-time-code'],
  [1, 1, 1, 0, 0, 'done'],
  [1, 1, 1, 0, 1, 'done'], // whoever has a phone needs no code to bind one
  [1, 1, 1, 1, 0, 'change-password'],
  [1, 1, 1, 1, 1, 'change-password'],
]

const factsOf = ([
  passwordVerified,
  enrolled,
  secondFactorVerified,
  mustChangePassword,
  activationMissing,
]: Row): SignInFacts => ({
  passwordVerified: passwordVerified === 1,
  enrolled: enrolled === 1,
  secondFactorVerified: secondFactorVerified === 1,
  mustChangePassword: mustChangePassword === 1,
  activationMissing: activationMissing === 1,
})

describe('what comes next in a sign-in', () => {
  test.each(TABLE)(
    'password %i, enrolled %i, code %i, must change %i, activation missing %i: %s',
    (...row) => {
      expect(nextStep(factsOf(row))).toBe(row[5])
    },
  )

  test('the table holds every combination of facts once', () => {
    expect(new Set(TABLE.map((row) => JSON.stringify(factsOf(row)))).size).toBe(2 ** 5)
  })

  test('nothing leads to the end but a password of one’s own, a device, and its code', () => {
    const ends = TABLE.filter((row) => row[5] === 'done').map(factsOf)
    for (const end of ends)
      expect(end).toMatchObject({
        passwordVerified: true,
        enrolled: true,
        secondFactorVerified: true,
        mustChangePassword: false,
      })
  })
})
