// The proof that what `npm pack` makes is all one needs: unpacked in an empty folder, installed without
// development dependencies, the tree made read-only, run by a user who owns nothing but the data folder; and
// somebody signs in. `npm run test:package`, apart from `npm test` because it installs from the registry.
// Nothing here is ever left out.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/config/package-root.js'
import { Browser } from '../support/browser.js'
import { createPhone } from '../support/phone.js'
import { freePort } from '../support/provider-process.js'
import { claimsOf, REDIRECT_URI } from '../support/relying-party.js'

const INSTALL_MS = 15 * 60_000 // sqlite3 may be compiled
const READY_MS = 60_000
const PAUSE_MS = 50
const NEW_PASSWORD = 'trois-chats-dorment'
const WELL_KNOWN = 'ilovemyfamily1' // of all rules, the list alone refuses it

const root = packageRoot()
const isRoot = process.getuid?.() === 0
/**
 * Root runs it as somebody who owns nothing; anybody else as themselves, whom the missing permission stops.
 */
const AS_NOBODY = isRoot ? ['setpriv', '--reuid=nobody', '--regid=nogroup', '--clear-groups'] : ['env']

let folder: string
let unpacked: string
let data: string
let packed: string[]
let env: Record<string, string>
let provider: ChildProcess | undefined
let log = ''

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'laissez-passer-package-'))
  chmodSync(folder, 0o755)
  unpacked = join(folder, 'package')
  data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  if (isRoot) execFileSync('chown', ['nobody:nogroup', data])

  writeFileSync(join(root, 'dist', 'src', 'stale.js'), '// an earlier build left it')
  const [{ filename } = { filename: '' }] = JSON.parse(
    execFileSync('npm', ['pack', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8' }),
  ) as { filename: string }[]
  execFileSync('tar', ['-xzf', join(folder, filename), '-C', folder])
  packed = readdirSync(unpacked, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(unpacked.length + 1))
  execFileSync('npm', ['install', '--omit=dev', '--no-audit', '--no-fund'], {
    cwd: unpacked,
    stdio: 'inherit',
  })
  execFileSync('chmod', ['-R', 'a-w', unpacked])

  const port = await freePort()
  env = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ISSUER_URL: `http://localhost:${port}`,
    PORT: String(port),
    DATABASE_URL: `sqlite:${join(data, 'laissez-passer.db')}`,
    MASTER_KEYS: `package:${randomBytes(32).toString('base64')}`,
    ENROLMENT: 'activation-code',
  }
}, INSTALL_MS)

afterAll(() => {
  provider?.kill('SIGKILL')
  execFileSync('chmod', ['-R', 'u+w', folder])
  rmSync(folder, { recursive: true, force: true })
})

