// A phone with an authenticator application: holds a key, shows codes; its clock may be off.

import { generateSync } from 'otplib'
import { clock } from './clock.js'

export type Phone = { code: (options?: { offsetSeconds?: number }) => string }

const STEP_SECONDS = 30

export function createPhone(key: string): Phone {
  const codes = new Map<number, string>() // by time step: tests ask for the same ones again and again
  return {
    code({ offsetSeconds = 0 } = {}) {
      const step = Math.floor((clock.now() / 1000 + offsetSeconds) / STEP_SECONDS)
      const code = codes.get(step) ?? generateSync({ secret: key, epoch: step * STEP_SECONDS })
      codes.set(step, code)
      return code
    },
  }
}

/** Six digits that none of these phones shows anywhere near. */
export function wrongCode(...phones: readonly Phone[]): string {
  const near = new Set(
    phones.flatMap((phone) =>
      Array.from({ length: 61 }, (_, index) => phone.code({ offsetSeconds: (index - 30) * 30 })),
    ),
  )
  for (let guess = 0; ; guess += 1) {
    const code = String(guess).padStart(6, '0')
    if (!near.has(code)) return code
  }
}
