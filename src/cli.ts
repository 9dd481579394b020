// The operator's commands as a process: `npm run cli -- …`. All they do is in src/cli/.

import { readDemoSettings } from './demo/settings.js'
import { runCli } from './cli/run.js'
import { readEnvironment } from './config/environment.js'

// A reader that has gone (`… | head`) is no bug; what was not read may have been a secret, so it is no
// success either.
process.stdout.once('error', () => process.exit(1))

const { environment, namesInFile } = readEnvironment()

process.exitCode = await runCli(process.argv.slice(2), {
  env: environment,
  namesInFile,
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  isInteractive: process.stdin.isTTY,
  demoSettings: readDemoSettings,
})
