import { expect, test } from '@jest/globals'
import type { SignedStepName } from '../../interactions/sign-in/assessment.js'
import { stationsOf } from '../../interactions/sign-in/stations.js'

type Bit = 0 | 1
type Row = [isEnrolled: Bit, needsActivation: Bit, choosesPassword: Bit, step: SignedStepName, shown: string]

const SIGNS = { done: '✓', current: '●', ahead: '○' }

const TABLE: Row[] = [
  [0, 0, 0, 'enrol', 'sign-in ✓ phone ● application ○'],
  [0, 0, 1, 'change-password', 'sign-in ✓ password ● phone ○ application ○'],
  [0, 0, 1, 'enrol', 'sign-in ✓ password ✓ phone ● application ○'],
  [0, 1, 0, 'activation', 'sign-in ✓ activation ● phone ○ application ○'],
  [0, 1, 0, 'enrol', 'sign-in ✓ activation ✓ phone ● application ○'],
  [0, 1, 1, 'activation', 'sign-in ✓ activation ● password ○ phone ○ application ○'],
  [0, 1, 1, 'change-password', 'sign-in ✓ activation ✓ password ● phone ○ application ○'],
  [0, 1, 1, 'enrol', 'sign-in ✓ activation ✓ password ✓ phone ● application ○'],
  [1, 0, 0, 'one-time-code', ''],
  [1, 1, 0, 'one-time-code', ''],
  [1, 0, 1, 'one-time-code', 'sign-in ✓ code ● password ○ application ○'],
  [1, 1, 1, 'change-password', 'sign-in ✓ code ✓ password ● application ○'],
]

test.each(TABLE)('enrolled %d, activation %d, password %d, %s: %s', (...row) => {
  const [isEnrolled, needsActivation, choosesPassword, step, shown] = row
  const stations = stationsOf({
    step,
    isEnrolled: isEnrolled === 1,
    needsActivation: needsActivation === 1,
    choosesPassword: choosesPassword === 1,
  })
  expect(stations.map(({ name, state }) => `${name} ${SIGNS[state]}`).join(' ')).toBe(shown)
})
