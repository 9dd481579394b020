// The code that somebody else hands to a person before a phone may be bound: by letter, at the desk, on the
// telephone. Eight of Crockford's signs, 40 bits; typed in any case, with or without a hyphen, and with the
// look-alikes O, I, L forgiven.

import { randomInt } from 'node:crypto'

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const LENGTH = 8
/** So many there are. */
export const ACTIVATION_CODES = CROCKFORD.length ** LENGTH

/** As it is shown: two groups of four. */
export function makeActivationCode(): string {
  const signs = Array.from({ length: LENGTH }, () => CROCKFORD[randomInt(CROCKFORD.length)]).join('')
  return `${signs.slice(0, 4)}-${signs.slice(4)}`
}

/** The eight canonical signs of what was typed; undefined when it is none. */
export function parseActivationCode(input: string): string | undefined {
  const signs = input
    .normalize('NFKC')
    .toUpperCase()
    .replace(/[\s-]/gu, '')
    .replaceAll('O', '0')
    .replace(/[IL]/g, '1')
  return signs.length === LENGTH && [...signs].every((sign) => CROCKFORD.includes(sign)) ? signs : undefined
}
