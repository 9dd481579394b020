// The operator's commands, run in this process on a database of their own; one of them as a process.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Knex } from 'knex'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectDatabase } from '../../db/connect.js'
import { createStore } from '../../db/store.js'
import { reserveAttempt, type AttemptKey } from '../../src/rate-limits.js'
import { runCli } from '../../src/cli/run.js'
import type { Environment } from '../../src/config/config.js'
import { createKeyRing, randomId } from '../../src/key-ring.js'
import type { MailMessage } from '../../src/mail/mailbox.js'
import { copyMigratedFile } from '../support/databases.js'

const MASTER_KEY = Buffer.from('a test key, 32 bytes, no secret!')
const START = Date.UTC(2026, 10, 24, 19, 32)
const HOUR = 3_600_000
const MARIE = [
  'account',
  'create',
  'tram1234',
  '--name',
  'Marie Tremblay',
  '--email',
  'marie.tremblay@exemple.ca',
]
const EESPRESSO = ['client', 'create', 'eespresso', '--redirect-uri', 'https://eespresso.exemple.ca/callback']
const BECAUSE = ['--reason', 'appel du 24 novembre']

let folder: string
let now: number
let env: Environment
let isInteractive: boolean
let demoSettings: () => Environment | undefined
/** All that any command of this test has printed. */
let printed: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'laissez-passer-cli-'))
  now = START
  env = {
    BCRYPT_COST: '10',
    ISSUER_URL: 'http://localhost:3000',
    MASTER_KEYS: `test:${MASTER_KEY.toString('base64')}`,
    DATABASE_URL: `sqlite:${join(folder, 'cli.db')}`,
  }
  isInteractive = false
  demoSettings = () => undefined
  printed = ''
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(...argv: string[]) {
  const out: string[] = []
  const err: string[] = []
  const stream = (lines: string[]) => ({ write: (text: string) => lines.push(text) })
  const code = await runCli(argv, {
    env,
    stdout: stream(out),
    stderr: stream(err),
    now: () => now,
    isInteractive,
    demoSettings,
  })
  const stdout = out.join('')
  const stderr = err.join('')
  printed += stdout + stderr
  return { code, stdout, stderr }
}

/** The values that a test reads out of an answer; the others it compares whole. */
type Json = {
  activationCode: string
  client_secret: string
  entry: string
  id: string
  key: string
  migrations: string[]
  name: string
  password: { state: string }
  secondFactors: unknown
  sub: string
  temporaryPassword: string
  token_endpoint_auth_method: string
  waits: unknown
}

/** Runs with `--json`, and expects exactly one JSON value and nothing else. */
async function json(...argv: string[]) {
  const { code, stdout, stderr } = await run(...argv, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^[^\n]+\n$/)
  return JSON.parse(stdout) as Json
}

async function expectRefused(argv: string[], message: RegExp, code = 1) {
  const result = await run(...argv)
  expect(result.stderr).toMatch(message)
  expect(result.stderr).toMatch(/^error: [^\n]+\n$/)
  expect({ code: result.code, stdout: result.stdout }).toEqual({ code, stdout: '' })
}

async function inDatabase<T>(
  work: (store: ReturnType<typeof createStore>, db: Knex) => Promise<T>,
): Promise<T> {
  const db = connectDatabase(env['DATABASE_URL'] ?? '')
  try {
    return await work(createStore(db), db)
  } finally {
    await db.destroy()
  }
}

const auditRows = () => inDatabase((store) => store.auditEvents.listAfter(0, 100))

/** The mails that wait, opened. */
async function mails() {
  const ring = createKeyRing([{ id: 'test', key: MASTER_KEY }])
  const rows = await inDatabase((store) => store.outbox.listDue(now, 100))
  return rows.map((row) => ({
    kind: row.kind,
    message: JSON.parse(ring.open('outbox', row.id, row.sealedMessage ?? '').toString()) as MailMessage,
  }))
}

const temporaryPasswordIn = (mail: MailMessage | undefined): string =>
  /[a-z2-9]{4}(-[a-z2-9]{4}){3}/.exec(mail?.text ?? '')?.[0] ?? 'none'

/** Everything the database has on disk, its write-ahead log included. */
const databaseBytes = () =>
  readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'latin1'))
    .join('')

async function giveDevice(cip: string, disabledAt: number | null = null, name = 'Mon iPhone') {
  await inDatabase(async (store) => {
    const account = await store.accounts.findByCip(cip)
    await store.secondFactors.insert({
      id: randomId(),
      accountId: account?.id ?? '',
      kind: 'totp',
      name,
      sealedSecret: 'test.c2VhbGVk',
      lastStep: 1,
      verifiedBy: null,
      verifiedAt: START + HOUR,
      createdAt: now,
      disabledAt,
      removedAt: null,
    })
  })
}

const failFiveTimes = (key: AttemptKey) =>
  inDatabase(async (store) => {
    for (let failures = 0; failures < 5; failures += 1)
      await store.transaction((tx) => reserveAttempt(tx, [key], now))
  })

