// Where settings come from: the process's environment, completed by a `.env` file beside package.json where
// there is one.

import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Environment } from './config.js'
import { packageRoot } from './package-root.js'

/** What the environment says wins over the file, whose names are `namesInFile`. */
export function readEnvironment(): { environment: Environment; namesInFile: readonly string[] } {
  const file = join(packageRoot(), '.env')
  if (!existsSync(file)) return { environment: process.env, namesInFile: [] }
  process.loadEnvFile(file)
  return { environment: process.env, namesInFile: Object.keys(parseEnv(readFileSync(file, 'utf8'))) }
}
