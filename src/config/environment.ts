// Where settings come from: the process's environment, completed by a `.env` file beside package.json where
// there is one.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Environment } from './config.js'
import { packageRoot } from './package-root.js'

/** What the environment says wins over the file. */
export function readEnvironment(): Environment {
  const file = join(packageRoot(), '.env')
  if (existsSync(file)) process.loadEnvFile(file)
  return process.env
}