describe('finding one’s way', () => {
  test('without a command prints the help and ends well', async () => {
    const { code, stdout, stderr } = await run()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    for (const command of ['migrate', 'account', 'client', 'keys']) expect(stdout).toContain(`  ${command} `)
  })

  test('a noun alone prints what can be done with it', async () => {
    const { code, stdout, stderr } = await run('account')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('reset-second-factor')
  })

  test.each([
    ['an unknown command', ['fly'], /unknown command 'fly'/],
    ['an unknown act', ['account', 'fly'], /unknown command 'fly'/],
    ['an unknown option', ['account', 'list', '--fly'], /unknown option '--fly'/],
    ['a missing CIP', ['account', 'show'], /missing required argument 'cip'/],
    ['a word too many', ['account', 'list', 'tram1234'], /too many arguments/],
    [
      'a missing name',
      ['account', 'create', 'tram1234', '--email', 'a@exemple.ca'],
      /required option '--name <name>' not specified/,
    ],
    ['an unknown language', [...MARIE, '--locale', 'de'], /Allowed choices are fr-CA, en/],
    ['a password given', [...MARIE, '--password', 'quatre-lunes-bleues'], /unknown option '--password'/],
    ['an unknown grant', [...EESPRESSO, '--grant', 'implicit'], /Allowed choices are/],
  ])('%s is one line and exit code 2', async (_what, argv, message) => {
    await expectRefused(argv, message, 2)
  })
})

describe('what must be ready first', () => {
  test('every fault of the settings has a line of its own', async () => {
    env = { ...env, ISSUER_URL: 'http://idp.exemple.ca', MASTER_KEYS: '' }
    const { code, stdout, stderr } = await run('account', 'list')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: ISSUER_URL must be https.*\nerror: MASTER_KEYS is missing.*\n$/)
  })

  test.each([
    ['account', 'list'],
    ['client', 'list'],
    ['keys', 'list'],
  ])('%s %s on a database without tables says to migrate', async (...argv) => {
    await expectRefused(argv, /the database is not up to date: run `npm run cli -- migrate` first/)
  })

  test('a database newer than the program is left alone', async () => {
    await run('migrate')
    const db = connectDatabase(env['DATABASE_URL'] ?? '')
    await db('knex_migrations').insert({ name: '9999-tomorrow', batch: 2, migration_time: now })
    await db.destroy()
    await expectRefused(['account', 'list'], /newer than this program/)
  })

  test('another master key than the one that sealed the database is refused before it seals anything', async () => {
    await run('migrate')
    await run('account', 'list')
    env = {
      ...env,
      MASTER_KEYS: `test:${Buffer.from('another test key, thirty-two by.').toString('base64')}`,
    }
    await expectRefused(MARIE, /MASTER_KEYS holds another key under the id "test"/)
  })

  test('a file that is no database is said in one line', async () => {
    writeFileSync(join(folder, 'cli.db'), 'this is no database, and long enough for SQLite to notice it')
    await expectRefused(['account', 'list'], /the database cannot be reached: SQLITE_NOTADB/)
    await expectRefused(['migrate'], /the database cannot be reached: SQLITE_NOTADB/)
  })

  test('a folder where no database can be is said in one line', async () => {
    writeFileSync(join(folder, 'file'), '')
    env = { ...env, DATABASE_URL: `sqlite:${join(folder, 'file', 'cli.db')}` }
    await expectRefused(['migrate'], /the database cannot be reached: EEXIST/)
  })

  describe('a PostgreSQL', () => {
    let silent: Server
    beforeEach(async () => {
      silent = createServer()
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    })
    afterEach(async () => {
      if (silent.listening) await new Promise((resolve) => silent.close(resolve))
    })

    test('that refuses the connection is said at once', async () => {
      const { port } = silent.address() as AddressInfo
      await new Promise((resolve) => silent.close(resolve))
      env = { ...env, DATABASE_URL: `postgres://idp:canary-of-the-database@127.0.0.1:${port}/idp` }
      await expectRefused(['account', 'list'], /the database cannot be reached: .*ECONNREFUSED/)
      expect(printed).not.toContain('canary')
    })

    test('that never answers is given up', async () => {
      const { port } = silent.address() as AddressInfo
      silent.on('connection', (socket) => socket.resume())
      env = { ...env, DATABASE_URL: `postgres://idp:canary-of-the-database@127.0.0.1:${port}/idp` }
      await expectRefused(['account', 'list'], /the database cannot be reached: /)
      expect(printed).not.toContain('canary')
    })
  })
})

describe('migrate', () => {
  test('names the migrations it ran, then has nothing to do', async () => {
    const { migrations } = await json('migrate')
    expect(migrations).toContain('0001-foundation')
    expect(await json('migrate')).toEqual({ migrations: [] })
    expect((await run('migrate')).stdout).toBe('Nothing to do: the database is up to date.\n')
  })

  test('seals the accounts that an older program has left, once', async () => {
    await run('migrate')
    await run(...MARIE)
    await inDatabase(async (_store, db) => {
      await db('accounts').update({ seal: null })
      await db('audit_events').update({ details: '{"delivered":"mail"}' }) // it told no epoch
    })
    expect(await json('account', 'show', 'tram1234')).toMatchObject({ sealFault: 'seal-missing' })
    expect(await json('migrate')).toEqual({ migrations: [], accountsSealed: 1 })
    expect(await json('account', 'show', 'tram1234')).toMatchObject({ sealFault: null })
    expect(await json('migrate')).toEqual({ migrations: [] })
  })
})

describe('the demonstration’s settings', () => {
  beforeEach(() => {
    const { MASTER_KEYS, ISSUER_URL, DATABASE_URL, ...rest } = env
    demoSettings = () => ({ MASTER_KEYS, ISSUER_URL, DATABASE_URL })
    env = rest
  })

  test('serve where there are no master keys, and one line says so', async () => {
    const { code, stderr } = await run('migrate')
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'MASTER_KEYS is not set: using the settings of the demonstration (data/demo.env)\n',
    })
    expect(existsSync(join(folder, 'cli.db'))).toBe(true)
  })

  test('are left alone where master keys are set', async () => {
    env = {
      ...env,
      MASTER_KEYS: `other:${MASTER_KEY.toString('base64')}`,
      DATABASE_URL: `sqlite:${join(folder, 'other.db')}`,
      ISSUER_URL: 'http://localhost:3000',
    }
    expect((await run('migrate')).stderr).toBe('')
    expect(existsSync(join(folder, 'cli.db'))).toBe(false)
  })

  test('never serve for another database: what is sealed there under a foreign key would be lost', async () => {
    env = { ...env, DATABASE_URL: `sqlite:${join(folder, 'other.db')}`, ISSUER_URL: 'http://localhost:3000' }
    await expectRefused(['migrate'], /MASTER_KEYS is missing/)
  })
})

