// Sign-ins under way, one record for each, so that two tabs do not disturb each other. An attempt belongs to the browser
// that began it and serves once: that is what stops a forged or replayed callback (RFC 9700 §4.7).

const LIFETIME_MS = 30 * 60_000 // a little longer than the provider gives a person, who may be enrolling a telephone
const MOST_ATTEMPTS = 10_000 // opening the start page costs nothing, so what it stores must have an end

export interface Attempt {
  browser: string
  nonce: string
  codeVerifier: string
  startedAt: number
  /** where the person goes afterwards, an absolute address of this site */
  returnTo: string
  stepUp: StepUp | undefined
}

/** Who must confirm, and when (seconds, the provider's clock) the identity must have been verified at the earliest. */
export interface StepUp {
  sub: string
  notBefore: number
}

export interface Attempts {
  keep: (state: string, attempt: Attempt) => void
  /** Gives the attempt and forgets it. Another browser learns nothing and spoils nothing. */
  take: (state: string, browser: string | undefined) => Attempt | undefined
}

export function createAttempts(now: () => number): Attempts {
  const attempts = new Map<string, Attempt>()

  function forgetOldest(): void {
    for (const [state, attempt] of attempts) {
      if (attempts.size < MOST_ATTEMPTS && now() - attempt.startedAt < LIFETIME_MS) return
      attempts.delete(state)
    }
  }

  return {
    keep(state, attempt) {
      forgetOldest()
      attempts.set(state, attempt)
    },
    take(state, browser) {
      const attempt = attempts.get(state)
      if (attempt === undefined || attempt.browser !== browser) return undefined
      attempts.delete(state)
      return now() - attempt.startedAt < LIFETIME_MS ? attempt : undefined
    },
  }
}
