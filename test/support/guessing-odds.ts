// How likely it is that somebody who has a person's password guesses a code within any 365 days, by each road
// that the limits leave open. Pure: computed from the limits' table, for the benchmark that prints it and the
// test that bounds it.

type Caps = Record<
  'codes-in-a-row' | 'code-points-in-30-days' | 'code-points-in-a-year',
  { cap: number; forgetSeconds: number }
>

/** What a code is, as the program has it. */
export type Codes = {
  limits: Caps
  /** Steps before and after the present one in which a code is accepted. */
  toleratedSteps: number
  /** What an activation code can be, and how often one may be typed. */
  activationCodes: number
  activationTries: number
}

export type Road = { name: string; tries: number; chance: number }

/** What we allow: one in five hundred a year and person. */
export const MOST_CHANCE = 0.002
/** SP 800-63B-4 §3.2.2: so many wrong ones in a row, and the factor must be disabled. */
export const NIST_TRIES = 100

const YEAR_SECONDS = 365 * 24 * 3600
const SIX_DIGITS = 1_000_000
/** As often as a help desk could ever be talked into: once a day. */
const ACTIVATION_CODES_A_YEAR = 365

export function guessingRoads({ limits, toleratedSteps, activationCodes, activationTries }: Codes): Road[] {
  const month = limits['code-points-in-30-days']
  const year = limits['code-points-in-a-year']
  const inARow = limits['codes-in-a-row']
  // A code is compared with each device, and costs a point for each: the chance of a point is the same.
  const perPoint = (2 * toleratedSteps + 1) / SIX_DIGITS
  const byPoints = (name: string, points: number): Road => ({
    name,
    tries: points,
    chance: atLeastOnce(perPoint, points),
  })
  const mostOfYear = windowsTouched(year.forgetSeconds) * year.cap
  const belowTheCap = windowsTouched(month.forgetSeconds) * (month.cap - 1)
  const activations = ACTIVATION_CODES_A_YEAR * activationTries
  return [
    byPoints('in a row, the owner away: until the codes are suspended', inARow.cap),
    byPoints('in one month, the owner signing in between: until they are suspended', month.cap),
    byPoints(
      'every month just below the cap, in any browser, known ones too',
      Math.min(belowTheCap, mostOfYear),
    ),
    byPoints('to the cap, with a new device from the help desk each time', mostOfYear),
    {
      name: 'an activation code, one issued every day, each tried until it is used up',
      tries: activations,
      chance: atLeastOnce(1 / activationCodes, activations),
    },
  ]
}

/** The same arithmetic for what NIST allows at most before a success or a reset. */
export const nistChance = (toleratedSteps: number): number =>
  atLeastOnce((2 * toleratedSteps + 1) / SIX_DIGITS, NIST_TRIES)

/** A window begins with a failure: one that is ending and one that has just begun lie in the same 365 days. */
const windowsTouched = (windowSeconds: number): number => Math.ceil(YEAR_SECONDS / windowSeconds) + 1

const atLeastOnce = (chance: number, tries: number): number => -Math.expm1(tries * Math.log1p(-chance))
