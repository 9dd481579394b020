// The code that a person reads out to the help desk: it stands on the page, in the header `X-Support-Code`
// and in the log, and is the key of the record of a refused request. One a request.

import { randomInt } from 'node:crypto'
import type { Context } from 'koa'

/** No two that look or sound like one another: neither 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V nor C/G. */
const ALPHABET = '234679ACDEFHJKMNPQRTVWXY'
const LENGTH = 6

const KEPT = 'supportCode'

export const newSupportCode = (): string =>
  Array.from({ length: LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('')

/** In two groups, as people see it: `7K4-2QF`. */
export const shownSupportCode = (code: string): string => `${code.slice(0, 3)}-${code.slice(3)}`

/** As somebody typed it: capitals, hyphen and spaces do not count. Undefined for what is none. */
export function parseSupportCode(text: string): string | undefined {
  const code = text.toUpperCase().replace(/[\s-]/g, '')
  return code.length === LENGTH && [...code].every((sign) => ALPHABET.includes(sign)) ? code : undefined
}

export function setSupportCode(ctx: Pick<Context, 'state' | 'set'>, code: string): void {
  ctx.state[KEPT] = code
  ctx.set('X-Support-Code', shownSupportCode(code))
}

/** The code of this request as people see it; one that no record has, when there is none yet. */
export function supportCodeOf(ctx: Pick<Context, 'state' | 'set'>): string {
  const kept: unknown = ctx.state[KEPT]
  if (typeof kept === 'string') return shownSupportCode(kept)
  const code = newSupportCode()
  setSupportCode(ctx, code)
  return shownSupportCode(code)
}
