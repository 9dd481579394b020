// What every client meets: the built provider as a process, on a database of its own with people in it; the
// operator's commands; one Chromium whose single profile holds the cookies of provider and application alike
// (both on localhost: cookies know no ports).

import { afterAll, beforeAll } from '@jest/globals'
import bcrypt from 'bcrypt'
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'playwright-core'
import { packageRoot } from '../../../src/config/package-root.js'
import { launchChromium, openPage, type OpenPage } from '../../support/chromium.js'
import { freePort, startProcess, type ProviderProcess } from '../../support/provider-process.js'
import { MASTER_KEYS } from '../../support/settings.js'
import { openSection, type Place } from './page.js'
import { inherited, startProgram, type Program } from './programs.js'

const execute = promisify(execFile)
const PASSWORD = 'quatre-lunes-bleues'

export type Person = { cip: string; name: string; email: string; password: string }
export const JULIE = person('gagj2345', 'Julie Gagnon')
export const SAM = person('roys4567', 'Sam Roy')

export type Stage = ReturnType<typeof useStage>

type Starting = { cwd?: string; env?: Record<string, string>; url?: string; says?: RegExp }

/** One for each test file, before its tests. */
export function useStage() {
  let folder: string
  let issuer: string
  let application: string
  let settings: Record<string, string>
  let provider: ProviderProcess
  let chromium: Browser
  let secret: string | undefined
  const programs: Program[] = []

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'laissez-passer-client-'))
    chmodSync(folder, 0o755)
    const [port, applicationPort] = [await freePort(), await freePort()]
    issuer = `http://localhost:${port}`
    application = `http://localhost:${applicationPort}`
    settings = {
      MASTER_KEYS,
      BCRYPT_COST: '10',
      ISSUER_URL: issuer,
      PORT: String(port),
      DATABASE_URL: `sqlite:${join(folder, 'provider', 'provider.db')}`,
      INTERNAL_HOSTS: new URL(application).host,
    }
    const people = join(folder, 'people.csv')
    writeFileSync(people, ['cip,name,email,password_hash', ...[JULIE, SAM].map(row), ''].join('\n'))
    await operate('migrate')
    await operate('account', 'import', people)
    provider = await startProcess(settings)
    chromium = await launchChromium()
  })
  afterAll(async () => {
    await chromium?.close()
    for (const program of programs.toReversed()) await program.stop()
    await provider?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const place = (): Place => ({ issuer, application, folder, ...(secret !== undefined && { secret }) })
  const environment = () => ({ ...inherited(), ...settings })
  const operate = (...parameters: string[]) =>
    execute(process.execPath, [join(packageRoot(), 'dist', 'src', 'cli.js'), ...parameters], {
      env: environment(),
    })

  return {
    /** The page's blocks under a heading, with this stage's addresses and secret. */
    section: (title: string) => openSection(title, place),
    place,
    issuer: () => issuer,
    application: () => application,
    applicationPort: () => new URL(application).port,
    folder: () => folder,
    /** What provider and programs have printed, for whoever must find out why. */
    output: () => [provider.output(), ...programs.map((program) => program.output())].join('\n'),

    /**
     * Runs commands of the page as they stand; keeps the secret that they print, and returns what they print.
     */
    async run(commands: string): Promise<string> {
      const { stdout } = await execute('bash', ['-euo', 'pipefail', '-c', commands], {
        cwd: packageRoot(),
        env: environment(),
      })
      secret = /client_secret[^\w-]+([\w-]+)/.exec(stdout)?.[1] ?? secret
      return stdout
    },

    /** An operator's command that is no part of the page. */
    operate,

    /** The secret that was printed last. */
    secret(): string {
      if (secret === undefined) throw new Error('no secret was printed')
      return secret
    },

    /** The application, unless told otherwise; stopped at the end. */
    async start(
      command: string,
      parameters: string[],
      { cwd = folder, env = {}, url = application, says }: Starting = {},
    ): Promise<Program> {
      const program = await startProgram(command, parameters, { cwd, env, url, ...(says && { says }) })
      programs.push(program)
      return program
    },

    /** A browser that nobody has used yet. */
    openBrowser: (): Promise<OpenPage> => openPage(chromium),
  }
}

function person(cip: string, name: string): Person {
  return { cip, name, email: `${cip}@exemple.ca`, password: PASSWORD }
}

const row = ({ cip, name, email, password }: Person) =>
  [cip, name, email, bcrypt.hashSync(password, 4)].join(',')
