// Sign-ins under way, one record for each, so that two tabs do not disturb each other. A record belongs to
// the browser that began it and serves once: that is what stops a forged or replayed callback (RFC 9700
// §4.7).

import type { StepUp } from './step-up.js'

const LIFETIME_MS = 30 * 60_000 // longer than the provider gives a person, who may be enrolling a telephone
const MAX_PENDING = 10_000 // opening the start page costs nothing, so what it stores must have an end

export interface PendingSignIn {
  /** the identifier in the browser's cookie */
  browser: string
  nonce: string
  codeVerifier: string
  startedAt: number
  /** where the person goes afterwards, an absolute address of this site */
  returnTo: string
  stepUp: StepUp | undefined
}

export interface PendingSignIns {
  keep: (state: string, pending: PendingSignIn) => void
  /** Gives the record and forgets it. Another browser learns nothing and spoils nothing. */
  take: (state: string, browser: string | undefined) => PendingSignIn | undefined
}

export function createPendingSignIns(now: () => number): PendingSignIns {
  const pendingByState = new Map<string, PendingSignIn>() // oldest first
  const isOver = (pending: PendingSignIn) => now() - pending.startedAt >= LIFETIME_MS

  function makeRoom(): void {
    for (const [state, pending] of pendingByState) {
      if (pendingByState.size < MAX_PENDING && !isOver(pending)) return
      pendingByState.delete(state)
    }
  }

  return {
    keep(state, pending) {
      makeRoom()
      pendingByState.set(state, pending)
    },
    take(state, browser) {
      const pending = pendingByState.get(state)
      if (pending === undefined || pending.browser !== browser) return undefined
      pendingByState.delete(state)
      return isOver(pending) ? undefined : pending
    },
  }
}
