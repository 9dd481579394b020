// A password to be typed once from a mail: sixteen characters that no one confuses, in groups of four. About
// 79 random bits.

import { randomInt } from 'node:crypto'

const UNMISTAKABLE = 'abcdefghjkmnpqrstuvwxyz23456789'
const GROUPS = 4
const GROUP_LENGTH = 4

export function makeTemporaryPassword(): string {
  const group = () =>
    Array.from({ length: GROUP_LENGTH }, () => UNMISTAKABLE[randomInt(UNMISTAKABLE.length)]).join('')
  return Array.from({ length: GROUPS }, group).join('-')
}
