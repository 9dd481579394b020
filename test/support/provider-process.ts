// The compiled provider in a process of its own, as in production. What it prints is kept for the test to
// read.

import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TEST_SETTINGS } from './settings.js'

const MAIN = join(import.meta.dirname, '../../dist/src/main.js')
const PATIENCE_MS = 15_000
const PAUSE_MS = 30

/** `output`: all it printed; `errors`: what of it went to stderr. */
export type Ended = { code: number | null; milliseconds: number; output: string; errors: string }

function launch(settings: Record<string, string>) {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [MAIN], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed: string[] = []
  const errors: string[] = []
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => printed.push(chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()))
  const ended = new Promise<Ended>((resolve) =>
    child.once('close', (code) =>
      resolve({
        code,
        milliseconds: performance.now() - startedAt,
        output: printed.join(''),
        errors: errors.join(''),
      }),
    ),
  )
  return { child, ended, output: () => printed.join('') }
}

/** Runs it with settings that it should refuse, until it ends. */
export async function runToItsEnd(settings: Record<string, string>): Promise<Ended> {
  const { child, ended } = launch(settings)
  const deadline = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  try {
    return await ended
  } finally {
    clearTimeout(deadline)
  }
}

export type ProviderProcess = Awaited<ReturnType<typeof startProcess>>

/** Resolves once `/readyz` says so; `port` is where it listens, whatever the issuer. */
export async function startProcess(
  settings: Record<string, string>,
  isReady: (port: number) => Promise<boolean> = answersReady,
) {
  const port = Number(settings['PORT'] ?? (await freePort()))
  const { child, ended, output } = launch({
    ...TEST_SETTINGS,
    PORT: String(port),
    ...settings,
  })
  const deadline = performance.now() + PATIENCE_MS
  while (!(await isReady(port))) {
    if (child.exitCode !== null || performance.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`the provider did not start: ${output()}`)
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return {
    port,
    output,
    ended,
    signal: (name: NodeJS.Signals): boolean => child.kill(name),
    async stop(): Promise<Ended> {
      child.kill('SIGTERM')
      return ended
    },
  }
}

async function answersReady(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://localhost:${port}/readyz`)).ok
  } catch {
    return false
  }
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, 'localhost', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
