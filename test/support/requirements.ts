// What a suite needs beyond npm: a browser, two programs, a PostgreSQL. Called by the suites that need them;
// knows nothing of the project. Locally such a suite is left out and says so; in CI (`CI=true`) a missing
// part is a failure, never a silent gap.

import { describe, expect, test } from '@jest/globals'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { postgresPrograms } from './postgres-server.js'

export type Need =
  | 'chromium'
  | 'zbarimg'
  | 'oathtool'
  | 'openssl'
  | 'postgres'
  | 'postgres-server'
  | 'java'
  | 'nginx'
  | 'haproxy'
  | 'mmdebstrap'
  | 'dpkg-deb'
  | 'systemd-analyze'

const HOW_TO_GET: Record<Need, string> = {
  'chromium': 'apt-get install chromium',
  'zbarimg': 'apt-get install zbar-tools',
  'oathtool': 'apt-get install oathtool',
  'openssl': 'apt-get install openssl',
  'java': 'apt-get install openjdk-17-jre-headless',
  'nginx': 'apt-get install nginx-light',
  'haproxy': 'apt-get install haproxy',
  'mmdebstrap': 'apt-get install mmdebstrap',
  'dpkg-deb': 'apt-get install dpkg',
  'systemd-analyze': 'apt-get install systemd',
  'postgres-server': 'apt-get install postgresql',
  'postgres': 'set TEST_POSTGRES_URL, for example postgres://postgres@127.0.0.1:5432/postgres',
}

const alreadySaid = new Set<Need>()

/**
 * A suite that needs something the machine may lack. Locally it is left out, said in one line; in CI its
 * absence is a failure.
 */
export function describeWith(needs: Need[], title: string, suite: () => void): void {
  const missing = needs.filter((need) => !isThere(need))
  if (missing.length === 0) {
    describe(title, suite)
  } else if (process.env['CI'] === 'true') {
    test(`${title}: this machine has what it needs`, () => {
      expect(missing.map(advice)).toEqual([])
    })
  } else {
    for (const need of missing) sayOnce(need, title)
    describe.skip(title, suite)
  }
}

function isThere(need: Need): boolean {
  if (need === 'postgres-server') return postgresPrograms() !== undefined
  if (need === 'postgres') return (process.env['TEST_POSTGRES_URL'] ?? '') !== ''
  return `${process.env['PATH']}:/usr/sbin`.split(delimiter).some((folder) => isProgram(join(folder, need)))
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Straight to stderr: the console of jest would add a stack to it. */
function sayOnce(need: Need, title: string): void {
  if (alreadySaid.has(need)) return
  alreadySaid.add(need)
  process.stderr.write(`Left out for want of ${advice(need)} — “${title}”\n`)
}

function advice(need: Need): string {
  return `${need} (${HOW_TO_GET[need]})`
}
