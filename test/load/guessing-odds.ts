// How likely a code is guessed within a year, by each road; nothing is measured, all of it is computed from
// the limits' table. What bounds it is test/unit/guessing-odds.test.ts.

import { join } from 'node:path'
import type * as limitsModule from '../../src/limits.ts'
import type * as activationModule from '../../src/second-factors/activation.ts'
import type * as activationCodeModule from '../../src/second-factors/activation-code.ts'
import type * as totpModule from '../../src/second-factors/totp.ts'
import { guessingRoads, MOST_CHANCE, nistChance, NIST_TRIES } from '../support/guessing-odds.ts'
import { print } from './provider-process.ts'

const dist = (path: string): string => join(import.meta.dirname, '..', '..', 'dist', 'src', path)
const percent = (chance: number): string => `${(chance * 100).toPrecision(3)} %`

export async function guessingOddsBench(): Promise<void> {
  const { LIMITS: limits } = (await import(dist('limits.js'))) as typeof limitsModule
  const { TOLERATED_STEPS: toleratedSteps } = (await import(
    dist('second-factors/totp.js')
  )) as typeof totpModule
  const { MAX_TRIES: activationTries } = (await import(
    dist('second-factors/activation.js')
  )) as typeof activationModule
  const { ACTIVATION_CODES: activationCodes } = (await import(
    dist('second-factors/activation-code.js')
  )) as typeof activationCodeModule

  print(`a code is right by chance once in ${Math.round(1_000_000 / (2 * toleratedSteps + 1))}`)
  print('for somebody who has the password, in any 365 days:')
  for (const { name, tries, chance } of guessingRoads({
    limits,
    toleratedSteps,
    activationCodes,
    activationTries,
  }))
    print(
      `${String(tries).padStart(6)} tries  ${percent(chance).padStart(10)}  ` +
        `${chance < MOST_CHANCE ? 'holds' : 'BREAKS'} ${percent(MOST_CHANCE)}  ${name}`,
    )
  const inARow = limits['codes-in-a-row'].cap
  print(
    `NIST SP 800-63B-4 §3.2.2 allows ${NIST_TRIES} wrong ones in a row (${percent(nistChance(toleratedSteps))}); ` +
      `here ${inARow}, and what lies between two successes is not forgotten`,
  )
}
