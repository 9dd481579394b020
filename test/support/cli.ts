// The operator's commands in this process, on a database that the test names. Keeps all that they printed.

import { expect } from '@jest/globals'
import { runCli } from '../../src/cli/run.js'
import type { Environment } from '../../src/config/config.js'
import { clock } from './clock.js'

export type Cli = ReturnType<typeof createCli>

export function createCli(settings: Environment) {
  let env: Environment = {
    BCRYPT_COST: '10',
    ISSUER_URL: 'http://localhost:3000',
    ...settings,
  }
  let isInteractive = false

  async function run(...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    const out: string[] = []
    const err: string[] = []
    const stream = (lines: string[]) => ({ write: (text: string) => lines.push(text) })
    const code = await runCli(argv, {
      env,
      stdout: stream(out),
      stderr: stream(err),
      now: clock.now,
      isInteractive,
      demoSettings: () => undefined,
    })
    return { code, stdout: out.join(''), stderr: err.join('') }
  }

  return {
    run,

    /** Somebody sits at the keyboard. */
    sitDown(): void {
      isInteractive = true
    },

    set(changed: Environment): void {
      env = { ...env, ...changed }
    },

    /** Runs with `--json`, and expects exactly one JSON value and nothing else. */
    async json<T = unknown>(...argv: string[]): Promise<T> {
      const { code, stdout, stderr } = await run(...argv, '--json')
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout).toMatch(/^[^\n]+\n$/)
      return JSON.parse(stdout) as T
    },

    /** Refused in one line; what was printed all the same, if anything. */
    async expectRefused(argv: string[], message: RegExp, code = 1): Promise<string> {
      const result = await run(...argv)
      expect(result.stderr).toMatch(message)
      expect(result.stderr).toMatch(/^error: [^\n]+\n$/)
      expect(result.code).toBe(code)
      return result.stdout
    },
  }
}
