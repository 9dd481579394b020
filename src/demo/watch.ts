// `npm run dev`: the demonstration, built and started anew whenever a source changes; a build that fails
// leaves the one before running. Node runs this file as it stands, and it imports nothing of ours: it
// outlives every build.

import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'

const WATCHED = ['src', 'interactions', 'db', 'demo-rp/src', 'demo-rp/assets']
const QUIET_MS = 200 // an editor saves in several steps, a branch changes many files

let demo: ChildProcess | undefined
let underWay: Promise<void> = renew()
let timer: NodeJS.Timeout | undefined

for (const folder of WATCHED)
  watch(folder, { recursive: true }, () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      underWay = underWay.then(renew)
    }, QUIET_MS)
  })

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => {
    demo?.kill(signal)
    process.exit(0)
  })

async function renew(): Promise<void> {
  const [code] = (await once(spawn('npm', ['run', '--silent', 'build'], { stdio: 'inherit' }), 'exit')) as [
    number | null,
  ]
  if (code !== 0) return
  if (demo?.exitCode === null) {
    demo.kill('SIGTERM')
    await once(demo, 'exit')
  }
  demo = spawn(process.execPath, ['dist/src/demo/demo.js'], { stdio: 'inherit' })
}
