// `laissez-passer`, the one word behind `npm start` and `npm run cli`: finds what is built and the Node it
// was made for, wherever it is installed, and loads no more than a command needs.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { packageRoot } from '../../src/config/package-root.js'
import { MASTER_KEYS } from '../support/settings.js'

const PROGRAM = join(packageRoot(), 'src', 'laissez-passer.sh')
const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'laissez-passer-program-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = folder) {
  const { status, stdout, stderr } = spawnSync(program, words, {
    cwd,
    env: { PATH: SYSTEM_PATH, ...env },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

function write(path: string, content: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
  chmodSync(path, 0o755)
}

/** The program alone, as a checkout has it before `npm install` and `npm run build`. */
function installIn(root: string): string {
  const program = join(root, 'src', 'laissez-passer.sh')
  mkdirSync(dirname(program), { recursive: true })
  copyFileSync(PROGRAM, program)
  copyFileSync(join(packageRoot(), 'package.json'), join(root, 'package.json'))
  return program
}

/** Says what it was asked to run. */
const NODE_THAT_TELLS = '#!/bin/sh\necho "$@"\n'
const NODE_OF_THE_MACHINE = '#!/bin/sh\necho "the machine’s own Node was run" >&2\nexit 9\n'

describe('where something is missing', () => {
  test.each([
    ['start', ['start']],
    ['a command', ['keys', 'generate']],
  ])('without a build %s says how to make one, in one line', (_what, words) => {
    expect(run(installIn(join(folder, 'not-built')), words)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'laissez-passer: it is not built yet: npm run build\n',
    })
  })

  test.each([
    ['npm start', ['start', '--silent']],
    ['npm run cli', ['run', '--silent', 'cli', '--', 'keys', 'generate']],
  ])('without a build `%s` does not make one by itself', (_what, words) => {
    const root = join(folder, 'npm')
    installIn(root)
    const path = { PATH: process.env['PATH'] }
    expect(run('npm', words, path, root)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'laissez-passer: it is not built yet: npm run build\n',
    })
  })

  test('without the Node of package.json it does not take another one', () => {
    const root = join(folder, 'no-node')
    const program = installIn(root)
    write(join(root, 'dist/src/cli.js'), '')
    expect(run(program, ['start'])).toEqual({
      status: 1,
      stdout: '',
      stderr: 'laissez-passer: its Node is missing: npm install --omit=dev\n',
    })
  })
})

describe('where it is installed', () => {
  test('it runs under its own Node, whatever the machine has', () => {
    const machine = join(folder, 'machine')
    write(join(machine, 'node'), NODE_OF_THE_MACHINE)
    expect(run(PROGRAM, ['keys', 'generate'], { PATH: `${machine}:${SYSTEM_PATH}` })).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^k[a-z]{6}:[A-Za-z0-9+/]{43}=\n$/),
      stderr: '',
    })
  })

  test('as a dependency of another package, its Node beside it, called by the link that npm makes', () => {
    const modules = join(folder, 'hoisted dependency', 'node_modules')
    const root = join(modules, 'laissez-passer')
    installIn(root)
    write(join(root, 'dist/src/cli.js'), '')
    write(join(modules, 'node/bin/node'), NODE_THAT_TELLS)
    mkdirSync(join(modules, '.bin'))
    symlinkSync('../laissez-passer/src/laissez-passer.sh', join(modules, '.bin/laissez-passer'))
    expect(run(join(modules, '.bin/laissez-passer'), ['account', 'show', 'two words'])).toEqual({
      status: 0,
      stdout: `${join(root, 'dist/src/cli.js')} account show two words\n`,
      stderr: '',
    })
  })
})

describe('what a command loads', () => {
  // Reports, as the process ends, from which packages modules were loaded.
  const REPORT = `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from 'node:module'
    const packages = new Set()
    registerHooks({
      load(url, context, next) {
        packages.add(/.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1])
        return next(url, context)
      },
    })
    process.on('exit', () => process.stderr.write(JSON.stringify([...packages])))
  `)}`

  let settings: Record<string, string>
  beforeAll(() => {
    settings = {
      ISSUER_URL: 'http://localhost:3000',
      DATABASE_URL: `sqlite:${join(folder, 'loading.db')}`,
      MASTER_KEYS,
    }
    for (const words of [
      ['migrate'],
      ['account', 'create', 'tram1234', '--name', 'Marie Tremblay', '--email', 'marie@exemple.ca'],
    ])
      expect(run(PROGRAM, words, settings)).toMatchObject({ status: 0, stderr: '' })
  })

  function packagesOf(words: readonly string[]): string[] {
    const { status, stderr } = run(PROGRAM, words, { ...settings, NODE_OPTIONS: `--import ${REPORT}` })
    expect(status).toBe(0)
    return JSON.parse(stderr) as string[]
  }

  test.each([[['--help']], [['keys', 'generate']]])('%s: what reads words, and nothing else', (words) => {
    expect(packagesOf(words).filter((name) => name !== null)).toEqual(['commander'])
  })

  test.each([
    [['account', 'list']],
    [['account', 'show', 'tram1234']],
    [['client', 'list']],
    [['audit', 'list']],
  ])('%s: no protocol library, no server, no page, no other database', (words) => {
    const packages = packagesOf(words)
    expect(packages).toEqual(expect.arrayContaining(['commander', 'knex', 'sqlite3', 'zod']))
    const heavy =
      /^(oidc-provider|koa.*|@koa\/.*|pino|prom-client|preact.*|nodemailer|qrcode|pg|yaml|csv-parse)$/
    expect(packages.filter((name) => heavy.test(name))).toEqual([])
  })
})
