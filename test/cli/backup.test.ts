// `backup` and `restored` as commands: what they refuse, what they print. The drill is restore-drill.test.ts.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Knex } from 'knex'
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectDatabase } from '../../db/connect.js'
import { makeCheckedCopy } from '../../src/cli/checked-copy.js'
import { createKeyRing } from '../../src/key-ring.js'
import { createCli, type Cli } from '../support/cli.js'
import { clock } from '../support/clock.js'
import { createMigratedDatabase, type TestDatabase } from '../support/databases.js'
import { describeWith } from '../support/requirements.js'
import { MASTER_KEYS, readTestConfig } from '../support/settings.js'

const BECAUSE = ['--reason', 'disque perdu']
const ALL_ENDED = { accounts: 1, sessions: 0, devices: 0, activationCodes: 1 }

let folder: string
let database: TestDatabase
let cli: Cli
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'laissez-passer-backup-'))
  database = await createMigratedDatabase('sqlite')
  cli = createCli({ MASTER_KEYS, DATABASE_URL: database.url })
})
afterEach(async () => {
  await database.remove()
  rmSync(folder, { recursive: true, force: true })
})

const at = (name: string): string => join(folder, name)

async function inDatabase<T>(work: (db: Knex) => Promise<T>, url = database.url): Promise<T> {
  const db = connectDatabase(url)
  try {
    return await work(db)
  } finally {
    await db.destroy()
  }
}

const create = (cip: string) =>
  cli.json('account', 'create', cip, '--name', 'Marie Tremblay', '--email', 'marie@exemple.ca')

const disable = (cip: string) => cli.json('account', 'disable', cip, '--reason', 'départ')

describe('backup', () => {
  test('writes a checked copy that its owner alone can read, with nothing beside it, and an audit event', async () => {
    await create('tram1234')
    const made = await cli.json('backup', at('lundi.db'))
    expect(made).toEqual({
      file: at('lundi.db'),
      bytes: statSync(at('lundi.db')).size,
      madeAt: expect.stringMatching(/^\d{4}-/),
      head: { sequence: 1, hash: expect.stringMatching(/^\w/) },
    })
    expect(readdirSync(folder)).toEqual(['lundi.db'])
    expect(statSync(at('lundi.db')).mode & 0o777).toBe(0o600)
    expect(await cli.json('audit', 'list', '--limit', '1')).toMatchObject([
      { event: 'backup.made', actor: expect.stringMatching(/^operator:/) },
    ])
    cli.set({ DATABASE_URL: `sqlite:${at('lundi.db')}` })
    expect(await cli.json('account', 'list')).toMatchObject([{ cip: 'tram1234' }])
  })

  test('holds what lies in the WAL alone, which a copy of the file has not', async () => {
    await inDatabase(async (db) => {
      await db.raw('PRAGMA wal_autocheckpoint=0')
      await create('tram1234')
      copyFileSync(database.url.slice('sqlite:'.length), at('plain.db'))
      await cli.json('backup', at('backup.db'))
    })
    const cips = (name: string) =>
      inDatabase((db) => db('accounts').pluck<string[]>('cip'), `sqlite:${at(name)}`)
    expect(await cips('plain.db')).toEqual([])
    expect(await cips('backup.db')).toEqual(['tram1234'])
  })

  test('never writes over a file, nor into a folder that is not there, and leaves nothing half', async () => {
    writeFileSync(at('lundi.db'), 'sunday')
    await cli.expectRefused(['backup', at('lundi.db')], /lundi\.db is there already, and is left as it is/)
    await cli.expectRefused(['backup', at('none/lundi.db')], /no backup was made: ENOENT.*none\/lundi\.db/)
    expect(readdirSync(folder)).toEqual(['lundi.db'])
    expect(await cli.json('audit', 'list')).not.toMatchObject([{ event: 'backup.made' }])
  })

  test('of two that make the same file at once the first keeps it', async () => {
    writeFileSync(at('lundi.db'), 'the first')
    const ring = createKeyRing(readTestConfig({ ISSUER_URL: 'http://localhost' }).masterKeys)
    await create('tram1234')
    await inDatabase((db) => expect(makeCheckedCopy(db, ring, at('lundi.db'))).rejects.toThrow(/^EEXIST/))
    expect(readFileSync(at('lundi.db'), 'utf8')).toBe('the first')
    expect(readdirSync(folder)).toEqual(['lundi.db'])
  })

  test.each<[what: string, harm: (db: Knex) => Promise<unknown>, message: RegExp]>([
    [
      'is damaged',
      async (db) => {
        await create('tram1234')
        await db.raw('PRAGMA writable_schema=ON')
        await db.raw(
          "UPDATE sqlite_master SET sql = replace(sql, '`email` varchar(320) not null', '`email` varchar(320)')",
        )
        await db.raw('PRAGMA writable_schema=RESET')
        await db('accounts').update({ email: null })
        await db.raw('PRAGMA writable_schema=ON')
        await db.raw(
          "UPDATE sqlite_master SET sql = replace(sql, '`email` varchar(320)', '`email` varchar(320) not null')",
        )
        await db.raw('PRAGMA writable_schema=RESET')
      },
      /no backup was made: it is damaged \(NULL value in accounts\.email\)/,
    ],
    [
      'has lost the end of its audit log',
      async (db) => {
        await create('tram1234')
        await db('audit_events').delete()
      },
      /no backup was made: the head of its audit log does not fit/,
    ],
  ])('of a database that %s there is none', async (_what, harm, message) => {
    await inDatabase(harm)
    await cli.expectRefused(['backup', at('lundi.db')], message)
    expect(readdirSync(folder)).toEqual([])
  })

  test('under another master key there is none', async () => {
    await create('tram1234')
    cli.set({ MASTER_KEYS: `test:${Buffer.from('another test key, thirty-two by.').toString('base64')}` })
    await cli.expectRefused(['backup', at('lundi.db')], /MASTER_KEYS holds another key under the id "test"/)
  })

  test('needs a file or the name of a program, not both', async () => {
    const words = /name the file to write, or with --made-by the program/
    await cli.expectRefused(['backup'], words)
    await cli.expectRefused(['backup', at('x'), '--made-by', 'litestream'], words)
    await cli.expectRefused(['backup', '--made-by', 'my tool'], /1 to 64 of/)
  })

  test('doctor warns without one, and when the last is older than 26 hours', async () => {
    const finding = async () =>
      /^(\w+) +backup: (.*)$/m
        .exec((await cli.run('doctor')).stdout)
        ?.slice(1)
        .join(': ')
    expect(await finding()).toBe('warning: none was ever recorded: run `backup` every day')
    await cli.json('backup', at('lundi.db'))
    expect(await finding()).toMatch(/^ok: the last one was made \d{4}-\d\d-\d\d/)
    clock.advance({ hours: 25 })
    expect(await finding()).toMatch(/^ok/)
    clock.advance({ hours: 1 })
    expect(await finding()).toMatch(/^warning: the last one was made .*, 26 hours ago$/)
    expect(await cli.json('backup', '--made-by', 'litestream')).toMatchObject({ madeBy: 'litestream' })
    expect(await finding()).toMatch(/^ok/)
  })
})

