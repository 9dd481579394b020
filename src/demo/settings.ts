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
  const hasOwnWords = Object.keys(WORDS).some((name) => name in environment)
  return { ...(hasOwnWords ? {} : WORDS), ...environment, ...settings }
}

/** What a hospital would set; SUPPORT_PHONES and its companions go together. */
const WORDS = {
  ORGANISATION_NAME: 'CIUSSS de démonstration',
  ORGANISATION_NAME_EN: 'Demonstration CIUSSS',
  SUPPORT_PHONES:
    'De l’interne : poste 13232; Sherbrooke et environs : 819-829-3232; Sans frais : 1-833-829-3232',
  SUPPORT_PHONES_EN:
    'Internal : extension 13232; Sherbrooke and area : 819-829-3232; Toll-free : 1-833-829-3232',
  SUPPORT_HOURS: 'lun-ven 07:00-21:00, sam-dim 08:00-16:00',
}

/** What the demonstration left for the operator's commands; undefined where it never ran. */
export function readDemoSettings(): Environment | undefined {
  return existsSync(FILE) ? parseEnv(readFileSync(FILE, 'utf8')) : undefined
}
