// Benchmarks: each prints figures measured in one run, on one machine, and the ratios between them. `npm run
// bench -- <name>`.

import { auditBench } from './audit.ts'
import { enumerationBench } from './enumeration.ts'
import { floodBench } from './flood.ts'
import { guessingOddsBench } from './guessing-odds.ts'
import { importBench } from './import.ts'
import { mailBench } from './mail.ts'
import { slowSocketsBench } from './slow-sockets.ts'
import { startBench } from './start.ts'
import { storageBench } from './storage.ts'
import { stormBench } from './storm.ts'

const BENCHES: Record<string, () => Promise<void>> = {
  'audit': auditBench,
  'enumeration': enumerationBench,
  'flood': floodBench,
  'guessing-odds': guessingOddsBench,
  'import': importBench,
  'mail': mailBench,
  'slow-sockets': slowSocketsBench,
  'start': startBench,
  'storage': storageBench,
  'storm': stormBench,
}

const [name = ''] = process.argv.slice(2)
const bench = BENCHES[name]
if (bench === undefined) {
  process.stderr.write(`usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')}\n`)
  process.exit(2)
}
await bench()
process.exit(0)
