// A phone with an authenticator application: holds a key, shows codes; its clock may be off.

import { generateSync } from 'otplib'
import { clock } from './clock.js'

export type Phone = { code: (options?: { offsetSeconds?: number }) => string }

export function createPhone(key: string): Phone {
  return {
    code: ({ offsetSeconds = 0 } = {}) =>
      generateSync({ secret: key, epoch: Math.floor(clock.now() / 1000) + offsetSeconds }),
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
