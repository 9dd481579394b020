// What the limits leave to somebody who has the password and guesses codes with patience (OTP-8): the
// arithmetic over the table itself. `npm run bench -- guessing-odds` prints it.

import { describe, expect, test } from '@jest/globals'
import { LIMITS } from '../../src/limits.js'
import { MAX_TRIES } from '../../src/second-factors/activation.js'
import { ACTIVATION_CODES } from '../../src/second-factors/activation-code.js'
import { TOLERATED_STEPS } from '../../src/second-factors/totp.js'
import { guessingRoads, MOST_CHANCE, NIST_TRIES } from '../support/guessing-odds.js'

const roads = guessingRoads({
  limits: LIMITS,
  toleratedSteps: TOLERATED_STEPS,
  activationCodes: ACTIVATION_CODES,
  activationTries: MAX_TRIES,
})

describe('the chance of a hit stays below one in five hundred a year', () => {
  test.each(roads.map(({ name, chance }): [string, number] => [name, chance]))('%s', (_name, chance) => {
    expect(chance).toBeGreaterThan(0)
    expect(chance).toBeLessThan(MOST_CHANCE)
  })

  test('in a row far less than NIST allows', () => {
    expect(LIMITS['codes-in-a-row'].cap).toBeLessThan(NIST_TRIES)
  })

  test('more of them would break it: the arithmetic is no formality', () => {
    const year = { ...LIMITS['code-points-in-a-year'], cap: 340 }
    const [, , , wider] = guessingRoads({
      limits: { ...LIMITS, 'code-points-in-a-year': year },
      toleratedSteps: TOLERATED_STEPS,
      activationCodes: ACTIVATION_CODES,
      activationTries: MAX_TRIES,
    })
    expect(wider?.chance).toBeGreaterThan(MOST_CHANCE)
  })
})