describeWith(['postgres'], 'backup on PostgreSQL', () => {
  test('leaves it to pg_dump, and takes its word', async () => {
    const server = await createMigratedDatabase('postgres')
    cli.set({ DATABASE_URL: server.url })
    await cli.expectRefused(['backup', at('lundi.db')], /use pg_dump, then `backup --made-by pg_dump`/)
    expect(readdirSync(folder)).toEqual([])
    expect((await cli.run('backup', '--made-by', 'pg_dump')).stdout).toBe(
      'Recorded: pg_dump has made a backup.\n',
    )
    await server.remove()
  })
})

describe('restored', () => {
  type Report = {
    gap: { through: number; exportedThrough: number; missing: number; acts: { redo: string }[] }
  }

  /** Marie is in the backup, with a code; then others come and go, and the backup is put back. */
  async function loseSome(format = 'jsonl', between: () => Promise<unknown> = async () => {}): Promise<void> {
    await create('tram1234')
    await cli.json('account', 'activation-code', 'tram1234', ...BECAUSE)
    await cli.json('backup', at('backup.db'))
    await create('roys4567')
    await disable('tram1234')
    await cli.json('account', 'update', 'roys4567', '--name', '=SUM(1)', '--reason', '=1+1')
    await between()
    writeFileSync(at('export'), (await cli.run('audit', 'export', '--format', format)).stdout)
    chmodSync(at('backup.db'), 0o600)
    cli.set({ DATABASE_URL: `sqlite:${at('backup.db')}` })
  }

  test.each(['jsonl', 'csv'])('lists what a log exported as %s knows of the time since', async (format) => {
    await loseSome(format)
    const { code, stdout } = await cli.run('restored', '--audit', at('export'), ...BECAUSE)
    expect(code).toBe(0)
    expect(stdout.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d E[SD]T/g, '-').split('\n')).toEqual([
      'Accounts                    1',
      'Sessions ended              0, with all grants and tokens',
      'Activation codes withdrawn  1',
      'Devices                     0, whose codes until now are refused',
      'Forgotten: the events 3 to 6.',
      'To be looked at, and done again:',
      'NO  TIME                  EVENT             CIP       DO AGAIN',
      '4   -  account.created   roys4567  account create roys4567',
      '5   -  account.disabled  tram1234  account disable tram1234',
      '6   -  account.updated   roys4567  account update roys4567',
      '',
    ])
    expect(await cli.json('audit', 'list', '--limit', '1')).toMatchObject([
      { event: 'backup.restored', reason: 'disque perdu', sequence: 3 },
    ])
    expect(await cli.json('audit', 'verify')).toMatchObject({ ok: true, rows: 4 })
  })

  test('finds its place in the export when it is run again, or after other commands', async () => {
    await loseSome()
    await cli.json('account', 'show', 'tram1234')
    const runIt = () => cli.json<Report>('restored', '--audit', at('export'), ...BECAUSE)
    const first = await runIt()
    expect(first.gap).toMatchObject({ through: 2, exportedThrough: 6, missing: 0 })
    expect(first).toMatchObject({ ended: ALL_ENDED, chain: { ok: true } })
    const second = await runIt()
    expect(second.gap).toEqual(first.gap)
    expect(second).toMatchObject({ ended: { ...ALL_ENDED, activationCodes: 0 } })
  })

  test('without an export it says what it cannot know', async () => {
    await loseSome()
    expect((await cli.run('restored', ...BECAUSE)).stdout).toMatch(
      /\nWhat was done after the backup is not known here: with --audit [^\n]*\n$/,
    )
  })

  test.each([
    [
      'that ends before the backup',
      ([one]: string[]) => [one],
      /^The file ends with event 1: it knows of none later\.$/m,
    ],
    [
      'in which lines are missing',
      (lines: string[]) => lines.toSpliced(4, 1),
      /^Missing in the file: 1 of them\.$/m,
    ],
    [
      'that begins right after the backup',
      (lines: string[]) => lines.slice(2),
      /^Forgotten: the events 3 to 6\.$/m,
    ],
  ])('an export %s is read for what it is', async (_what, change, words) => {
    await loseSome()
    rewrite(change)
    expect((await cli.run('restored', '--audit', at('export'), ...BECAUSE)).stdout).toMatch(words)
  })

  test.each([
    [
      'begins too late',
      (lines: string[]) => lines.slice(3),
      /it begins with event 4 and this database ends with 2/,
    ],
    [
      'is of another database',
      (lines: string[]) =>
        lines.map((line) => line.replace('roys', 'tous').replace('Marie', 'Luc').replace(/T\d\d/, 'T00')),
      /its event 1 is not this database’s/,
    ],
    ['is no export', () => ['hello'], /it is not what `audit export` has written/],
    ['is empty', () => [], /there is no event in it/],
  ])('an export that %s is refused, and nothing has ended', async (_what, change, words) => {
    await loseSome()
    rewrite(change)
    await cli.expectRefused(['restored', '--audit', at('export'), ...BECAUSE], words)
    await cli.expectRefused(['restored', '--audit', at('none'), ...BECAUSE], /--audit: .*ENOENT/)
    expect(await inDatabase((db) => db('activation_codes'), `sqlite:${at('backup.db')}`)).toHaveLength(1)
  })

  function rewrite(change: (lines: string[]) => (string | undefined)[]): void {
    const lines = readFileSync(at('export'), 'utf8').trimEnd().split('\n')
    writeFileSync(
      at('export'),
      change(lines)
        .map((line) => `${line}\n`)
        .join(''),
    )
  }

  test('a head kept from before the backup still fits; one of the time since shows that it was restored', async () => {
    await create('gagj2345')
    writeFileSync(at('before.json'), (await cli.run('audit', 'head')).stdout)
    await loseSome('jsonl', async () =>
      writeFileSync(at('since.json'), (await cli.run('audit', 'head')).stdout),
    )
    await cli.json('restored', ...BECAUSE)
    expect(await cli.json('audit', 'verify', '--head', at('before.json'))).toMatchObject({ ok: true })
    await cli.expectRefused(['audit', 'verify', '--head', at('since.json')], /the end of the log is cut off/)
    for (let count = 0; count < 4; count += 1) await cli.json('account', 'show', 'tram1234')
    await cli.expectRefused(['audit', 'verify', '--head', at('since.json')], /event \d+ is altered/)
  })

  test('a log that does not fit together is said, once all has ended', async () => {
    await loseSome()
    await inDatabase(
      (db) => db('audit_events').where({ sequence: 1 }).update({ cip: 'x' }),
      `sqlite:${at('backup.db')}`,
    )
    const stdout = await cli.expectRefused(
      ['restored', ...BECAUSE, '--json'],
      /all is ended, but of the audit log event 1 is altered/,
    )
    expect(JSON.parse(stdout)).toMatchObject({ ended: ALL_ENDED, chain: { ok: false, sequence: 1 } })
  })

  test('wants a reason, and at a keyboard --yes', async () => {
    await cli.expectRefused(['restored'], /required option '--reason <text>'/, 2)
    cli.sitDown()
    await cli.expectRefused(['restored', ...BECAUSE], /everybody will have to sign in again: add --yes/)
    expect((await cli.run('restored', ...BECAUSE, '--yes')).code).toBe(0)
  })
})
