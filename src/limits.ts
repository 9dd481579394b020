// Limits on guessing, as one table, and the waits they give. Pure; the counting is rate-limits.ts's.

export type Limit = {
  /** Failures without any wait. */
  free: number
  /** After the free ones, a wait starts at each `every`-th failure. */
  every: number
  firstWaitSeconds: number
  longestWaitSeconds: number
  /** Failures are forgotten this long after the last one (or, when they don't slide, after the first one). */
  forgetSeconds: number
  slides: boolean
  /** So many failures, and what is guessed at is shut until the help desk opens it. */
  cap?: number
  /** A wait starts only once failures came from so many networks, each a key whose `of` names this one. */
  networks?: number
}

const HOUR = 3600
const DAY = 24 * HOUR

const FOUR_FREE = {
  free: 4,
  every: 1,
  firstWaitSeconds: 60,
  longestWaitSeconds: 900,
  forgetSeconds: DAY,
  slides: true,
} as const
const NINETEEN_FREE = { ...FOUR_FREE, free: 19 } as const
const NO_WAIT = { free: Number.MAX_SAFE_INTEGER, every: 1, firstWaitSeconds: 0, longestWaitSeconds: 0 }

export const LIMITS = {
  // For one account from one network: four free, then 60 s growing to 15 min. Strangers slow down, and nobody
  // elsewhere waits for them.
  'password-network': { ...FOUR_FREE },
  // A known browser's own, whatever strangers do.
  'password-browser': { ...FOUR_FREE },
  // For one account from one site: whoever has a /48 has 65,536 networks to guess from.
  'password-site': { ...NINETEEN_FREE, slides: true },
  // For one account from anywhere: only when several networks guess at it in the same day.
  'password-account': { ...NINETEEN_FREE, slides: false, networks: 3 },
  // Wide enough for a hospital behind one address at the change of shift; beyond it the slow lane. A CIP that
  // no account has counts as much as one that exists: less would tell which do.
  'password-source': { ...NO_WAIT, free: 300, forgetSeconds: 15 * 60, slides: false },
  // One password at a time for such an address, and one in three seconds: as many as the allowance that it
  // has used up. Half a minute at most where a process died over one.
  'password-slow-lane': {
    free: 0,
    every: 1,
    firstWaitSeconds: 30,
    longestWaitSeconds: 30,
    forgetSeconds: 60,
    slides: true,
  },
  // At most; less where less can be hashed (sign-ins/hashing-capacity.ts).
  'password-global': {
    free: 5000,
    every: 500,
    firstWaitSeconds: 5,
    longestWaitSeconds: 60,
    forgetSeconds: 5 * 60,
    slides: false,
  },
  // What strangers begin is kept until it runs out. Several times what can be signed in in that time, for a
  // hospital behind one address whose browsers all open at once.
  'requests-source': {
    free: 20_000,
    every: 2_000,
    firstWaitSeconds: 60,
    longestWaitSeconds: 900,
    forgetSeconds: 15 * 60,
    slides: false,
  },
  // The fifth wrong code ends the interaction and starts a wait; a known browser waits for its own alone.
  'code-account': {
    free: 4,
    every: 5,
    firstWaitSeconds: 60,
    longestWaitSeconds: 900,
    forgetSeconds: DAY,
    slides: true,
  },
  // Twenty wrong codes in a row suspend the account's codes: a chance of 0.006 % a device for whoever has the
  // password.
  'codes-in-a-row': { ...NO_WAIT, forgetSeconds: 365 * DAY, slides: true, cap: 20 },
  // What may be tried in thirty days, a point a code and device, in all browsers together and not refilled by
  // the owner's own successes.
  'code-points-in-30-days': { ...NO_WAIT, forgetSeconds: 30 * DAY, slides: false, cap: 50 },
  // The same in a year, not refilled by new devices either: only a new password ends it, since whoever
  // guesses codes has the old one. Two windows touch any 365 days: below 0.2 % (`bench guessing-odds`).
  'code-points-in-a-year': { ...NO_WAIT, forgetSeconds: 365 * DAY, slides: false, cap: 330 },
  // A code of the near future that a refusal has named: longer than it takes until its time comes.
  'code-foretold': { ...NO_WAIT, forgetSeconds: 15 * 60, slides: false },
  'activation-account': { ...FOUR_FREE },
  // What was refused because a wait stood: for the audit log.
  'refused-while-waiting': { ...NO_WAIT, forgetSeconds: 15 * 60, slides: false },
  // Wrong secrets of one client from one network: beyond them they are answered 429. A right one is always
  // let in (refused-requests/wrong-secrets.ts).
  'client-secret-network': {
    free: 9,
    every: 1,
    firstWaitSeconds: 5,
    longestWaitSeconds: 60,
    forgetSeconds: 15 * 60,
    slides: true,
  },
  // Refused requests that are kept of one source; beyond it they are only logged.
  'refused-requests-source': { ...NO_WAIT, forgetSeconds: 15 * 60, slides: false, cap: 30 },
  // Somebody whom an application does not admit: one event in the audit log, however often it asks.
  'access-refused': { ...NO_WAIT, forgetSeconds: 15 * 60, slides: false },
  // The mail that tells an owner of guesses from several networks: one a day.
  'guessing-told': { ...NO_WAIT, forgetSeconds: DAY, slides: false },
} as const satisfies Record<string, Limit>

export type LimitName = keyof typeof LIMITS

/** Seconds to wait after the `failures`-th failure; pure. */
export function waitAfter(limit: Limit, failures: number): number {
  const past = failures - limit.free - 1
  if (past < 0 || past % limit.every !== 0) return 0
  return Math.min(limit.longestWaitSeconds, limit.firstWaitSeconds * 2 ** Math.min(past / limit.every, 30))
}
