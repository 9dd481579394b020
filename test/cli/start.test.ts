// Threat: a provider that starts although something it stands on is missing, weak or foreign (OIDC-10, R2,
// R16, OTP-11). The compiled program is run as `npm start` runs it: it says every fault in a line of its own,
// and ends. (Each fault of a setting: config.test.ts.)

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { connectDatabase } from '../../db/connect.js'
import type { StoredMail } from '../../db/repositories/outbox.js'
import { createTestDatabase, createMigratedDatabase } from '../support/databases.js'
import { startIdp } from '../support/idp.js'
import { freePort, runToItsEnd, startProcess } from '../support/provider-process.js'
import { describeWith } from '../support/requirements.js'
import { openServices } from '../support/services.js'
import { MASTER_KEYS } from '../support/settings.js'
import { until } from '../support/until.js'

const anyKey = (fill: string): string =>
  Buffer.from(fill.padEnd(32, 'abcdefghijklmnopqrstuvwxyz').slice(0, 32)).toString('base64')

let folder: string
let fine: Record<string, string>
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'laissez-passer-start-'))
  fine = {
    ISSUER_URL: 'http://localhost:3000',
    PORT: '0',
    DATABASE_URL: `sqlite:${join(folder, 'start.db')}`,
    MASTER_KEYS,
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Runs it, and returns the lines it gives for its reasons. */
async function reasons(settings: Record<string, string>): Promise<string[]> {
  const { code, output, errors } = await runToItsEnd(settings)
  expect(code).toBe(1)
  expect(errors).toMatch(/^Laissez-passer does not start:\n( {2}- .+\n)+$/)
  expect(output).not.toContain(MASTER_KEYS.slice('test:'.length))
  return errors
    .split('\n')
    .slice(1, -1)
    .map((line) => line.slice('  - '.length))
}

test('settings that are missing, weak or dangerous: all of them together, each in a line of its own', async () => {
  const lines = await reasons({
    ISSUER_URL: 'http://acces.exemple.ca',
    DEBUG: '*',
    BCRYPT_COST: '4',
    NODE_ENV: 'test', // opens no door: tests get their cheap hashes another way
    PORT: 'x',
    SESSION_IDLE_MINUTES: '600',
    TIME_ZONE: 'Mars',
  })
  const named = [
    'ISSUER_URL',
    'MASTER_KEYS',
    'DEBUG',
    'BCRYPT_COST',
    'PORT',
    'SESSION_IDLE_MINUTES',
    'TIME_ZONE',
  ]
  expect(named.filter((name) => lines.filter((line) => line.startsWith(`${name} `)).length !== 1)).toEqual([])
  expect(lines).toHaveLength(named.length)
})

describe('a database that is not the one it should be', () => {
  test('sealed under another key of the same name, or under one that is missing', async () => {
    const database = await createMigratedDatabase('sqlite')
    await (await startIdp({ databaseUrl: database.url })).stop()
    const startWith = (masterKeys: string) =>
      startIdp({ databaseUrl: database.url, settings: { MASTER_KEYS: masterKeys } })
    await expect(startWith(`test:${anyKey('another')}`)).rejects.toThrow(
      'MASTER_KEYS holds another key under the id "test"',
    )
    await expect(startWith(`new:${anyKey('another')}`)).rejects.toThrow('MASTER_KEYS lacks "test"')
    await database.remove()
  })

  test('a test’s: everybody knows the keys it signs with', async () => {
    const database = await createMigratedDatabase('sqlite')
    await (await startIdp({ databaseUrl: database.url })).stop()
    expect(await reasons({ ...fine, DATABASE_URL: database.url })).toEqual([
      expect.stringMatching(/^this database signs with keys that everybody knows \(test-key, .+\): /),
    ])
    await database.remove()
  })

  test('a file that is no database, or a folder that cannot be', async () => {
    const path = join(folder, 'text.db')
    writeFileSync(path, 'this is no database, and long enough for SQLite to notice it', { mode: 0o600 })
    expect(await reasons({ ...fine, DATABASE_URL: `sqlite:${path}` })).toEqual([
      expect.stringContaining('SQLITE_NOTADB'),
    ])
    expect(await reasons({ ...fine, DATABASE_URL: `sqlite:${join(path, 'x.db')}` })).toEqual([
      expect.stringMatching(/^DATABASE_URL cannot be reached or migrated: .*(EEXIST|ENOTDIR)/),
    ])
  })

  test('a PostgreSQL that refuses: said at once, without the password', async () => {
    const lines = await reasons({
      ...fine,
      DATABASE_URL: `postgres://idp:canary-of-the-database@127.0.0.1:${await freePort()}/idp`,
    })
    expect(lines).toEqual([expect.stringContaining('DATABASE_URL cannot be reached')])
    expect(lines.join('')).not.toContain('canary')
  })

  test('a PostgreSQL that never answers is given up', async () => {
    const silent = createServer((socket) => socket.resume())
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    expect(await reasons({ ...fine, DATABASE_URL: `postgres://idp:x@127.0.0.1:${port}/idp` })).toEqual([
      expect.stringContaining('DATABASE_URL cannot be reached'),
    ])
    await new Promise((resolve) => silent.close(resolve))
  })

  describeWith(['postgres'], 'a PostgreSQL', () => {
    test('that forgets what it has acknowledged when the power fails (R2)', async () => {
      const database = await createTestDatabase('postgres')
      const url = new URL(database.url)
      url.searchParams.set('options', '-c synchronous_commit=off')
      expect(await reasons({ ...fine, DATABASE_URL: url.href })).toEqual([
        'PostgreSQL runs with synchronous_commit=off',
      ])
      await database.remove()
    })
  })
})

describe('the files of a database', () => {
  const modesIn = (path: string): string[] =>
    readdirSync(path)
      .toSorted()
      .map((name) => `${name} ${modeOf(join(path, name))}`)
  const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8)

  test('are made for their owner alone, their folder too, whatever the umask', async () => {
    const made = join(folder, 'new', 'data')
    const umask = process.umask(0)
    const running = await startProcess({ ...fine, DATABASE_URL: `sqlite:${join(made, 'lp.db')}` })
    process.umask(umask)
    expect([modeOf(join(folder, 'new')), modeOf(made)]).toEqual(['700', '700'])
    const names = ['lp.db', 'lp.db-shm', 'lp.db-wal', 'lp.db.migrating']
    expect(modesIn(made)).toEqual(expect.arrayContaining(names.map((name) => `${name} 600`)))
    expect(modesIn(made).filter((line) => !line.endsWith(' 600'))).toEqual([])
    expect((await running.stop()).code).toBe(0)
  })

  test('that others can read or write stop the start, each with the line that mends it', async () => {
    const open = mkdtempSync(join(folder, 'open-'))
    const path = join(open, 'lp.db')
    for (const suffix of ['', '-wal', '-shm']) writeFileSync(`${path}${suffix}`, '')
    chmodSync(path, 0o640)
    chmodSync(`${path}-wal`, 0o604)
    chmodSync(`${path}-shm`, 0o600)
    chmodSync(open, 0o750)
    expect(await reasons({ ...fine, DATABASE_URL: `sqlite:${path}` })).toEqual([
      `${open} is open to others (mode 750): chmod 700 ${open}`,
      `${path} is open to others (mode 640): chmod 600 ${path}`,
      `${path}-wal is open to others (mode 604): chmod 600 ${path}-wal`,
    ])
  })

  test('in a folder that is everybody’s: no advice to shut that one', async () => {
    expect(await reasons({ ...fine, DATABASE_URL: `sqlite:${join(tmpdir(), 'of-nobody.db')}` })).toEqual([
      `${tmpdir()} is open to others (mode 1777), and is not ours alone: DATABASE_URL needs a folder of its own`,
    ])
  })
})

