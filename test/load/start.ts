// What does an operator wait for when a command starts? The processor time (user and system) of the built
// program, launcher included and npm not, over a small SQLite database.

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ms, percentile, print } from './provider-process.ts'

const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'laissez-passer.sh')
const LIMIT_MS = 500
const ROUNDS = 9
const COMMANDS = [
  '--help',
  'keys generate',
  'account list',
  'account show tram1234',
  'client list',
  'audit list',
]

export async function startBench(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-bench-'))
  const env = {
    PATH: String(process.env['PATH']),
    ISSUER_URL: 'http://localhost:3000',
    DATABASE_URL: `sqlite:${join(folder, 'bench.db')}`,
    MASTER_KEYS: `bench:${randomBytes(32).toString('base64')}`,
  }
  try {
    processorTime(env, ['migrate'])
    processorTime(env, ['account', 'create', 'tram1234', '--name', 'Marie', '--email', 'marie@exemple.ca'])
    processorTime(env, ['client', 'create', 'eespresso', '--redirect-uri', 'http://localhost:9/callback'])
    for (const command of COMMANDS) {
      const times = Array.from({ length: ROUNDS }, () => processorTime(env, command.split(' ')))
      const median = percentile(times, 50)
      print(
        `${command.padEnd(22)} median ${ms(median).padStart(7)}, longest ${ms(Math.max(...times)).padStart(7)} ` +
          `${median <= LIMIT_MS ? 'holds' : 'BREAKS'} ${LIMIT_MS} ms`,
      )
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Milliseconds, as the shell that waited for the program counts them. */
function processorTime(env: Record<string, string>, words: readonly string[]): number {
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['--norc', '-c', `TIMEFORMAT='%3U %3S'; { time "$@" >/dev/null 2>&3; } 3>&1`, 'bash', PROGRAM, ...words],
    { env: { ...env, LC_ALL: 'C' }, encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stdout}`)
  const [user = Number.NaN, system = Number.NaN] = stderr.trim().split(' ').map(Number)
  return (user + system) * 1000
}
