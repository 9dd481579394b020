// How long does an import of a whole hospital take, without hashes, and how long do others wait to write
// meanwhile? The built program on a fresh SQLite database; then the same file again.

import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type * as connectModule from '../../db/connect.ts'
import type * as migrateModule from '../../db/migrate.ts'
import type * as storeModule from '../../db/store.ts'
import { fromDist, ms, percentile, print, time } from './provider-process.ts'

const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'src', 'cli.js')
const PEOPLE = 20_000
const LIMIT_MS = 60_000

export async function importBench(): Promise<void> {
  const { connectDatabase } = (await fromDist('db/connect.js')) as typeof connectModule
  const { migrateToLatest } = (await fromDist('db/migrate.js')) as typeof migrateModule
  const { createStore } = (await fromDist('db/store.js')) as typeof storeModule
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-bench-'))
  const env = {
    PATH: String(process.env['PATH']),
    ISSUER_URL: 'http://localhost:3000',
    DATABASE_URL: `sqlite:${join(folder, 'import.db')}`,
    MASTER_KEYS: `bench:${randomBytes(32).toString('base64')}`,
  }
  const db = connectDatabase(env.DATABASE_URL)
  const store = createStore(db)
  try {
    await migrateToLatest(db)
    const file = join(folder, 'people.csv')
    writeFileSync(file, peopleFile())
    let isImporting = true
    const waits: number[] = []
    const others = (async () => {
      while (isImporting) {
        waits.push(await time(() => store.checkWritable(Date.now())))
        await sleep(20)
      }
    })()
    for (const [run, expected] of [
      ['an import', 'created'],
      ['the same again', 'unchanged'],
    ] as const) {
      let answer = { stdout: '' }
      const elapsed = await time(async () => {
        const words = ['account', 'import', file, '--json']
        answer = await promisify(execFile)(process.execPath, [PROGRAM, ...words], {
          env,
          maxBuffer: 2 ** 26,
        })
      })
      const { rows } = JSON.parse(answer.stdout) as { rows: { result: string }[] }
      const right = rows.filter(({ result }) => result === expected).length
      const holds = elapsed <= LIMIT_MS && right === PEOPLE
      print(
        `${run}: ${right} ${expected} in ${(elapsed / 1000).toFixed(1)} s, ` +
          `${(right / (elapsed / 1000)).toFixed(0)} rows/s ${holds ? 'holds' : 'BREAKS'} ${LIMIT_MS / 1000} s`,
      )
    }
    isImporting = false
    await others
    print(
      `another process meanwhile waited to write: median ${ms(percentile(waits, 50))}, longest ${ms(Math.max(...waits))}`,
    )
  } finally {
    await db.destroy()
    rmSync(folder, { recursive: true, force: true })
  }
}

function peopleFile(): string {
  const rows = Array.from(
    { length: PEOPLE },
    (_, n) => `bench${n};Zoë Œuvrard ${n};Zoë;"Œuvrard, ${n}";zoe${n}@exemple.ca;"soins;urgence"`,
  )
  return ['cip;name;given_name;family_name;email;groups', ...rows, ''].join('\r\n')
}