describe('what stands beside it', () => {
  test('a port that is taken: said in a line', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, 'localhost', resolve))
    const { port } = taken.address() as AddressInfo
    expect(await reasons({ ...fine, PORT: String(port) })).toEqual([`PORT ${port} is taken on localhost`])
    await new Promise((resolve) => taken.close(resolve))
  })

  test('an address that is not this machine’s: said in a line', async () => {
    expect(await reasons({ ...fine, HOST: '203.0.113.1' })).toEqual([
      expect.stringMatching(/^HOST 203\.0\.113\.1 is no name or address of this machine: /),
    ])
  })

  test('a certificate and a key that cannot be read: a line for each', async () => {
    const settings = {
      ISSUER_URL: 'https://localhost:3000',
      TLS_CERT_FILE: '/nowhere/cert.pem',
      TLS_KEY_FILE: '/nowhere/key.pem',
    }
    expect(await reasons({ ...fine, ...settings })).toEqual([
      'TLS_CERT_FILE cannot be read: /nowhere/cert.pem',
      'TLS_KEY_FILE cannot be read: /nowhere/key.pem',
    ])
  })

  test('a mail server that is down stops nobody: it starts, keeps the mails over kill -9, and delivers them once the server is back (R13)', async () => {
    const database = await createTestDatabase('sqlite')
    const smtpPort = await freePort()
    const settings = {
      ISSUER_URL: 'http://localhost:3000',
      DATABASE_URL: database.url,
      SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
    }
    const services = await openServices({ databaseUrl: database.url })
    const { store, mailbox, db } = services
    const waiting = async (): Promise<StoredMail[]> => db<StoredMail>('outbox')
    const running = await startProcess(settings)
    await store.transaction(async (tx) =>
      mailbox.post(tx, 'password-changed', {
        id: 'marie',
        name: 'Marie',
        email: 'marie@exemple.ca',
        cip: 'tram1234',
        locale: null,
      }),
    )
    await until(async () => (await waiting()).some(({ tries }) => tries > 0))
    expect((await fetch(`http://localhost:${running.port}/readyz`)).status).toBe(200)
    running.signal('SIGKILL')
    await running.ended
    expect(await waiting()).toMatchObject([{ sentAt: null }])

    const received: string[] = []
    const mailServer = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData(stream, session, done) {
        stream.on('data', () => {})
        stream.on('end', () => {
          received.push(...session.envelope.rcptTo.map(({ address }) => address))
          done()
        })
      },
    })
    await new Promise<void>((resolve) => mailServer.listen(smtpPort, '127.0.0.1', resolve))
    const again = await startProcess(settings)
    await db('outbox').update({ nextTryAt: 0 }) // it would wait half a minute
    await until(async () => (await waiting()).every(({ sentAt }) => sentAt !== null))
    expect(received).toEqual(['marie@exemple.ca'])
    expect((await again.stop()).code).toBe(0)
    await new Promise<void>((resolve) => mailServer.close(resolve))
    await services.close()
    await database.remove()
  })

  test('a fresh installation has no account, no client and no way in (LOG-7); it is durable, and an open door is named in the log', async () => {
    const database = await createTestDatabase('sqlite')
    const running = await startProcess({ ISSUER_URL: 'http://localhost:3000', DATABASE_URL: database.url })
    const db = connectDatabase(database.url)
    expect([
      await db('accounts'),
      await db('clients'),
      await db('activation_codes'),
      await db('oidc_artifacts'),
    ]).toEqual([[], [], [], []])
    expect(await db.raw('PRAGMA journal_mode')).toEqual([{ journalMode: 'wal' }])
    await db.destroy()
    const { code, output } = await running.stop()
    expect(code).toBe(0)
    expect(output).toContain('ENROLMENT=open: whoever has a CIP and its password can enrol the first phone')
    await database.remove()
  })
})
