// RFC 6238 as Google Authenticator speaks it: SHA-1, six digits, thirty seconds. Pure: secret, code and time
// come in.

import { generateURI, ScureBase32Plugin, verifySync } from 'otplib'

export const STEP_SECONDS = 30
export const SECRET_BYTES = 20
export const TOLERATED_STEPS = 1
const DIAGNOSED_STEPS = 20

const base32 = new ScureBase32Plugin()

/** Six ASCII digits once spaces are gone, else undefined: otplib throws on anything else. */
export function parseCode(input: string): string | undefined {
  const code = input.replace(/\s/gu, '')
  return /^[0-9]{6}$/.test(code) ? code : undefined
}

/** The time step a code belongs to, if it lies within one step of `now` (RFC 6238 §5.2). */
export function matchStep(secret: Uint8Array, code: string, now: number): number | undefined {
  return stepWithin(secret, code, now, TOLERATED_STEPS)
}

/**
 * The same within twenty steps: never to accept a code, only to tell the person what is wrong with the
 * phone's clock.
 */
export function findStepNearby(secret: Uint8Array, code: string, now: number): number | undefined {
  return stepWithin(secret, code, now, DIAGNOSED_STEPS)
}

function stepWithin(secret: Uint8Array, code: string, now: number, steps: number): number | undefined {
  const result = verifySync({
    secret,
    token: code,
    epoch: Math.floor(now / 1000),
    epochTolerance: steps * STEP_SECONDS,
    strategy: 'totp',
  })
  return result.valid && 'timeStep' in result ? result.timeStep : undefined
}

export const stepAt = (now: number): number => Math.floor(now / 1000 / STEP_SECONDS)

/**
 * Only a clock of ours that was wrong leaves such a step behind. Less than that is over by the time anybody
 * has called.
 */
export const isFarAhead = (step: number, now: number): boolean => step > stepAt(now) + DIAGNOSED_STEPS

/** RFC 4648 base32 without padding: how an authenticator application takes a key. */
export const encodeKey = (secret: Uint8Array): string => base32.encode(secret, { padding: false })

export function otpauthLink(secret: Uint8Array, issuer: string, account: string): string {
  return generateURI({ strategy: 'totp', issuer, label: account, secret: encodeKey(secret) })
}
