// Reads the list of well-known passwords beside this file, once, when it is first asked for.
// The rules that use it are in password-policy.ts. Must never hold a password of a real account.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

let blocklist: ReadonlySet<string> | undefined

/** Every entry of blocklist.txt, in the folded form that the policy compares with. */
export function loadBlocklist(): ReadonlySet<string> {
  blocklist ??= new Set(
    readFileSync(join(import.meta.dirname, 'blocklist.txt'), 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '' && !line.startsWith('#')),
  )
  return blocklist
}
