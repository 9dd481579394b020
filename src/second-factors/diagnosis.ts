// Why a code was refused, for a person who gave the right password. It explains; it never accepts anything.

import { findStepNearby, STEP_SECONDS, stepAt } from './totp.js'

export type Diagnosis =
  /** The code was right but is used up; the next one shows in `waitSeconds`. */
  | { kind: 'already-used'; waitSeconds: number }
  /** The phone's clock is off by about this much; negative when it is behind. */
  | { kind: 'clock'; offsetSeconds: number }
  | { kind: 'removed-device'; name: string }
  | { kind: 'unknown' }

type Current = { secret: Uint8Array; lastStep: number }
type Removed = { secret: Uint8Array; name: string }

export function diagnose(
  code: string,
  now: number,
  current: Current,
  removed: readonly Removed[],
): Diagnosis {
  const step = findStepNearby(current.secret, code, now)
  const currentStep = stepAt(now)
  // A used step counts before a clock that is off: after the server's own clock went back, the last code is
  // "ahead" and used.
  if (
    step !== undefined &&
    (step === current.lastStep || (step < current.lastStep && Math.abs(step - currentStep) <= 1))
  ) {
    return {
      kind: 'already-used',
      waitSeconds: Math.max(0, Math.ceil((current.lastStep + 1) * STEP_SECONDS - now / 1000)),
    }
  }
  if (step !== undefined) return { kind: 'clock', offsetSeconds: (step - currentStep) * STEP_SECONDS }
  const old = removed.find(({ secret }) => findStepNearby(secret, code, now) !== undefined)
  return old === undefined ? { kind: 'unknown' } : { kind: 'removed-device', name: old.name }
}
