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
  /** Of a QR code that was shown before the present one, and led to nothing; its entry bears `mark`. */
  | { kind: 'earlier-enrolment'; mark: string }
  | { kind: 'unknown' }

type Current = { secret: Uint8Array; lastStep: number }
type Removed = { secret: Uint8Array; name: string }
type Earlier = { secret: Uint8Array; mark: string }

export function diagnose(
  code: string,
  now: number,
  current: readonly Current[],
  removed: readonly Removed[],
  earlier: readonly Earlier[] = [],
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
  const isOf = ({ secret }: { secret: Uint8Array }) => findStepNearby(secret, code, now) !== undefined
  // A device that was bound and removed has both: its name says more.
  const device = removed.find(isOf)
  if (device !== undefined) return { kind: 'removed-device', name: device.name }
  const enrolment = earlier.find(isOf)
  return enrolment === undefined ? { kind: 'unknown' } : { kind: 'earlier-enrolment', mark: enrolment.mark }
}
