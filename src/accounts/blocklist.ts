// Reads the list of well-known passwords beside this file, once, when the application is wired.
// The rules that use it are in password-policy.ts. Must never hold a password of a real account.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every entry of blocklist.txt, in the folded form that the policy compares with. */
export function loadBlocklist(): ReadonlySet<string> {
  const text = readFileSync(join(import.meta.dirname, 'blocklist.txt'), 'utf8')
  return new Set(text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#')))
}
