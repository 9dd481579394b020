// The demonstration's own settings: made once, kept in data/demo.env for the operator's commands. Never read
// by `npm start`.

import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Environment } from '../config/config.js'
import { packageRoot } from '../config/package-root.js'

const FILE = join(packageRoot(), 'data', 'demo.env')
const OWNER_ONLY = 0o600
const OWNER_ONLY_FOLDER = 0o700

/** The environment, completed by what the demonstration needs; its master key is made on first use. */
export function demoEnvironment(environment: Environment): Environment {
  const kept = readDemoSettings() ?? {}
  const port = environment['PORT'] ?? '3000'
  const settings = {
    MASTER_KEYS: kept['MASTER_KEYS'] ?? `demo:${randomBytes(32).toString('base64')}`,
    DATABASE_URL: environment['DATABASE_URL'] ?? `sqlite:${join(packageRoot(), 'data', 'laissez-passer.db')}`,
    ISSUER_URL: environment['ISSUER_URL'] ?? `http://localhost:${port}`,
    PORT: port,
    INTERNAL_HOSTS:
      environment['INTERNAL_HOSTS'] ?? `localhost:${environment['DEMO_RP_PORT'] ?? Number(port) + 1}`,
  }
  mkdirSync(dirname(FILE), { recursive: true })
  chmodSync(dirname(FILE), OWNER_ONLY_FOLDER) // also where an earlier demonstration has left it open
  writeFileSync(
    FILE,
    Object.entries(settings)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(''),
    { mode: OWNER_ONLY },
  )
  return { ...environment, ...settings }
}

/** What the demonstration left for the operator's commands; undefined where it never ran. */
export function readDemoSettings(): Environment | undefined {
  return existsSync(FILE) ? parseEnv(readFileSync(FILE, 'utf8')) : undefined
}
