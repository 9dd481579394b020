// Why a code was refused, for a person who gave the right password. It explains; it never accepts anything.

import { findStepNearby, isFarAhead, STEP_SECONDS, stepAt } from './totp.js'

export type Diagnosis =
  /** The code was right but is used up; the next one shows in `waitSeconds`. */
  | { kind: 'already-used'; waitSeconds: number }
  /** The code is right, but our own clock was far ahead when the last was used: the help desk mends it. */
  | { kind: 'server-clock' }
  /** The phone's clock is off by about this much; negative when it is behind. */
  | { kind: 'clock'; offsetSeconds: number }
  | { kind: 'removed-device'; name: string }
  | { kind: 'unknown' }

type Current = { secret: Uint8Array; lastStep: number }
type Removed = { secret: Uint8Array; name: string }

export function diagnose(
  code: string,
  now: number,
  current: readonly Current[],
  removed: readonly Removed[],
): Diagnosis {
  const currentStep = stepAt(now)
  const shown = current.flatMap(({ secret, lastStep }) => {
    const step = findStepNearby(secret, code, now)
    return step === undefined ? [] : [{ step, lastStep }]
  })
  // A used step counts before a clock that is off: after the server's own clock went back, the last code is
  // "ahead" and used.
  const used = shown.find(
    ({ step, lastStep }) => step === lastStep || (step < lastStep && Math.abs(step - currentStep) <= 1),
  )
  if (used !== undefined && isFarAhead(used.lastStep, now)) return { kind: 'server-clock' }
  if (used !== undefined)
    return {
      kind: 'already-used',
      waitSeconds: Math.max(0, Math.ceil((used.lastStep + 1) * STEP_SECONDS - now / 1000)),
    }
  const [off] = shown
  if (off !== undefined) return { kind: 'clock', offsetSeconds: (off.step - currentStep) * STEP_SECONDS }
  const old = removed.find(({ secret }) => findStepNearby(secret, code, now) !== undefined)
  return old === undefined ? { kind: 'unknown' } : { kind: 'removed-device', name: old.name }
}