describe('account', () => {
  beforeEach(() => copyMigratedFile(join(folder, 'cli.db')))

  describe('create', () => {
    test('mails the temporary password, which the operator never sees', async () => {
      expect(await json(...MARIE)).toEqual({
        cip: 'tram1234',
        expiresAt: new Date(START + 72 * HOUR).toISOString(),
      })
      const [mail] = await mails()
      expect(mail).toMatchObject({
        kind: 'account-created',
        message: { to: 'marie.tremblay@exemple.ca', locale: 'fr-CA' },
      })
      const password = temporaryPasswordIn(mail?.message)
      expect(password).toHaveLength(19)
      expect(printed + JSON.stringify(await auditRows()) + databaseBytes()).not.toContain(password)
    })

    test('prints the temporary password once when asked, and then mails nothing', async () => {
      const created = await json(...MARIE, '--print-password')
      expect(created).toEqual({
        cip: 'tram1234',
        temporaryPassword: expect.stringMatching(/^[a-z2-9]{4}(-[a-z2-9]{4}){3}$/),
        expiresAt: new Date(START + 72 * HOUR).toISOString(),
      })
      expect(await mails()).toEqual([])
      printed = ''
      await run('account', 'show', 'tram1234')
      await run('account', 'list', '--json')
      expect(printed + JSON.stringify(await auditRows()) + databaseBytes()).not.toContain(
        created.temporaryPassword,
      )
    })

    test('is readable without --json', async () => {
      const { stdout } = await run(...MARIE, '--print-password')
      expect(stdout).toMatch(
        /^Account tram1234 created\.\nTemporary password {2}\S{19}\nValid until {9}2026-11-27 14:32 EST\n$/,
      )
    })

    test('keeps language and telephone, and the CIP in its one form', async () => {
      await run(
        'account',
        'create',
        ' ROYS4567',
        '--name',
        'Sam Roy',
        '--email',
        'sam.roy@example.com',
        '--locale',
        'en',
        '--phone-number',
        '+1 819 555-0123',
      )
      expect(await json('account', 'show', 'RoyS4567')).toMatchObject({
        cip: 'roys4567',
        locale: 'en',
        phoneNumber: '+1 819 555-0123',
      })
      expect((await mails())[0]?.message.locale).toBe('en')
    })

    test('is refused for a CIP that is taken, however it is written', async () => {
      await run(...MARIE)
      await expectRefused(
        ['account', 'create', 'TRAM1234', '--name', 'Marc Tremblay', '--email', 'marc@exemple.ca'],
        /the CIP "TRAM1234" is taken/,
      )
      expect(await mails()).toHaveLength(1)
    })

    test.each([
      ['a CIP', ['account', 'create', 'a b', '--name', 'A', '--email', 'a@exemple.ca'], /"a b" is not a CIP/],
      [
        'a CIP with a forged line',
        ['account', 'create', 'ab\nSUCCESS', '--name', 'A', '--email', 'a@exemple.ca'],
        /"ab SUCCESS" is not a CIP/,
      ],
      [
        'an address',
        ['account', 'create', 'tram1234', '--name', 'A', '--email', 'nowhere'],
        /"nowhere" is not an email address/,
      ],
      [
        'a name',
        ['account', 'create', 'tram1234', '--name', ' ', '--email', 'a@exemple.ca'],
        /the name must be/,
      ],
      ['a telephone', [...MARIE, '--phone-number', 'call me'], /"call me" is not a telephone number/],
    ])('is refused when %s is not one', async (_what, argv, message) => {
      await expectRefused(argv, message)
      expect(await json('account', 'list')).toEqual([])
    })

    test('names the pattern of the hospital when a CIP breaks it', async () => {
      env = { ...env, CIP_PATTERN: '[a-z]{4}\\d{4}' }
      await expectRefused(
        ['account', 'create', 'tram12', '--name', 'A', '--email', 'a@exemple.ca'],
        /CIP_PATTERN/,
      )
    })
  })

  describe('update', () => {
    const KNOWN = {
      'given-name': 'Marie',
      'family-name': 'Tremblay',
      'zoneinfo': 'America/Toronto',
      'phone-number': '555-0123',
      'formatted-address': '580, rue Bowen, Sherbrooke',
      'street-address': '580, rue Bowen',
      'locality': 'Sherbrooke',
      'region': 'QC',
      'postal-code': 'J1G 2E8',
      'country': 'Canada',
    }
    const options = Object.entries(KNOWN).flatMap(([name, value]) => [`--${name}`, value])
    const update = (...argv: string[]) => ['account', 'update', 'tram1234', ...argv, ...BECAUSE]
    const shown = {
      givenName: 'Marie',
      familyName: 'Tremblay',
      zoneinfo: 'America/Toronto',
      phoneNumber: '555-0123',
      address: {
        formatted: '580, rue Bowen, Sherbrooke',
        street_address: '580, rue Bowen',
        locality: 'Sherbrooke',
        region: 'QC',
        postal_code: 'J1G 2E8',
        country: 'Canada',
      },
      groups: ['pharmacie', 'soins'],
    }

    test('changes what is said, takes it back, and tells what has changed', async () => {
      await run(...MARIE)
      expect(await json(...update(...options, '--add-group', 'soins', 'pharmacie'))).toEqual({
        cip: 'tram1234',
        changed: ['givenName', 'familyName', 'zoneinfo', 'phoneNumber', 'address', 'groups'],
      })
      expect(await json('account', 'show', 'tram1234')).toMatchObject({ ...shown, name: 'Marie Tremblay' })
      expect((await run(...update('--locale', '', '--name', 'Marie Roy'))).stdout).toMatch(
        /is updated: name\./,
      )
      const nothing = options.map((value, index) => (index % 2 === 0 ? value : ''))
      await json(...update(...nothing, '--remove-group', 'soins', 'pharmacie'))
      expect(await json('account', 'show', 'tram1234')).toMatchObject({
        name: 'Marie Roy',
        givenName: null,
        address: null,
        groups: [],
        passwordPendingSince: null,
        sealFault: null,
      })
    })

    test('`create` takes the same', async () => {
      await run(...MARIE, ...options, '--group', 'soins', 'pharmacie')
      expect(await json('account', 'show', 'tram1234')).toMatchObject(shown)
    })

    test('tells both addresses', async () => {
      await run(...MARIE, '--print-password')
      await run(...update('--email', 'm.roy@exemple.ca'))
      expect((await mails()).map(({ kind, message }) => `${kind} ${message.to}`).toSorted()).toEqual([
        'email-changed m.roy@exemple.ca',
        'email-changed marie.tremblay@exemple.ca',
      ])
    })

    test('needs a reason, and says in words what is refused', async () => {
      await run(...MARIE)
      await expectRefused(['account', 'update', 'tram1234', '--name', 'A'], /required option '--reason/, 2)
      await expectRefused(update('--zoneinfo', 'ici'), /"ici" is not a time zone/)
      await expectRefused(update('--add-group', 'a;b'), /a group has a name of 1 to 64/)
      await expectRefused(['account', 'update', 'inconnu1', '--name', 'A', ...BECAUSE], /no account has/)
      expect((await auditRows()).filter(({ event }) => event === 'account.updated')).toEqual([])
    })

    test('a group with markup or a formula in its name stays text', async () => {
      await run(...MARIE)
      const names = ['<script>alert(1)</script>', '=HYPERLINK("http://evil.example")']
      await json(...update('--add-group', ...names))
      expect((await run('account', 'show', 'tram1234')).stdout).toContain(names.join(', '))
      const { stdout } = await run('audit', 'export', '--format', 'csv')
      const row = stdout.split('\n').find((line) => line.includes('account.updated')) ?? ''
      expect(row).toContain('HYPERLINK')
      expect(row).not.toMatch(/(^|,)"?[=+@-]/)
    })
  })

  describe('show and list', () => {
    beforeEach(async () => {
      await run(...MARIE)
    })

    test('give the whole state of a new account', async () => {
      expect(await json('account', 'show', 'tram1234')).toEqual({
        cip: 'tram1234',
        name: 'Marie Tremblay',
        email: 'marie.tremblay@exemple.ca',
        locale: null,
        givenName: null,
        familyName: null,
        zoneinfo: null,
        phoneNumber: null,
        address: null,
        groups: [],
        sub: expect.any(String),
        status: 'active',
        createdAt: '2026-11-24T19:32:00.000Z',
        disabledAt: null,
        lastSignInAt: null,
        password: {
          state: 'temporary',
          setAt: '2026-11-24T19:32:00.000Z',
          expiresAt: '2026-11-27T19:32:00.000Z',
        },
        secondFactors: [],
        activationRequiredAt: null,
        waits: { passwordSeconds: 0, codeSeconds: 0 },
        mails: [
          {
            id: expect.any(String),
            kind: 'account-created',
            state: 'waiting',
            tries: 0,
            refusal: null,
            createdAt: '2026-11-24T19:32:00.000Z',
            at: '2026-11-24T19:32:00.000Z',
          },
        ],
        passwordPendingSince: null,
        sealFault: null,
      })
    })

    test('tell an expired temporary password from a chosen one', async () => {
      now = START + 73 * HOUR
      expect((await json('account', 'show', 'tram1234')).password.state).toBe('expired')
      expect((await run('account', 'show', 'tram1234')).stdout).toContain(
        'temporary, expired 2026-11-27 14:32 EST',
      )
      await inDatabase(async (store) => {
        const account = await store.accounts.findByCip('tram1234')
        await store.accounts.resetEpoch(account?.id ?? '', {
          passwordHash: 'x',
          passwordSetAt: now,
          temporaryPasswordExpiresAt: null,
        })
      })
      expect((await json('account', 'show', 'tram1234')).password).toMatchObject({
        state: 'chosen',
        expiresAt: null,
      })
    })

    test('name the device and say how long the waits still last', async () => {
      await giveDevice('tram1234')
      const { sub } = await json('account', 'show', 'tram1234')
      await failFiveTimes({ limit: 'password-network', subject: 'tram1234@192.0.2.0/24' })
      await failFiveTimes({ limit: 'code-account', subject: sub })
      now += 20_000
      const shown = await json('account', 'show', 'tram1234')
      expect(shown.secondFactors).toEqual([
        {
          name: 'Mon iPhone',
          enrolledAt: '2026-11-24T19:32:00.000Z',
          lastUsedAt: '2026-11-24T20:32:00.000Z',
          disabledAt: null,
        },
      ])
      expect(shown.waits).toEqual({ passwordSeconds: 40, codeSeconds: 40 })
      const { stdout } = await run('account', 'show', 'tram1234')
      expect(stdout).toContain('Mon iPhone, since 2026-11-24 14:32 EST, last used 2026-11-24 15:32 EST')
      expect(stdout).toMatch(/Next password +in 40 s\nNext code +in 40 s\n/)
    })

    test('name every device, the oldest first', async () => {
      await giveDevice('tram1234')
      now += HOUR
      await giveDevice('tram1234', START + 2 * HOUR, 'Ma tablette')
      const { secondFactors } = await json('account', 'show', 'tram1234')
      expect(secondFactors).toMatchObject([
        { name: 'Mon iPhone', disabledAt: null },
        { name: 'Ma tablette', disabledAt: '2026-11-24T21:32:00.000Z' },
      ])
      expect((await run('account', 'show', 'tram1234')).stdout).toMatch(
        /\nSecond factor +Mon iPhone, since .*\n +Ma tablette, since .* after too many wrong codes\nLast sign-in/,
      )
      expect(await json('account', 'unlock', 'tram1234', ...BECAUSE)).toMatchObject({
        secondFactorDisabled: true,
      })
      expect((await run('account', 'reset-second-factor', 'tram1234', ...BECAUSE)).stdout).toContain(
        'The 2 devices of tram1234 are removed',
      )
      expect((await json('account', 'show', 'tram1234')).secondFactors).toEqual([])
    })

    test('show no hash and no sealed secret', async () => {
      await giveDevice('tram1234')
      await run('account', 'show', 'tram1234')
      await run('account', 'show', 'tram1234', '--json')
      await run('account', 'list', '--json')
      expect(printed).not.toMatch(/v[12]\$|\$2b\$|test\.c2VhbGVk/)
    })

    test('list every account in a table', async () => {
      await run('account', 'create', 'roys4567', '--name', 'Sam Roy', '--email', 'sam.roy@example.com')
      const { stdout } = await run('account', 'list')
      expect(stdout.split('\n').map((line) => line.split(/ {2,}/)[0])).toEqual([
        'CIP',
        'roys4567',
        'tram1234',
        '',
      ])
      expect(await json('account', 'list')).toMatchObject([
        { cip: 'roys4567', status: 'active' },
        { cip: 'tram1234', status: 'active' },
      ])
    })

    test('never let a stored name steer the terminal', async () => {
      await inDatabase(async (store) => {
        const account = await store.accounts.findByCip('tram1234')
        if (account !== undefined)
          await store.accounts.insert({
            ...account,
            id: randomId(),
            cip: 'evil',
            name: '\u001b[2J\nadmin\u202eoof',
          })
      })
      await run('account', 'list')
      await run('account', 'show', 'evil')
      await run('account', 'list', '--json')
      for (const sign of ['\u001b', '\u202e']) expect(printed).not.toContain(sign)
      expect((await json('account', 'show', 'evil')).name).toBe('\u001b[2J\nadmin\u202eoof')
    })
  })

  describe('acts on a person', () => {
    beforeEach(async () => {
      await run(...MARIE)
    })

    const acts = [
      'disable',
      'enable',
      'unlock',
      'reseal',
      'reset-password',
      'reset-second-factor',
      'activation-code',
    ]

    test.each(acts)('%s without a reason is refused', async (act) => {
      await expectRefused(['account', act, 'tram1234'], /required option '--reason <text>' not specified/, 2)
      expect(await auditRows()).toHaveLength(1)
    })

    test.each(acts)('%s for a CIP that nobody has is refused', async (act) => {
      await expectRefused(['account', act, 'nobody', ...BECAUSE], /no account has the CIP "nobody"/)
    })

    test.each([
      ['blank', '  '],
      ['too long', 'é'.repeat(501)],
      ['of two lines', 'one\ntwo'],
      ['with an escape', 'a\u001b[2Jb'],
      ['with a turned direction', 'a\u202eb'],
    ])('a reason %s is refused', async (_what, reason) => {
      await expectRefused(
        ['account', 'unlock', 'tram1234', '--reason', reason],
        /It must be 1 to 500 characters, without control characters/,
        2,
      )
    })

    test('disable and enable change the status once', async () => {
      expect(await json('account', 'disable', 'tram1234', ...BECAUSE)).toEqual({
        cip: 'tram1234',
        status: 'disabled',
      })
      expect(await json('account', 'show', 'tram1234')).toMatchObject({
        status: 'disabled',
        disabledAt: '2026-11-24T19:32:00.000Z',
      })
      await expectRefused(['account', 'disable', 'tram1234', ...BECAUSE], /tram1234 is disabled already/)
      expect(await json('account', 'enable', 'tram1234', ...BECAUSE)).toEqual({
        cip: 'tram1234',
        status: 'active',
      })
      await expectRefused(['account', 'enable', 'tram1234', ...BECAUSE], /tram1234 is not disabled/)
    })

    test('reseal vouches for an account that was changed past this program, and for no other', async () => {
      await expectRefused(['account', 'reseal', 'tram1234', ...BECAUSE], /there is nothing to vouch for/)
      await inDatabase((_store, db) => db('accounts').update({ email: 'voleur@exemple.ca' }))
      expect(await json('account', 'show', 'tram1234')).toMatchObject({ sealFault: 'seal-broken' })
      expect((await run('account', 'show', 'tram1234')).stdout).toMatch(
        /^Refused +it was changed past this program$/m,
      )
      expect(await json('account', 'reseal', 'tram1234', ...BECAUSE)).toEqual({
        cip: 'tram1234',
        sealFault: 'seal-broken',
      })
      expect((await auditRows()).at(-1)).toMatchObject({ event: 'account.resealed', cip: 'tram1234' })
      expect(await json('account', 'show', 'tram1234')).toMatchObject({ sealFault: null })
    })

    test('unlock lifts the waits', async () => {
      const { sub } = await json('account', 'show', 'tram1234')
      await failFiveTimes({ limit: 'password-network', subject: 'tram1234@192.0.2.0/24' })
      await failFiveTimes({ limit: 'code-account', subject: sub })
      expect(await json('account', 'unlock', 'tram1234', ...BECAUSE)).toEqual({
        cip: 'tram1234',
        secondFactorDisabled: false,
        mendedDevices: [],
      })
      expect((await json('account', 'show', 'tram1234')).waits).toEqual({
        passwordSeconds: 0,
        codeSeconds: 0,
      })
    })

    test('unlock says when the device stays disabled', async () => {
      await giveDevice('tram1234', START + 2 * HOUR)
      expect((await run('account', 'unlock', 'tram1234', ...BECAUSE)).stdout).toContain(
        'that takes reset-second-factor',
      )
      expect((await run('account', 'show', 'tram1234')).stdout).toContain(
        'disabled 2026-11-24 16:32 EST after too many wrong codes',
      )
    })

    test('reset-password mails another temporary password', async () => {
      expect(await json('account', 'reset-password', 'tram1234', ...BECAUSE)).toEqual({
        cip: 'tram1234',
        expiresAt: '2026-11-27T19:32:00.000Z',
      })
      const sent = (await mails()).filter(({ kind }) => kind === 'password-reset')
      expect(sent).toHaveLength(1)
      const password = temporaryPasswordIn(sent[0]?.message)
      expect(password).toHaveLength(19)
      expect(printed + JSON.stringify(await auditRows()) + databaseBytes()).not.toContain(password)
    })

    test('reset-password prints it when asked, and tells the person without it', async () => {
      const { temporaryPassword } = await json(
        'account',
        'reset-password',
        'tram1234',
        '--print-password',
        ...BECAUSE,
      )
      expect(temporaryPassword).toHaveLength(19)
      expect((await mails()).map(({ kind }) => kind)).toContain('password-changed')
      expect(JSON.stringify([await mails(), await auditRows()])).not.toContain(temporaryPassword)
    })

    test('reset-second-factor removes the device and hands out the code that the next one needs', async () => {
      await giveDevice('tram1234')
      expect(await json('account', 'reset-second-factor', 'tram1234', ...BECAUSE)).toEqual({
        cip: 'tram1234',
        removed: 1,
        needsNewPassword: false,
        activationCode: expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/),
        expiresAt: '2026-11-24T19:47:00.000Z',
      })
      expect(await json('account', 'show', 'tram1234')).toMatchObject({
        secondFactors: [],
        activationRequiredAt: '2026-11-24T19:32:00.000Z',
      })
      expect((await run('account', 'show', 'tram1234')).stdout).toContain(
        'none: the next sign-in enrols one with an activation code',
      )
      expect((await mails()).map(({ kind }) => kind)).toContain('second-factor-reset')
      expect((await run('account', 'reset-second-factor', 'tram1234', ...BECAUSE)).stdout).toContain(
        'tram1234 had no device',
      )
    })

    test('activation-code prints a code for a while, and stores none', async () => {
      const issued = await json('account', 'activation-code', 'tram1234', ...BECAUSE)
      expect(issued).toEqual({
        cip: 'tram1234',
        activationCode: expect.stringMatching(/^[0-9A-Z]{4}-[0-9A-Z]{4}$/),
        expiresAt: '2026-11-24T19:47:00.000Z',
      })
      const kept = JSON.stringify([await auditRows(), await mails()]) + databaseBytes()
      for (const code of [issued.activationCode, issued.activationCode.replace('-', '')])
        expect(kept).not.toContain(code)
      expect(
        await json('account', 'activation-code', 'tram1234', '--minutes', '60', ...BECAUSE),
      ).toMatchObject({
        expiresAt: '2026-11-24T20:32:00.000Z',
      })
    })

    test.each(['0', '4321', '1.5', 'soon'])(
      'an activation code for %s minutes is refused',
      async (minutes) => {
        await expectRefused(
          ['account', 'activation-code', 'tram1234', '--minutes', minutes, ...BECAUSE],
          /It must be a whole number from 1 to 4320/,
          2,
        )
      },
    )

    test('each leaves who, what, whom and why in the audit log', async () => {
      env = { ...env, SUDO_USER: 'mtrem\nblay' }
      for (const act of acts) await run('account', act, 'tram1234', ...BECAUSE)
      const rows = (await auditRows()).slice(1)
      expect(rows.map(({ event }) => event)).toEqual([
        'account.disabled',
        'account.enabled',
        'account.unlocked',
        'password.reset',
        'second-factor.reset',
        'activation-code.issued',
        'activation-code.issued',
      ])
      for (const row of rows) {
        expect(row).toMatchObject({
          cip: 'tram1234',
          clientAddress: 'cli',
          reason: 'appel du 24 novembre',
          outcome: 'success',
        })
        expect(row.actor).toMatch(/^operator:\S+ \(sudo: mtremblay\)$/)
      }
    })
  })
})

describe('client', () => {
  beforeEach(() => copyMigratedFile(join(folder, 'cli.db')))

  test('create prints the secret once, and nowhere else', async () => {
    const created = await json(...EESPRESSO)
    expect(created).toEqual({ client_id: 'eespresso', client_secret: expect.stringMatching(/^[\w-]{43}$/) })
    printed = ''
    for (const command of [['list'], ['show', 'eespresso']]) {
      await run('client', ...command)
      await run('client', ...command, '--json')
    }
    expect(printed + JSON.stringify(await auditRows()) + databaseBytes()).not.toContain(created.client_secret)
  })

  test('create has safe defaults', async () => {
    await run(...EESPRESSO)
    expect(await json('client', 'show', 'eespresso')).toEqual({
      client_id: 'eespresso',
      redirect_uris: ['https://eespresso.exemple.ca/callback'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'client_secret_basic',
      scope: 'openid profile email cip',
      pkce: 'required',
      consent: 'skip',
      sign_in_every_time: false,
      id_token_signed_response_alg: 'RS256',
    })
  })

  test('create takes every option, addresses listed or repeated', async () => {
    await run(
      'client',
      'create',
      'paie',
      '--name',
      'La paie',
      '--redirect-uri',
      'https://paie.exemple.ca/a',
      'https://paie.exemple.ca/b',
      '--redirect-uri',
      'http://localhost:4000/c',
      '--post-logout-redirect-uri',
      'https://paie.exemple.ca/',
      '--pkce',
      'optional',
      '--sign-in-every-time',
      '--grant',
      'authorization_code',
      'refresh_token',
      '--auth-method',
      'client_secret_post',
      '--client-uri',
      'https://paie.exemple.ca',
      '--initiate-login-uri',
      'https://paie.exemple.ca/login',
    )
    expect(await json('client', 'show', 'paie')).toMatchObject({
      client_name: 'La paie',
      redirect_uris: ['https://paie.exemple.ca/a', 'https://paie.exemple.ca/b', 'http://localhost:4000/c'],
      post_logout_redirect_uris: ['https://paie.exemple.ca/'],
      pkce: 'optional',
      sign_in_every_time: true,
      grant_types: ['authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'client_secret_post',
      client_uri: 'https://paie.exemple.ca',
      initiate_login_uri: 'https://paie.exemple.ca/login',
    })
  })

  test('a public client has no secret', async () => {
    expect(await json(...EESPRESSO, '--public')).toEqual({ client_id: 'eespresso' })
    expect((await json('client', 'show', 'eespresso')).token_endpoint_auth_method).toBe('none')
  })

  test('a client that only speaks for itself needs no address to return to', async () => {
    await run('api', 'create', 'https://horaire.exemple.ca', '--name', 'Horaires', '--scope', 'lire')
    const apis = join(folder, 'apis.json')
    writeFileSync(apis, JSON.stringify({ apis: { 'https://horaire.exemple.ca': ['lire'] } }))
    const robot = ['client', 'create', 'robot', '--grant', 'client_credentials', '--metadata', apis]
    expect(await json(...robot)).toHaveProperty('client_secret')
    expect(await json('client', 'show', 'robot')).toMatchObject({
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
    })
  })

  test('further metadata comes from a file, and the options win over it', async () => {
    const file = join(folder, 'client.json')
    const jwks = { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] }
    writeFileSync(
      file,
      JSON.stringify({
        client_id: 'other',
        client_name: 'From the file',
        redirect_uris: ['https://file.exemple.ca/cb'],
        token_endpoint_auth_method: 'private_key_jwt',
        client_assertion_audience: 'token_endpoint',
        jwks,
      }),
    )
    expect(await json(...EESPRESSO, '--metadata', file)).toEqual({ client_id: 'eespresso' })
    expect(await json('client', 'show', 'eespresso')).toMatchObject({
      client_name: 'From the file',
      redirect_uris: ['https://eespresso.exemple.ca/callback'],
      client_assertion_audience: 'token_endpoint',
      jwks,
    })
  })

  test.each([
    ['an id that is taken', EESPRESSO, /client "eespresso" exists already/],
    [
      'an id with a space',
      ['client', 'create', 'e espresso', '--redirect-uri', 'https://e.exemple.ca/'],
      /client_id: must be/,
    ],
    [
      'no address to return to',
      ['client', 'create', 'paie'],
      /redirect_uris: must name at least one address/,
    ],
    [
      'an address in clear',
      ['client', 'create', 'paie', '--redirect-uri', 'http://paie.exemple.ca/cb'],
      /redirect_uris, number 1: must be https/,
    ],
    [
      'a public client without PKCE',
      [
        'client',
        'create',
        'paie',
        '--redirect-uri',
        'https://p.exemple.ca/',
        '--public',
        '--pkce',
        'optional',
      ],
      /pkce: must be required of a public client/,
    ],
    [
      'private_key_jwt without keys',
      [
        'client',
        'create',
        'paie',
        '--redirect-uri',
        'https://p.exemple.ca/',
        '--auth-method',
        'private_key_jwt',
      ],
      /needs jwks or jwks_uri/,
    ],
    [
      'a file that is not there',
      ['client', 'create', 'paie', '--metadata', '/nowhere/client.json'],
      /is not a file with one JSON object/,
    ],
  ])('%s is refused', async (_what, argv, message) => {
    await run(...EESPRESSO)
    await expectRefused(argv, message)
    expect(await json('client', 'list')).toHaveLength(1)
  })

  test.each([
    [
      'a client that makes none',
      'token_endpoint',
      /client_assertion_audience: goes with private_key_jwt only/,
    ],
    ['anybody else', 'https://evil.example', /client_assertion_audience: /],
  ])('assertions meant for %s are refused', async (_what, audience, message) => {
    const file = join(folder, 'client.json')
    writeFileSync(file, JSON.stringify({ client_assertion_audience: audience }))
    await expectRefused([...EESPRESSO, '--metadata', file], message)
  })

  test('a secret in the file is refused: it would be stored in clear', async () => {
    const file = join(folder, 'client.json')
    writeFileSync(file, JSON.stringify({ client_secret: 'canary-chosen-by-somebody' }))
    await expectRefused([...EESPRESSO, '--metadata', file], /client_secret: is made here and cannot be given/)
    expect(printed).not.toContain('canary')
  })

  test('--public and --auth-method exclude each other', async () => {
    await expectRefused(
      [...EESPRESSO, '--public', '--auth-method', 'client_secret_post'],
      /cannot be used with/,
      2,
    )
  })

  test('list shows all in a table', async () => {
    expect((await run('client', 'list')).stdout).toBe('There is no relying party yet.\n')
    await run(...EESPRESSO, '--name', 'eEspresso')
    expect((await run('client', 'list')).stdout).toMatch(
      /^CLIENT_ID +NAME +AUTHENTICATION +PKCE +REDIRECT URIS\neespresso +eEspresso +client_secret_basic +required +https:\/\/eespresso\.exemple\.ca\/callback\n$/,
    )
  })

  test('show and remove refuse an id that nobody has', async () => {
    await expectRefused(['client', 'show', 'nothing'], /no client has the id "nothing"/)
    await expectRefused(['client', 'remove', 'nothing'], /no client has the id "nothing"/)
  })

  test('remove goes on in a script, and is audited with its reason', async () => {
    await run(...EESPRESSO)
    expect(await json('client', 'remove', 'eespresso', '--reason', 'remplacé')).toEqual({
      client_id: 'eespresso',
      removed: true,
    })
    expect(await json('client', 'list')).toEqual([])
    expect((await auditRows()).at(-1)).toMatchObject({
      event: 'client.removed',
      reason: 'remplacé',
      clientAddress: 'cli',
    })
  })

  test('remove at a keyboard asks for --yes', async () => {
    await run(...EESPRESSO)
    isInteractive = true
    await expectRefused(['client', 'remove', 'eespresso'], /add --yes/)
    expect((await run('client', 'remove', 'eespresso', '--yes')).code).toBe(0)
  })
})

describe('keys', () => {
  test('generate makes an entry for MASTER_KEYS without settings or database', async () => {
    env = {}
    const made = await json('keys', 'generate')
    expect(made).toEqual({
      id: expect.stringMatching(/^k[a-z]{6}$/),
      key: expect.any(String),
      entry: `${made.id}:${made.key}`,
    })
    expect(Buffer.from(made.key, 'base64')).toHaveLength(32)
    const { stdout } = await run('keys', 'generate')
    expect(stdout).toMatch(/^k[a-z]{6}:[A-Za-z0-9+/]{43}=\n$/)
    expect(stdout.trim()).not.toBe(made.entry)
  })

  test('a generated entry is one the settings accept', async () => {
    const { entry } = await json('keys', 'generate')
    env = { ...env, MASTER_KEYS: entry }
    expect((await run('migrate')).code).toBe(0)
  })

  test('list names the keys in use, the writing one first, and shows none of them', async () => {
    const second = Buffer.from('another test key, thirty-two by.')
    env = { ...env, MASTER_KEYS: `${env['MASTER_KEYS']},old:${second.toString('base64')}` }
    await run('migrate')
    expect((await run('keys', 'list')).stdout).toContain('No signing key yet')
    await inDatabase((store) =>
      store.signingKeys.insert({
        kid: 'key-1',
        algorithm: 'RSA',
        sealedJwk: 'old.c2VhbGVk',
        createdAt: START,
        signsFrom: START,
        publishedUntil: START + 24 * HOUR,
      }),
    )
    expect(await json('keys', 'list')).toEqual({
      masterKeys: [
        {
          id: 'test',
          writes: true,
          dependents: expect.objectContaining({ 'passwords': 0, 'signing-key': 0 }),
        },
        {
          id: 'old',
          writes: false,
          dependents: expect.objectContaining({ 'passwords': 0, 'signing-key': 1 }),
        },
      ],
      signingKeys: [
        {
          kid: 'key-1',
          family: 'RSA',
          signsFrom: '2026-11-24T19:32:00.000Z',
          publishedUntil: '2026-11-25T19:32:00.000Z',
        },
      ],
    })
    expect((await run('keys', 'list')).stdout).toMatch(
      /test +writes and reads +nothing\nold +reads +1 signing-key\n[^]*key-1 +RSA +2026-11-24 14:32 EST +2026-11-25 14:32 EST\n$/,
    )
    for (const secret of [MASTER_KEY.toString('base64'), second.toString('base64'), 'old.c2VhbGVk'])
      expect(printed).not.toContain(secret)
  })
})

describe('as a process', () => {
  const cli = (...argv: string[]) =>
    spawnSync(process.execPath, [join(import.meta.dirname, '../../dist/src/cli.js'), ...argv], {
      env: { ...env, PATH: process.env['PATH'] },
      encoding: 'utf8',
      timeout: 20_000,
    })

  test('it ends by itself, with the exit code of the command', () => {
    expect(cli('migrate', '--json')).toMatchObject({ status: 0, signal: null, stderr: '' })
    expect(cli('account', 'list', '--json')).toMatchObject({
      status: 0,
      signal: null,
      stdout: '[]\n',
      stderr: '',
    })
    expect(cli('account', 'show', 'nobody')).toMatchObject({
      status: 1,
      signal: null,
      stdout: '',
      stderr: 'error: no account has the CIP "nobody"\n',
    })
    expect(cli('fly')).toMatchObject({
      status: 2,
      signal: null,
      stdout: '',
      stderr: "error: unknown command 'fly'\n",
    })
  })

  test('nothing but its own words is printed when the database is away', () => {
    env = { ...env, DATABASE_URL: 'postgres://idp:canary-of-the-database@127.0.0.1:1/idp' }
    expect(cli('account', 'list', '--json')).toMatchObject({
      status: 1,
      signal: null,
      stdout: '',
      stderr: 'error: the database cannot be reached: connect ECONNREFUSED 127.0.0.1:1\n',
    })
  })
})
