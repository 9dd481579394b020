// The compiled provider in a process of its own, as in production. What it prints is kept for the test to
// read.

import { spawn } from 'node:child_process'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PROCESS_SETTINGS } from './settings.js'
import { PATIENCE_MS, until } from './until.js'

const MAIN = join(import.meta.dirname, '../../dist/src/main.js')

/** `output`: all it printed; `errors`: what of it went to stderr. */
export type Ended = { code: number | null; output: string; errors: string }

function launch(settings: Record<string, string>) {
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
    child.once('close', (code) => resolve({ code, output: printed.join(''), errors: errors.join('') })),
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

/** Resolves once it says that it listens; `port` is where, whatever the issuer. */
export async function startProcess(settings: Record<string, string>) {
  const { child, ended, output } = launch({ ...PROCESS_SETTINGS, PORT: '0', ...settings })
  const port = (): string | undefined => /"port":(\d+),"msg":"listening"/.exec(output())?.[1]
  await until(() => child.exitCode !== null || port() !== undefined).catch(() => child.kill('SIGKILL'))
  if (port() === undefined) throw new Error(`the provider did not start: ${output()}`)
  return {
    port: Number(port()),
    output,
    ended,
    signal: (name: NodeJS.Signals): boolean => child.kill(name),
    async stop(): Promise<Ended> {
      child.kill('SIGTERM')
      return ended
    },
  }
}

/** A port that nobody listens on just now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, 'localhost', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