const asNobody = (...words: string[]): [string, string[]] => {
  const [first = '', ...rest] = AS_NOBODY
  return [first, [...rest, ...words]]
}

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(...asNobody(...words), {
    cwd: data,
    env,
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

function command(words: readonly string[]): Record<string, unknown> {
  const answer = run(program(), ...words, '--json')
  expect(answer).toMatchObject({ status: 0, stderr: '' })
  return JSON.parse(answer.stdout) as Record<string, unknown>
}

describe('the package', () => {
  test('holds every file that runs and is no source', () => {
    const wanted = ['src', 'interactions', 'db'].flatMap((top) =>
      readdirSync(join(root, top), { recursive: true, encoding: 'utf8' })
        .map((name) => join(top, name))
        .filter((path) => /\.(?!tsx?$|sh$)[a-z]+$/.test(path)),
    )
    expect(wanted.length).toBeGreaterThan(5)
    expect(wanted.filter((path) => !packed.includes(join('dist', path)))).toEqual([])
  })

  test('holds no program whose source is gone', () => {
    const programs = packed.filter((path) => /^dist\/.*\.js$/.test(path))
    expect(programs.length).toBeGreaterThan(100)
    const isMade = (path: string) =>
      ['.ts', '.tsx', '.js'].some((ending) => existsSync(join(root, path.slice('dist/'.length, -3) + ending)))
    expect(programs.filter((path) => !isMade(path))).toEqual([])
  })

  test('holds no source, no test and nothing of the demonstration', () => {
    expect(
      packed.filter((path) => /\.tsx?$|(^|\/)test\/|demo-rp|\/demo\/(?!settings\.js$)/.test(path)),
    ).toEqual([])
    expect(existsSync(join(unpacked, 'node_modules', 'typescript'))).toBe(false)
  })
})

describe('installed read-only', () => {
  test('its tree cannot be written to, its data folder can', () => {
    for (const path of ['', 'dist/src', 'node_modules'])
      expect(run('touch', join(unpacked, path, 'written'))).toMatchObject({ status: 1 })
    expect(run('touch', join(data, 'written'))).toMatchObject({ status: 0 })
  })

  test('the commands work on an empty data folder', () => {
    expect(run(program(), 'keys', 'generate')).toMatchObject({ status: 0 })
    expect(command(['migrate'])['migrations']).not.toEqual([])
  })

  test('it starts', async () => {
    const child = spawn(...asNobody(program(), 'start'), { cwd: data, env })
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        log += chunk.toString()
      })
    provider = child
    const deadline = performance.now() + READY_MS
    while (!(await isReady()) && child.exitCode === null && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    expect({ isReady: await isReady(), log }).toMatchObject({ isReady: true })
  })

  test('somebody signs in for the first time, and the application receives who', async () => {
    const { client_secret: secret } = command([
      'client',
      'create',
      'eespresso',
      '--redirect-uri',
      REDIRECT_URI,
    ])
    const marie = ['--name', 'Marie Tremblay', '--email', 'marie@exemple.ca', '--print-password']
    const { temporaryPassword } = command(['account', 'create', 'tram1234', ...marie])
    const { activationCode } = command(['account', 'activation-code', 'tram1234', '--reason', 'first access'])

    const verifier = randomBytes(32).toString('base64url')
    const query = new URLSearchParams({
      client_id: 'eespresso',
      response_type: 'code',
      redirect_uri: REDIRECT_URI,
      scope: 'openid profile cip',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    })
    const browser = new Browser({ url: issuer() })
    await browser.open(`/auth?${query.toString()}`)
    await browser.submit({ cip: 'tram1234', password: String(temporaryPassword) })
    await browser.submit({ activationCode: String(activationCode) })
    expect(browser.step()).toBe('change-password')
    const script = /"(\/assets\/[^"]+\/new-password\.js)"/.exec(browser.shown.html)?.[1] ?? ''
    expect((await browser.request(script)).headers.get('content-type')).toContain('javascript')
    await browser.submit({ newPassword: WELL_KNOWN, newPasswordConfirmation: WELL_KNOWN })
    expect(browser.shown.status).toBe(422) // it has the list of well-known passwords
    await browser.submit({ newPassword: NEW_PASSWORD, newPasswordConfirmation: NEW_PASSWORD })
    expect(browser.step()).toBe('enrol')
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })

    const answer = await fetch(`${issuer()}/token`, {
      method: 'POST',
      headers: { Authorization: `Basic ${Buffer.from(`eespresso:${String(secret)}`).toString('base64')}` },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: new URL(browser.shown.url).searchParams.get('code') ?? '',
        redirect_uri: REDIRECT_URI,
        code_verifier: verifier,
      }),
    })
    const tokens = (await answer.json()) as { id_token: string; access_token: string }
    expect(claimsOf(tokens.id_token)).toMatchObject({ iss: issuer(), amr: ['pwd', 'otp', 'mfa'] })
    const person = await fetch(`${issuer()}/me`, {
      headers: { Authorization: `Bearer ${tokens.access_token}` },
    })
    expect(await person.json()).toMatchObject({ cip: 'tram1234', name: 'Marie Tremblay' })
  })

  test('its pages speak both languages and have their style sheet, script and picture', async () => {
    const browser = new Browser({ url: issuer() })
    const { html } = await browser.open('/help?lang=fr-CA')
    expect(html).toContain('<html lang="fr-CA">')
    expect((await browser.open('/help?lang=en')).html).toContain('<html lang="en">')
    const addresses = [...html.matchAll(/"(\/assets\/[^"]+)"/g)].map(([, address = '']) => address)
    const onePageOnly = 'new-password.js' // above
    expect([...addresses.map((address) => address.replace(/.*\//, '')), onePageOnly].toSorted()).toEqual(
      readdirSync(join(root, 'interactions', 'assets')).toSorted(),
    )
    for (const address of addresses) expect((await browser.request(address)).status).toBe(200)
  })

  test('`doctor` finds no fault', () => {
    expect(command(['doctor'])['faults']).toBe(0)
  })

  test('it ends when it is told to', async () => {
    const ended = new Promise((resolve) =>
      provider?.once('exit', (code, signal) => resolve({ code, signal })),
    )
    provider?.kill('SIGTERM')
    expect(await ended).toEqual({ code: 0, signal: null })
  })
})

const program = (): string => join(unpacked, 'src', 'laissez-passer.sh')
const issuer = (): string => String(env['ISSUER_URL'])

async function isReady(): Promise<boolean> {
  try {
    return (await fetch(`${issuer()}/readyz`)).ok
  } catch {
    return false
  }
}
