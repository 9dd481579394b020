// Programs that a test starts: it waits until they answer, keeps what they print, and stops them by their id.

import { spawn } from 'node:child_process'
import { setTimeout as pause } from 'node:timers/promises'

const PATIENCE_MS = 120_000
const PAUSE_MS = 100

export type Program = { output: () => string; stop: () => Promise<void>; ended: Promise<void> }

/** Resolves once something answers at `url`, or what is printed is as `says`. */
export async function startProgram(
  command: string,
  parameters: string[],
  { cwd, env, url, says }: { cwd: string; env: Record<string, string>; url: string; says?: RegExp },
): Promise<Program> {
  let output = ''
  // A group of its own: a shell ends together with what it runs.
  const child = spawn(command, parameters, { cwd, env: { ...inherited(), ...env }, detached: true })
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', (error) => {
      output += error.message
      resolve()
    })
  })
  const program = {
    output: () => output,
    ended,
    async stop() {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
      await ended
    },
  }
  await until(async () => {
    if (child.exitCode !== null || child.pid === undefined) throw new Error(`${command} has ended: ${output}`)
    return says === undefined ? answers(url) : says.test(output)
  }).catch(async (error: unknown) => {
    await program.stop()
    throw new Error(`${command} does not answer: ${output}`, { cause: error })
  })
  return program
}

/** Asks again and again until it is so. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`still not so after ${PATIENCE_MS / 1000} s`)
    await pause(PAUSE_MS)
  }
}

/** What any program needs of this one's environment, and no setting of the provider. */
export function inherited(): Record<string, string> {
  return Object.fromEntries(
    ['PATH', 'HOME', 'LANG', 'JAVA_HOME'].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

async function answers(url: string): Promise<boolean> {
  try {
    await fetch(url, { redirect: 'manual' })
    return true
  } catch {
    return false
  }
}
