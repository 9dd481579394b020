// Does the time of an answer tell whether a CIP exists? Medians of a wrong password for a known, an unknown
// and a disabled account, and for one that came by an import with a hash of a lower cost.

import bcrypt from 'bcrypt'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ms, openSignIn, percentile, print, startProvider, time } from './provider-process.ts'

const ROUNDS = 60
const CLI = join(import.meta.dirname, '..', '..', 'dist', 'src', 'cli.js')

const IMPORTED_COST = 10

export async function enumerationBench(): Promise<void> {
  const provider = await startProvider()
  const cli = (...words: string[]) =>
    execFileSync(process.execPath, [CLI, ...words], { env: provider.environment })
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-import-'))
  try {
    const times: Record<string, number[]> = { known: [], unknown: [], disabled: [], imported: [] }
    const list = join(folder, 'people.csv')
    writeFileSync(list, importOf(ROUNDS))
    cli('account', 'import', list)
    // A fresh CIP each time, or the waits would answer before any hash.
    for (let round = 0; round < ROUNDS; round += 4) {
      cli('account', 'create', `known${round}`, '--name', 'Marie Tremblay', '--email', 'marie@exemple.ca')
      cli('account', 'create', `disabled${round}`, '--name', 'Marie Tremblay', '--email', 'marie@exemple.ca')
      cli('account', 'disable', `disabled${round}`, '--reason', 'bench')
      for (let repetition = 0; repetition < 4; repetition += 1) {
        for (const kind of Object.keys(times)) {
          const post = await openSignIn(provider)
          times[kind]?.push(await time(() => post(`${kind}${round}`, 'trois-chats-dorment')))
        }
      }
    }
    const medians = Object.entries(times).map(([kind, values]): [string, number] => [
      kind,
      percentile(values, 50),
    ])
    for (const [kind, median] of medians) print(`${kind.padEnd(9)} median ${ms(median)}`)
    const values = medians.map(([, median]) => median)
    const spread = Math.max(...values) / Math.min(...values) - 1
    print(`largest difference ${(spread * 100).toFixed(1)} % ${spread < 0.1 ? 'holds' : 'BREAKS'} 10 %`)
  } finally {
    rmSync(folder, { recursive: true })
    await provider.stop()
  }
}

/** The people of a former system, which hashed at a lower cost. */
function importOf(rounds: number): string {
  const hash = bcrypt.hashSync('un-autre-mot-de-passe', IMPORTED_COST)
  const rows = Array.from(
    { length: rounds },
    (_, round) => `imported${round},Marie Tremblay,marie@exemple.ca,${hash}`,
  )
  return ['cip,name,email,password_hash', ...rows].join('\n')
}
