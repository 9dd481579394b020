// Who runs a command, and why: what the audit log keeps of it.

import { InvalidArgumentError, Option } from 'commander'
import { userInfo } from 'node:os'
import type { Actor } from '../audit/actor.js'
import type { Environment } from '../config/config.js'

const LONGEST_REASON = 500
const LONGEST_ACTOR = 128

/**
 * `operator:root`, or `operator:root (sudo: mtremblay)`: the kernel knows the first name, sudo claims the
 * second.
 */
export function operatorActor(env: Environment, reason: string | undefined): Actor {
  const sudoUser = (env['SUDO_USER'] ?? '').replace(/[^\w.@\\-]/g, '')
  const name = `operator:${osUser()}${sudoUser === '' ? '' : ` (sudo: ${sudoUser})`}`
  return { name: name.slice(0, LONGEST_ACTOR), clientAddress: 'cli', reason }
}

/** In a container the user may have a number and no name. */
function osUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid-${process.getuid?.() ?? 'unknown'}`
  }
}

export const reasonOption = (): Option =>
  new Option('--reason <text>', 'why, for the audit log').argParser(parseReason)

function parseReason(text: string): string {
  const reason = text.trim()
  if (reason === '' || [...reason].length > LONGEST_REASON || /[\p{C}\u2028\u2029]/u.test(reason)) {
    throw new InvalidArgumentError(
      `It must be 1 to ${LONGEST_REASON} characters, without control characters.`,
    )
  }
  return reason
}
