// The operator's commands for the long run: audit log, imports, keys, relying parties from a file, APIs,
// health.

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { parse as parseCsv } from 'csv-parse/sync'
import type { Knex } from 'knex'
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SMTPServer } from 'smtp-server'
import { connectDatabase } from '../../db/connect.js'
import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'
import { createStore } from '../../db/store.js'
import { chainHash, createAuditLog } from '../../src/audit/audit-log.js'
import { verifyAuditLog } from '../../src/audit/verification.js'
import { createKeyRing } from '../../src/key-ring.js'
import { Browser } from '../support/browser.js'
import { createCli, type Cli } from '../support/cli.js'
import { clock } from '../support/clock.js'
import {
  createMigratedDatabase,
  connectTestDatabase,
  type DatabaseKind,
  type TestDatabase,
} from '../support/databases.js'
import { startIdp, type Idp } from '../support/idp.js'
import { enrolFirst, givePassword, signIn } from '../support/journey.js'
import { claimsOf, registerRelyingParty, type RelyingParty } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { unexpectedFailures } from '../support/situations.js'

const KEY = Buffer.from('a test key, 32 bytes, no secret!')
const OTHER_KEY = Buffer.from('another test key, thirty-two by.')
const THIRD_KEY = Buffer.from('a third test key of 32 bytes: !!')
const entry = (id: string, key: Buffer): string => `${id}:${key.toString('base64')}`
const BECAUSE = ['--reason', 'appel du 24 novembre']
const MINUTE = 60_000

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'laissez-passer-operations-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

type Event = {
  sequence: number
  occurredAt: string
  event: string
  cip: string | null
  reason: string | null
}

describe('audit, on SQLite', () => auditSuite('sqlite'))
describeWith(['postgres'], 'audit, on PostgreSQL', () => auditSuite('postgres'))

function auditSuite(kind: DatabaseKind): void {
  const NOON = Date.UTC(2026, 10, 24, 17)
  const ring = createKeyRing([{ id: 'test', key: KEY }])
  let database: TestDatabase
  let db: Knex
  let cli: Cli
  let intact: StoredAuditEvent[]

  const events = () => db<StoredAuditEvent>('audit_events')
  const setHead = (sequence: number, hash: string) => db('audit_head').update({ sequence, hash })

  /** Six events, ten minutes apart, about two people in turn. */
  beforeAll(async () => {
    database = await createMigratedDatabase(kind)
    db = await connectTestDatabase(database.url)
    cli = createCli({ MASTER_KEYS: entry('test', KEY), DATABASE_URL: database.url })
    await record(6)
    intact = await events().orderBy('sequence')
  })
  afterEach(async () => {
    await events().delete()
    await db.batchInsert('auditEvents', intact)
    await setHead(intact.at(-1)?.sequence ?? 0, intact.at(-1)?.hash ?? '')
  })
  afterAll(async () => {
    await db.destroy()
    await database.remove()
  })

  async function record(count: number) {
    const store = createStore(db)
    for (let index = 0; index < count; index += 1) {
      const audit = createAuditLog({ ring, now: () => NOON + index * 10 * MINUTE })
      const actor = { name: 'operator:test', clientAddress: 'cli' }
      await store.transaction((tx) =>
        audit.record(tx, {
          event: 'account.unlocked',
          actor,
          cip: index % 2 === 0 ? 'tram1234' : 'roys4567',
          reason: `appel ${index + 1}`,
        }),
      )
    }
  }

  /** Each look at the log is an event of it. */
  async function forgetReads(): Promise<void> {
    await events().where('sequence', '>', 6).delete()
    await setHead(6, rowOf(6).hash)
  }

  async function list(...options: string[]): Promise<Event[]> {
    await forgetReads()
    return cli.json<Event[]>('audit', 'list', ...options)
  }

  async function headFile(name: string): Promise<string> {
    return file(`${kind}-${name}.json`, (await cli.run('audit', 'head')).stdout)
  }

  const DAMAGES: [
    what: string,
    damage: () => Promise<unknown>,
    sequence: number,
    fault: string,
    line: RegExp,
  ][] = [
    [
      'an altered row',
      () => events().where({ sequence: 3 }).update({ cip: 'somebody' }),
      3,
      'altered',
      /event 3 is altered/,
    ],
    [
      'an altered time',
      () => events().where({ sequence: 4 }).increment('occurredAt', 1),
      4,
      'altered',
      /event 4 is altered/,
    ],
    [
      'an outcome turned round',
      () => events().where({ sequence: 1 }).update({ outcome: 'refused' }),
      1,
      'altered',
      /event 1 is altered/,
    ],
    ['a missing row', () => events().where({ sequence: 3 }).delete(), 3, 'missing', /event 3 is missing$/m],
    [
      'a missing first row',
      () => events().where({ sequence: 1 }).delete(),
      1,
      'missing',
      /event 1 is missing$/m,
    ],
    ['a row inserted in the middle', insertInTheMiddle, 4, 'altered', /event 4 is altered/],
    ['a row added at the end, the head moved', addAtTheEnd, 7, 'altered', /event 7 is altered/],
    ['two rows swapped', swap, 3, 'altered', /event 3 is altered/],
    [
      'a tail cut off',
      () => events().where('sequence', '>', 4).delete(),
      5,
      'tail-cut',
      /event 5 is missing, and all after it/,
    ],
    ['everything gone', () => events().delete(), 1, 'tail-cut', /event 1 is missing, and all after it/],
    ['a head that was changed', () => setHead(6, 'another-hash'), 6, 'head-differs', /the head does not fit/],
    [
      'a row of a key nobody has',
      () => events().where({ sequence: 2 }).update({ keyId: 'lost' }),
      2,
      'key-unknown',
      /event 2 cannot be verified/,
    ],
  ]

  async function insertInTheMiddle() {
    for (const sequence of [6, 5, 4])
      await events()
        .where({ sequence })
        .update({ sequence: sequence + 1 })
    await events().insert({ ...rowOf(4), reason: 'never happened' })
    await setHead(7, rowOf(6).hash)
  }

  async function addAtTheEnd() {
    await events().insert({ ...rowOf(6), sequence: 7 })
    await setHead(7, rowOf(6).hash)
  }

  async function swap() {
    await events().whereIn('sequence', [3, 4]).delete()
    await db.batchInsert('auditEvents', [
      { ...rowOf(3), sequence: 4 },
      { ...rowOf(4), sequence: 3 },
    ])
  }

  function rowOf(sequence: number): StoredAuditEvent {
    const row = intact.find((one) => one.sequence === sequence)
    if (row === undefined) throw new Error(`no row ${sequence}`)
    return row
  }

  test('verify goes through an intact log', async () => {
    const head = { sequence: 6, hash: rowOf(6).hash }
    expect(await cli.json('audit', 'verify')).toEqual({ ok: true, rows: 6, purged: 0, head })
    expect((await cli.run('audit', 'verify')).stdout).toBe(
      `All 6 events fit together. Head: ${JSON.stringify(head)}\n`,
    )
    expect(await cli.json('audit', 'head')).toEqual(head)
  })

  test.each(DAMAGES)('verify names %s', async (_what, damage, sequence, fault, line) => {
    await damage()
    expect(await cli.expectRefused(['audit', 'verify'], line)).toBe('')
    expect(JSON.parse(await cli.expectRefused(['audit', 'verify', '--json'], line))).toEqual({
      ok: false,
      sequence,
      fault,
    })
  })

  test('a head kept elsewhere still fits when the log has grown', async () => {
    const kept = await headFile('kept')
    await record(2)
    expect(await cli.json('audit', 'verify', '--head', kept)).toMatchObject({ ok: true, rows: 8 })
  })

  test('a tail cut off with the head forged is found by the head kept elsewhere, and by it alone', async () => {
    const kept = await headFile('whole')
    await events().where('sequence', '>', 4).delete()
    await setHead(4, rowOf(4).hash)
    expect(await cli.json('audit', 'verify')).toMatchObject({ ok: true, rows: 4 })
    await cli.expectRefused(['audit', 'verify', '--head', kept], /event 5 is missing, and all after it/)
  })

  test('a log emptied to its beginnings is found by the head kept elsewhere', async () => {
    const kept = await headFile('whole')
    await events().delete()
    await setHead(0, '')
    expect(await cli.json('audit', 'verify')).toMatchObject({ ok: true, rows: 0 })
    await cli.expectRefused(['audit', 'verify', '--head', kept], /event 1 is missing/)
  })

  test('a log written anew by somebody who has the master key is found by the head kept elsewhere', async () => {
    const kept = await headFile('whole')
    let hash = ''
    for (const row of intact) {
      const changed = { ...row, reason: row.sequence === 2 ? 'another reason' : row.reason }
      hash = chainHash(ring, hash, changed)
      await events()
        .where({ sequence: row.sequence })
        .update({ ...changed, hash })
    }
    await setHead(6, hash)
    expect(await cli.json('audit', 'verify')).toMatchObject({ ok: true })
    await cli.expectRefused(['audit', 'verify', '--head', kept], /event 6 is altered/)
  })

  test('an event recorded while the log is verified is no fault', async () => {
    const store = createStore(db)
    const busy = {
      ...store,
      auditEvents: {
        ...store.auditEvents,
        listAfter: async (sequence: number, limit: number) => {
          const rows = await store.auditEvents.listAfter(sequence, limit)
          await record(1)
          return rows
        },
      },
    }
    expect(await verifyAuditLog({ store: busy, ring })).toMatchObject({ ok: true, rows: 6 })
  })

  test.each([
    ['is not there', () => join(folder, 'nowhere.json')],
    ['is no JSON', () => file('no.json', 'sequence 6')],
    ['is another JSON', () => file('other.json', '{"sequence":"6","hash":"x"}')],
  ])('a head that %s is refused', async (_what, path) => {
    await cli.expectRefused(['audit', 'verify', '--head', path()], /is not what «audit head» printed/)
  })

  test('list shows the newest first, about one person, in a period', async () => {
    const sequences = async (...options: string[]) => (await list(...options)).map(({ sequence }) => sequence)
    expect(await sequences()).toEqual([6, 5, 4, 3, 2, 1])
    expect(await sequences('--limit', '2')).toEqual([6, 5])
    expect(await sequences('--cip', ' TRAM1234')).toEqual([5, 3, 1])
    expect(
      await sequences('--since', '2026-11-24T17:20:00Z', '--until', '2026-11-24T12:40:00-05:00'),
    ).toEqual([4, 3])
    expect(await list('--limit', '1')).toEqual([
      {
        sequence: 6,
        occurredAt: '2026-11-24T17:50:00.000Z',
        event: 'account.unlocked',
        outcome: 'success',
        actor: 'operator:test',
        cip: 'roys4567',
        accountId: null,
        clientAddress: 'cli',
        reason: 'appel 6',
        details: '{}',
      },
    ])
    await forgetReads()
    expect((await cli.run('audit', 'list', '--limit', '1')).stdout).toMatch(
      /^NO +TIME \(UTC\) .*\n6 +2026-11-24T17:50:00\.000Z +account\.unlocked .* appel 6 +\{\}\n$/,
    )
  })

  test('who looks at it is an event of it, with what they looked for and why', async () => {
    await cli.json('audit', 'list', '--cip', 'tram1234', '--since', '2026-11-24', ...BECAUSE)
    await cli.run('audit', 'export', ...BECAUSE)
    expect(await events().where('sequence', '>', 6).orderBy('sequence')).toMatchObject([
      {
        event: 'audit.listed',
        cip: 'tram1234',
        actor: expect.stringMatching(/^operator:/),
        reason: BECAUSE[1],
        details: JSON.stringify({ since: Date.UTC(2026, 10, 24, 5), events: 3 }),
      },
      { event: 'audit.exported', cip: null, reason: BECAUSE[1] },
    ])
    expect(await cli.json('audit', 'verify')).toMatchObject({ ok: true, rows: 8 })
  })

  test('what cannot be recorded is not shown', async () => {
    await db('audit_head').delete()
    const { stdout, code } = await cli.run('audit', 'list')
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 })
    expect((await cli.run('audit', 'export')).stdout).toBe('')
    await db('audit_head').insert({ id: 1, sequence: 6, hash: '' })
  })

  test('purge lets go of the days before one, and the rest verifies', async () => {
    const before = ['--before', '2026-11-24T17:20:00Z']
    await cli.expectRefused(['audit', 'purge', ...before], /required option '--reason <text>'/, 2)
    await cli.expectRefused(['audit', 'purge', '--before', '9999-01-01', ...BECAUSE], /is in the future/)
    expect(await cli.json('audit', 'purge', ...before, ...BECAUSE)).toEqual({ purged: 2 })
    expect((await cli.run('audit', 'purge', ...before, ...BECAUSE)).stdout).toMatch(
      /^There is no event before/,
    )
    expect(await events().orderBy('sequence').pluck('sequence')).toEqual([3, 4, 5, 6, 7])
    expect(await events().where({ sequence: 7 }).first()).toMatchObject({
      event: 'audit.purged',
      reason: BECAUSE[1],
    })
    expect((await cli.run('audit', 'verify')).stdout).toMatch(
      /^All 5 events fit together\. 2 before them were let go\./,
    )
    cli.sitDown()
    await cli.expectRefused(['audit', 'purge', '--before', '2026-11-25', ...BECAUSE], /add --yes/)
  })

  test('a day lasts from midnight to midnight in the organisation’s time zone', async () => {
    const midnight = Date.UTC(2026, 10, 25, 5) // in Toronto
    await events()
      .where({ sequence: 1 })
      .update({ occurredAt: midnight - 24 * 60 * MINUTE - 1 })
    await events()
      .where({ sequence: 5 })
      .update({ occurredAt: midnight - 1 })
    await events().where({ sequence: 6 }).update({ occurredAt: midnight })
    const day = (since: string, until: string) => list('--since', since, '--until', until)
    expect((await day('2026-11-24', '2026-11-24')).map(({ sequence }) => sequence)).toEqual([5, 4, 3, 2])
    expect((await day('2026-11-25', '2026-11-25')).map(({ sequence }) => sequence)).toEqual([6])
  })

  test('the day on which clocks are set back has twenty-five hours', async () => {
    const [start, end] = [Date.UTC(2026, 10, 1, 4), Date.UTC(2026, 10, 2, 5)]
    for (const [sequence, occurredAt] of [
      [1, start - 1],
      [2, start],
      [3, end - 1],
      [4, end],
    ] as const)
      await events().where({ sequence }).update({ occurredAt })
    expect(
      (await cli.json<Event[]>('audit', 'list', '--since', '2026-11-01', '--until', '2026-11-01')).map(
        ({ sequence }) => sequence,
      ),
    ).toEqual([3, 2])
  })

  test.each([
    ['--since', 'yesterday', /It must be a day/, 2],
    ['--since', '2026-02-31', /It must be a day/, 2],
    ['--until', '2026-11-24T12:00', /It must be a day/, 2],
    ['--limit', '0', /It must be a whole number from 1 to 10000/, 2],
    ['--cip', 'a b', /"a b" is not a CIP/, 1],
  ])('%s %s is refused', async (option, value, message, code) => {
    await cli.expectRefused(['audit', 'list', option, value], message, code)
  })

  test('export writes one event a line, the oldest first, more of them than fit a batch', async () => {
    await db.batchInsert(
      'auditEvents',
      Array.from({ length: 2_000 }, (_, index) => ({ ...rowOf(6), sequence: 7 + index })),
      500,
    )
    await setHead(2_006, rowOf(6).hash)
    const { code, stdout, stderr } = await cli.run('audit', 'export', '--format', 'jsonl')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const exported = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event)
    expect(exported.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 2_006 }, (_, index) => index + 1),
    )
  })

  test('export takes a period, and prints nothing for an empty one', async () => {
    const { stdout } = await cli.run(
      'audit',
      'export',
      '--since',
      '2026-11-24T17:20:00Z',
      '--until',
      '2026-11-24T17:40:00Z',
    )
    expect(stdout.trimEnd().split('\n')).toHaveLength(2)
    expect(await cli.run('audit', 'export', '--since', '2027-01-01')).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    })
  })

  test('an export in CSV computes nothing, and what somebody stored steers no terminal', async () => {
    await events().where({ sequence: 2 }).update({ reason: '=HYPERLINK("https://evil.example")' })
    await events().where({ sequence: 3 }).update({ reason: 'one\nSUCCESS \u001b[2J \u202eoof' })
    for (const format of ['csv', 'jsonl']) {
      await forgetReads()
      const { stdout } = await cli.run('audit', 'export', '--format', format)
      expect(stdout.trimEnd().split('\n')).toHaveLength(format === 'csv' ? 7 : 6)
      for (const sign of ['\u001b', '\u202e']) expect(stdout).not.toContain(sign)
    }
    const rows = parseCsv<Event>((await cli.run('audit', 'export', '--format', 'csv')).stdout, {
      columns: true,
    })
    expect(rows[1]?.reason).toBe('\'=HYPERLINK("https://evil.example")')
    expect(rows[2]?.reason).toBe('one\\u000aSUCCESS \\u001b[2J \\u202eoof')
  })

  test('export has a form of its own, so --json is refused', async () => {
    expect(await cli.expectRefused(['audit', 'export', '--json'], /--json does not go with an export/)).toBe(
      '',
    )
    await cli.expectRefused(['audit', 'export', '--format', 'xml'], /Allowed choices are jsonl, csv/, 2)
  })
}

describe('people', () => {
  let idp: Idp
  let rp: RelyingParty
  let cli: Cli
  beforeAll(async () => {
    idp = await startIdp()
    rp = await registerRelyingParty(idp)
    cli = createCli({
      MASTER_KEYS: entry('test', KEY),
      DATABASE_URL: idp.config.databaseUrl,
      ISSUER_URL: idp.url,
    })
  })
  afterAll(async () => {
    expect(unexpectedFailures(idp)).toEqual([])
    await idp.stop()
  })

  describe('account import', () => {
    const PASSWORD = 'quatre-lunes-bleues'
    const hash = bcrypt.hashSync(PASSWORD, 4)

    test.each([
      ['$2b$', 'imp2b'],
      ['$2y$', 'imp2y'],
    ])('a password with a %s hash signs in, and is stored our way from then on', async (prefix, cip) => {
      const imported = hash.replace('$2b$', prefix)
      const csv = file(
        `${cip}.csv`,
        `cip,name,email,locale,password_hash\n${cip},Zoé Île,zoe@exemple.ca,,${imported}\n`,
      )
      expect(await cli.json('account', 'import', csv)).toEqual({
        dryRun: false,
        accepted: 1,
        refused: 0,
        rows: [{ line: 2, cip, result: 'created' }],
      })
      expect(await idp.account(cip)).toMatchObject({
        name: 'Zoé Île',
        passwordHash: imported,
        temporaryPasswordExpiresAt: null,
      })

      const person = { id: '', cip, name: 'Zoé Île', email: 'zoe@exemple.ca', password: PASSWORD }
      const refused = new Browser(idp)
      await givePassword(refused, rp, { cip, password: 'quatre-lunes-rouges' })
      expect(refused.shown.status).toBe(422)
      const { phone } = await enrolFirst(idp, rp, person)
      expect((await idp.account(cip)).passwordHash).toMatch(/^v2\$test\$\$2b\$04\$/)
      clock.nextStep()
      const { callback } = await signIn(rp, person, phone, new Browser(idp))
      expect(new URL(callback).searchParams.get('code')).not.toBeNull()
    })

    test('a row that is refused keeps no other one out', async () => {
      const taken = await idp.createPerson({ cip: 'impold' })
      const csv = file(
        'rows.csv',
        [
          '\ufeffCIP, Name ,EMAIL,locale,password_hash',
          'impgood,Sam Roy,sam.roy@example.com,en,',
          '',
          `${taken.cip.toUpperCase()},Marie,marie@exemple.ca,,`,
          'IMPGOOD,Sam Roy,sam.roy@example.com,,',
          'a b,Marie,marie@exemple.ca,,',
          'impmail,Marie,nowhere,,',
          'imphash,Marie,marie@exemple.ca,,$6$rounds=5000$salt$hash',
          'implang,Marie,marie@exemple.ca,de,',
          '"impname"," ",marie@exemple.ca,,',
          'impcells,Marie,marie@exemple.ca,,,canary',
          'impquote,"canary,marie@exemple.ca,,',
          'impshort,canary',
          `implong,${'x'.repeat(2 ** 20)},marie@exemple.ca,,`,
          'implast,Zoé Roy,zoe@exemple.ca,,',
          '',
        ].join('\r\n'),
      )
      const printed = await cli.expectRefused(
        ['account', 'import', csv, '--json'],
        /^error: 11 of 13 rows are refused$/m,
      )
      const { accepted, refused, rows } = JSON.parse(printed) as {
        accepted: number
        refused: number
        rows: { line: number; result: string }[]
      }
      expect({ accepted, refused }).toEqual({ accepted: 2, refused: 11 })
      expect(printed).not.toContain('canary')
      expect(rows.map(({ line, result }) => [line, result])).toEqual([
        [2, 'created'],
        [4, 'cip-taken'],
        [5, 'cip-twice'],
        [6, 'cip-invalid'],
        [7, 'email-invalid'],
        [8, 'hash-invalid'],
        [9, 'locale-invalid'],
        [10, 'name-invalid'],
        [11, 'row-invalid'],
        [12, 'row-invalid'],
        [13, 'email-invalid'],
        [14, 'row-too-long'],
        [15, 'created'],
      ])
      const dry = await cli.expectRefused(['account', 'import', csv, '--dry-run'], /11 of 13 rows/)
      expect(dry).toMatch(
        /^LINE +CIP +RESULT\n4 +IMPOLD +refused: the CIP is taken, and what is known differs/,
      )
      expect(dry).toMatch(/\n14 +— +refused: the row is too long\nunchanged: 2\n$/)
      expect(await idp.account('impgood')).toMatchObject({ locale: 'en' })
      await expect(idp.account('imphash')).rejects.toThrow()
    })

    test('without a hash a temporary password goes by mail', async () => {
      await cli.run(
        'account',
        'import',
        file('mail.csv', 'cip,name,email\nimpmailed,Sam Roy,sam.mailed@example.com\n'),
      )
      expect((await idp.readMail()).find(({ to }) => to === 'sam.mailed@example.com')?.text).toMatch(
        /[a-z2-9]{4}(-[a-z2-9]{4}){3}/,
      )
    })

    test('a dry run reports the same and changes nothing', async () => {
      const csv = file(
        'dry.csv',
        `cip,name,email,password_hash\nimpdry,Sam Roy,sam.roy@example.com,${hash}\n`,
      )
      const events = await idp.db('audit_events')
      expect(await cli.json('account', 'import', csv, '--dry-run')).toMatchObject({
        dryRun: true,
        accepted: 1,
        rows: [{ result: 'would-create' }],
      })
      expect(await idp.db('audit_events')).toHaveLength(events.length)
      await expect(idp.account('impdry')).rejects.toThrow()
      await cli.expectRefused(
        ['account', 'import', file('dry-bad.csv', 'cip,name,email\na b,x,y\n'), '--dry-run'],
        /1 of 1 rows/,
      )
    })

    test.each([
      ['is not there', () => join(folder, 'nowhere.csv'), /nowhere\.csv" cannot be read \(ENOENT\)$/m],
      [
        'is a picture',
        () => file('picture.csv', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, 0xfe])),
        /the file lacks the column/,
      ],
      [
        'has no end',
        () => {
          const path = file('large.csv', '')
          truncateSync(path, 64 * 2 ** 20 + 1)
          return path
        },
        /is larger than 64 MiB/,
      ],
      ['is a letter', () => file('letter.csv', 'Bonjour,\n\nvoici la liste.\n'), /the file lacks the column/],
      ['is one word', () => file('word.csv', 'bonjour'), /the file lacks the column cip, name, email/],
      ['is empty', () => file('empty.csv', ''), /the file lacks the column cip, name, email/],
      ['lacks a column', () => file('column.csv', 'cip,name\nx,y\n'), /the file lacks the column email$/m],
    ])('a file that %s is refused whole', async (_what, path, message) => {
      const { code, stdout, stderr } = await cli.run('account', 'import', path())
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(message)
      expect(stderr).toMatch(/^error: [^\n]+\n$/)
    })

    test('what Excel saves is understood: semicolons, Windows-1252', async () => {
      const text =
        'CIP;Name;Email;Groups\r\nimpexcel;Zo\xeb \x8cuvrard;zoe@exemple.ca;"soins;urgence"\r\n;;;\r\n'
      const csv = file('excel.csv', Buffer.from(text, 'latin1'))
      expect(await cli.json('account', 'import', csv)).toMatchObject({ accepted: 1, refused: 0 })
      expect(await idp.account('impexcel')).toMatchObject({
        name: 'Zoë Œuvrard',
        groups: '["soins","urgence"]',
      })
    })

    test('run again it changes nobody; with --update, and a reason, it corrects', async () => {
      const head = 'cip,name,email\n'
      const before = file(
        'again.csv',
        `${head}impsame,Sam Roy,sam@exemple.ca\nimpchanged,Luc Roy,luc@exemple.ca\n`,
      )
      await cli.json('account', 'import', before)
      const results = async (...argv: string[]) =>
        (
          JSON.parse((await cli.run('account', 'import', ...argv, '--json')).stdout) as {
            rows: { result: string }[]
          }
        ).rows.map(({ result }) => result)
      expect(await results(before)).toEqual(['unchanged', 'unchanged'])
      const after = file(
        'after.csv',
        `${head}impsame,Sam Roy,sam@exemple.ca\nimpchanged,Luc Côté,luc@exemple.ca\n`,
      )
      expect(await results(after)).toEqual(['unchanged', 'cip-taken'])
      await cli.expectRefused(['account', 'import', after, '--update'], /add --reason/)
      expect(await results(after, '--update', ...BECAUSE, '--dry-run')).toEqual(['unchanged', 'would-update'])
      expect((await idp.account('impchanged')).name).toBe('Luc Roy')
      expect((await cli.run('account', 'import', after, '--update', ...BECAUSE)).stdout).toBe(
        'updated: 1\nunchanged: 1\n',
      )
      expect((await idp.account('impchanged')).name).toBe('Luc Côté')
      expect(await idp.db('audit_events').orderBy('sequence', 'desc').first()).toMatchObject({
        event: 'account.updated',
        cip: 'impchanged',
        reason: 'appel du 24 novembre',
      })
    })

    test('at a keyboard one line shows how far it is, and none where JSON is wanted', async () => {
      const csv = file('seen.csv', 'cip,name,email\nimpseen,Sam Roy,sam@exemple.ca\n')
      const seated = createCli({ MASTER_KEYS: entry('test', KEY), DATABASE_URL: idp.config.databaseUrl })
      seated.sitDown()
      expect(await seated.run('account', 'import', csv)).toEqual({
        code: 0,
        stdout: 'created: 1\n',
        stderr: '\r1 of 1 rows\n',
      })
      expect(await seated.json('account', 'import', csv)).toMatchObject({ rows: [{ result: 'unchanged' }] })
    })

    test('until its mail has its turn the account says so, and has no password', async () => {
      await cli.json(
        'account',
        'import',
        file('turn.csv', 'cip,name,email\nimpturn,Sam Roy,sam@exemple.ca\n'),
      )
      expect(await cli.json('account', 'show', 'impturn')).toMatchObject({
        password: { state: 'none', setAt: null, expiresAt: null },
        passwordPendingSince: expect.stringMatching(/Z$/),
        mails: [],
      })
      expect((await cli.run('account', 'show', 'impturn')).stdout).toMatch(
        /^Password +none yet: its mail waits for its turn, since \d{4}-/m,
      )
      expect((await cli.run('doctor')).stdout).toMatch(/outbox: .* of \d+ people? the first password waits/)
      await idp.readMail()
      expect(await cli.json('account', 'show', 'impturn')).toMatchObject({
        password: { state: 'temporary' },
        passwordPendingSince: null,
        mails: [{ kind: 'account-created', state: 'sent' }],
      })
    })
  })

  test('sign-out ends every session', async () => {
    const person = await idp.createPerson()
    const { browser } = await enrolFirst(idp, rp, person)
    await browser.open(rp.begin({ prompt: 'none' }).url)
    expect(new URL(browser.shown.url).searchParams.get('code')).not.toBeNull()
    expect(await cli.json('account', 'sign-out', person.cip, ...BECAUSE)).toEqual({
      cip: person.cip,
      sessions: 1,
      applications: [],
    })
    await browser.open(rp.begin({ prompt: 'none' }).url)
    expect(new URL(browser.shown.url).searchParams.get('error')).toBe('login_required')
    expect(await idp.db('audit_events').orderBy('sequence', 'desc').first()).toMatchObject({
      event: 'session.ended',
      cip: person.cip,
      reason: 'appel du 24 novembre',
    })
  })

  test('consents shows what was allowed, revoke-consent takes it back', async () => {
    const { cip } = await idp.createPerson()
    const account = await idp.account(cip)
    expect((await cli.run('account', 'consents', cip)).stdout).toBe(
      `${cip} has allowed nothing to any application.\n`,
    )
    await registerRelyingParty(idp, { client_id: 'tiers', consent: 'ask' })
    const granted = {
      scopes: ['openid', 'profile'],
      claims: ['email'],
      apis: { 'https://api.exemple.ca': ['horaire'] },
    }
    await idp.services.consents.give(account, 'tiers', granted, { name: `cip:${cip}`, clientAddress: 'test' })
    expect(await cli.json('account', 'consents', cip)).toEqual([
      { client_id: 'tiers', grantedAt: expect.stringMatching(/Z$/), ...granted },
    ])
    expect((await cli.run('account', 'consents', cip)).stdout).toMatch(
      /\ntiers +\d.* openid profile email https:\/\/api\.exemple\.ca \(horaire\)\n$/,
    )
    await cli.expectRefused(
      ['account', 'revoke-consent', cip, 'autre', ...BECAUSE],
      /has allowed nothing to "autre"/,
    )
    expect(await cli.json('account', 'revoke-consent', cip, 'tiers', ...BECAUSE)).toEqual({
      cip,
      client_id: 'tiers',
      revoked: true,
    })
    expect(await idp.db('audit_events').orderBy('sequence', 'desc').first()).toMatchObject({
      event: 'consent.revoked',
      cip,
      reason: 'appel du 24 novembre',
    })
    expect(await cli.json('account', 'consents', cip)).toEqual([])
  })

  test('whoever looks at somebody is recorded, with a reason where one is given', async () => {
    const { cip } = await idp.createPerson()
    await cli.run('account', 'show', cip)
    await cli.run('account', 'show', cip, ...BECAUSE)
    await cli.run('account', 'consents', cip)
    await cli.run('account', 'list', ...BECAUSE)
    const rows: StoredAuditEvent[] = await idp.db('audit_events').orderBy('sequence', 'desc').limit(4)
    expect(rows.map((row) => [row.event, row.cip, row.reason])).toEqual([
      ['accounts.listed', null, BECAUSE[1]],
      ['account.viewed', cip, null],
      ['account.viewed', cip, BECAUSE[1]],
      ['account.viewed', cip, null],
    ])
  })

  test('erase removes the person, and asks first at a keyboard', async () => {
    const { cip } = await idp.createPerson()
    cli.sitDown()
    await cli.expectRefused(['account', 'erase', cip, ...BECAUSE], /add --yes to erase it/)
    expect(await cli.json('account', 'erase', cip, '--yes', ...BECAUSE)).toEqual({ cip, erased: true })
    await cli.expectRefused(['account', 'show', cip], /no account has the CIP/)
    expect(await cli.json<Event[]>('audit', 'list', '--cip', cip, '--limit', '1')).toMatchObject([
      { event: 'account.erased', reason: BECAUSE[1] },
    ])
  })

  test.each([
    ['erase', []],
    ['sign-out', []],
    ['revoke-consent', ['tiers']],
  ])('%s needs a reason and an account', async (act, more) => {
    await cli.expectRefused(
      ['account', act, 'nobody', ...more],
      /required option '--reason <text>' not specified/,
      2,
    )
    await cli.expectRefused(
      ['account', act, 'nobody', ...more, ...BECAUSE],
      /no account has the CIP "nobody"/,
    )
  })

  test('keys rotate publishes new signing keys a day before they sign', async () => {
    const before = await kids()
    const earliest = Date.now() + 24 * 60 * MINUTE
    const rotated = await cli.json<{ signsFrom: string; signingKeys: { kid: string; family: string }[] }>(
      'keys',
      'rotate',
    )
    expect(Date.parse(rotated.signsFrom)).toBeGreaterThanOrEqual(earliest - 1000) // told in seconds
    expect(Date.parse(rotated.signsFrom)).toBeLessThanOrEqual(Date.now() + 24 * 60 * MINUTE)
    expect(rotated.signingKeys.map(({ family }) => family).toSorted()).toEqual(['ES256', 'EdDSA', 'RSA'])
    await idp.app.refreshKeys()
    expect(await kids()).toEqual(new Set([...before, ...rotated.signingKeys.map(({ kid }) => kid)]))
    const person = await idp.createPerson()
    const { callback, verifier } = await enrolFirst(idp, rp, person)
    expect(before.has(kidOf((await rp.tokens(callback, verifier)).id_token))).toBe(true)
  })

  test('keys rotate --urgent signs with new keys at once and withdraws the old ones', async () => {
    const before = await kids()
    const rotated = await cli.json<{ signingKeys: { kid: string }[] }>(
      'keys',
      'rotate',
      '--urgent',
      '--reason',
      'clé volée',
    )
    await idp.app.refreshKeys()
    const now = await kids()
    expect([...now].filter((kid) => before.has(kid))).toEqual([])
    const person = await idp.createPerson()
    const { callback, verifier } = await enrolFirst(idp, rp, person)
    expect(rotated.signingKeys.map(({ kid }) => kid)).toContain(
      kidOf((await rp.tokens(callback, verifier)).id_token),
    )
    expect(
      await idp.db('audit_events').where({ event: 'signing-key.created', reason: 'clé volée' }),
    ).toHaveLength(3)
  })

  async function kids(): Promise<Set<string>> {
    const { keys } = (await (await fetch(`${idp.url}/jwks`)).json()) as { keys: { kid: string }[] }
    return new Set(keys.map(({ kid }) => kid))
  }

  const kidOf = (jwt: string): string =>
    (JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid
})

describe('a change of master key', () => {
  test('goes through while people sign in, and the old key can go', async () => {
    const idp = await startIdp({ settings: { MASTER_KEYS: entry('old', KEY) } })
    const rp = await registerRelyingParty(idp, { subject_type: 'pairwise' })
    const cli = createCli({
      MASTER_KEYS: entry('old', KEY),
      DATABASE_URL: idp.config.databaseUrl,
      ISSUER_URL: idp.url,
    })
    const settle = async (masterKeys: string) => {
      cli.set({ MASTER_KEYS: masterKeys })
      await idp.restart({ MASTER_KEYS: masterKeys })
    }
    type Keys = { masterKeys: { id: string; writes: boolean; dependents: Record<string, number> }[] }
    const dependents = async () =>
      Object.fromEntries(
        (await cli.json<Keys>('keys', 'list')).masterKeys.map((key) => [key.id, key.dependents]),
      )

    const marie = await idp.createPerson()
    const away = await idp.createPerson()
    await cli.json('account', 'activation-code', marie.cip, ...BECAUSE)
    const { browser, phone, callback, verifier } = await enrolFirst(idp, rp, marie)
    const silently = async () =>
      new URL((await browser.open(rp.begin({ prompt: 'none' }).url)).url).searchParams
    const { sub } = claimsOf((await rp.tokens(callback, verifier)).id_token)
    await cli.expectRefused(['keys', 'retire-master', 'old'], /"old" is the key that writes/)

    await settle(`${entry('new', OTHER_KEY)},${entry('old', KEY)}`)
    await cli.expectRefused(
      ['keys', 'retire-master', 'old'],
      /"old" still holds .*1 second-factor.*: run `keys rotate-master` first/,
    )
    const { key, resealed } = await cli.json<{ key: string; resealed: Record<string, number> }>(
      'keys',
      'rotate-master',
    )
    expect(key).toBe('new')
    expect(resealed).toMatchObject({ 'second-factor': 1, 'signing-key': 3, 'client-secret': 1 })
    // The passwords
    expect(Object.values((await dependents())['old'] ?? {}).filter((count) => count > 0)).toEqual([2])
    expect((await cli.run('keys', 'rotate-master')).stdout).toMatch(
      /^Sealed again under "new":\nsecond-factor +0\n/,
    )

    expect((await silently()).get('code')).not.toBeNull() // her session goes on
    clock.nextStep()
    expect((await idp.account(marie.cip)).passwordHash).toMatch(/^v2\$old\$/)
    const access = await signIn(rp, marie, phone, new Browser(idp))
    expect(claimsOf((await rp.tokens(access.callback, access.verifier)).id_token)['sub']).toBe(sub)
    expect((await idp.account(marie.cip)).passwordHash).toMatch(/^v2\$new\$/)

    await cli.expectRefused(['keys', 'retire-master', 'old'], /1 passwords still depend on "old"/)
    await cli.json('account', 'activation-code', away.cip, ...BECAUSE) // under the key that stays
    await cli.expectRefused(
      ['keys', 'retire-master', 'old', '--with-passwords'],
      /end with "old": sessions 1, refresh tokens 0, activation codes 1, known browsers 1\..*--with-sessions/,
    )
    expect(await cli.json('keys', 'retire-master', 'old', '--with-passwords', '--with-sessions')).toEqual({
      id: 'old',
      retired: true,
      passwordsGivenUp: 1,
      ended: { sessions: 1, refreshTokens: 0, activationCodes: 1, knownBrowsers: 1 },
    })
    const [retired] = await idp.db('audit_events').where({ event: 'keys.retired' })
    expect(JSON.parse((retired as { details: string }).details)).toMatchObject({ key: 'old', sessions: 1 })
    await cli.expectRefused(
      ['keys', 'retire-master', 'old', '--with-passwords', '--with-sessions'],
      /this database knows no master key "old"/,
    )

    await settle(entry('new', OTHER_KEY))
    expect((await silently()).get('error')).toBe('login_required')
    clock.nextStep()
    const later = await signIn(rp, marie, phone, new Browser(idp))
    expect(claimsOf((await rp.tokens(later.callback, later.verifier)).id_token)['sub']).toBe(sub)
    expect(await idp.readMail()).not.toEqual([])
    const refused = new Browser(idp)
    await givePassword(refused, rp, away)
    expect(refused.shown.status).toBe(422)
    const { temporaryPassword } = await cli.json<{ temporaryPassword: string }>(
      'account',
      'reset-password',
      away.cip,
      '--print-password',
      ...BECAUSE,
    )
    await givePassword(refused, rp, { ...away, password: temporaryPassword })
    expect(refused.step()).toBe('change-password')

    await cli.expectRefused(['audit', 'verify'], /event 1 cannot be verified.*--retired-keys/)
    expect(
      await cli.json('audit', 'verify', '--retired-keys', file('old.keys', `${entry('old', KEY)}\n`)),
    ).toMatchObject({ ok: true })
    await cli.expectRefused(
      ['audit', 'verify', '--retired-keys', file('wrong.keys', entry('old', THIRD_KEY))],
      /event 1 is altered/,
    )
    for (const path of [join(folder, 'nowhere.keys'), file('no.keys', 'old:short')])
      await cli.expectRefused(
        ['audit', 'verify', '--retired-keys', path],
        /does not hold entries of MASTER_KEYS/,
      )

    expect(unexpectedFailures(idp)).toEqual([])
    await expect(idp.restart({ MASTER_KEYS: entry('new', THIRD_KEY) })).rejects.toThrow(
      /^MASTER_KEYS holds another key under the id "new" than the one this database was sealed with$/,
    )
    await idp.stop()
  })

  test('a key that a command has marked again after it left can leave again, without it', async () => {
    const database = await createMigratedDatabase('sqlite')
    const cli = createCli({
      DATABASE_URL: database.url,
      MASTER_KEYS: `${entry('new', OTHER_KEY)},${entry('old', KEY)}`,
    })
    await cli.run('keys', 'list')
    expect(await cli.json('keys', 'retire-master', 'old')).toMatchObject({ retired: true })
    await cli.run('keys', 'list')
    cli.set({ MASTER_KEYS: entry('new', OTHER_KEY) })
    await cli.expectRefused(['keys', 'list'], /MASTER_KEYS lacks "old".*keys retire-master old/)
    expect(await cli.json('keys', 'retire-master', 'old')).toMatchObject({ retired: true })
    expect(await cli.json('keys', 'list')).toMatchObject({ masterKeys: [{ id: 'new', writes: true }] })
    cli.set({ MASTER_KEYS: entry('new', THIRD_KEY) })
    await cli.expectRefused(['keys', 'retire-master', 'old'], /another key under the id "new"/)
    await database.remove()
  })
})

describe('without a provider', () => {
  let database: TestDatabase
  let cli: Cli
  beforeEach(async () => {
    database = await createMigratedDatabase('sqlite')
    cli = createCli({ MASTER_KEYS: entry('test', KEY), DATABASE_URL: database.url })
  })
  afterEach(() => database.remove())

  async function inDatabase<T>(work: (db: Knex) => Promise<T>): Promise<T> {
    const db = connectDatabase(database.url)
    try {
      return await work(db)
    } finally {
      await db.destroy()
    }
  }

  describe('client create', () => {
    const PAIE = ['client', 'create', 'paie', '--redirect-uri', 'https://paie.exemple.ca/cb']

    test('takes the further options', async () => {
      await cli.json(
        ...PAIE,
        '--name',
        'La paie',
        '--client-name-en',
        'Payroll',
        '--consent',
        'ask',
        '--scope',
        'openid',
        'cip',
        '--scope',
        'email',
        'groups',
        '--id-token-claim',
        'email',
        'roles',
        '--groups-claim',
        'roles',
        '--groups-filter',
        'paie-*',
        '--required-group',
        'paie-agents',
        'paie-chefs',
        '--backchannel-logout-uri',
        'https://paie.exemple.ca/logout',
        '--allowed-origin',
        'https://paie.exemple.ca',
        '--default-max-age',
        '3600',
        '--subject-type',
        'pairwise',
        '--id-token-alg',
        'ES256',
      )
      expect(await cli.json('client', 'show', 'paie')).toMatchObject({
        'client_name': 'La paie',
        'client_name#en': 'Payroll',
        'consent': 'ask',
        'scope': 'openid cip email groups',
        'id_token_claims': ['email', 'roles'],
        'groups_claim': 'roles',
        'groups_filter': ['paie-*'],
        'required_groups': ['paie-agents', 'paie-chefs'],
        'backchannel_logout_uri': 'https://paie.exemple.ca/logout',
        'allowed_origins': ['https://paie.exemple.ca'],
        'default_max_age': 3600,
        'subject_type': 'pairwise',
        'id_token_signed_response_alg': 'ES256',
      })
    })

    test.each([
      [
        'an algorithm that is none',
        ['--id-token-alg', 'none'],
        /Allowed choices are RS256, PS256, ES256, EdDSA/,
        2,
      ],
      ['a shared secret as signing key', ['--id-token-alg', 'HS256'], /Allowed choices are/, 2],
      ['an unknown consent', ['--consent', 'never'], /Allowed choices are ask, skip/, 2],
      ['an unknown subject type', ['--subject-type', 'cip'], /Allowed choices are public, pairwise/, 2],
      ['an age that is no number', ['--default-max-age', 'soon'], /It must be a whole number/, 2],
      [
        'a scope that nobody knows',
        ['--scope', 'openid', 'salary'],
        /scope: there is no scope "salary", only openid, /,
        1,
      ],
      [
        'a sign-out address in clear',
        ['--backchannel-logout-uri', 'http://paie.exemple.ca/logout'],
        /backchannel_logout_uri: must be https/,
        1,
      ],
      [
        'an origin with a path',
        ['--allowed-origin', 'https://paie.exemple.ca/app'],
        /allowed_origins, number 1: must be a web origin/,
        1,
      ],
      [
        'pairwise subjects over two hosts',
        ['--redirect-uri', 'https://autre.exemple.ca/cb', '--subject-type', 'pairwise'],
        /sector_identifier_uri/,
        1,
      ],
    ])('%s is refused in one line', async (_what, options, message, code) => {
      expect(await cli.expectRefused([...PAIE, ...options], message, code)).toBe('')
      expect(await cli.json('client', 'list')).toEqual([])
    })
  })

  test('client rotate-secret prints another secret once', async () => {
    const create = ['client', 'create', 'paie', '--redirect-uri', 'https://paie.exemple.ca/cb']
    const first = await cli.json<{ client_secret: string }>(...create)
    const second = await cli.json<{ client_secret: string }>('client', 'rotate-secret', 'paie')
    expect(second).toEqual({ client_id: 'paie', client_secret: expect.stringMatching(/^[\w-]{43}$/) })
    expect(second.client_secret).not.toBe(first.client_secret)
    expect((await cli.run('client', 'rotate-secret', 'paie')).stdout).toMatch(
      /^client_id +paie\nclient_secret +[\w-]{43}\nThe secret is not shown again\.\n$/,
    )
    await cli.expectRefused(['client', 'rotate-secret', 'nothing'], /no client/)
    await cli.run('client', 'create', 'mobile', '--redirect-uri', 'https://m.exemple.ca/cb', '--public')
    await cli.expectRefused(['client', 'rotate-secret', 'mobile'], /"mobile" has no secret/)
  })

  describe('client update', () => {
    const PAIE = [
      'client',
      'create',
      'paie',
      '--name',
      'Paie',
      '--redirect-uri',
      'https://paie.exemple.ca/cb',
    ]

    test('changes one thing, leaves the rest, and the audit log has before and after', async () => {
      await cli.json(...PAIE, '--scope', 'openid', 'cip', '--pkce', 'optional')
      const before = await cli.json<object>('client', 'show', 'paie')
      const moved = ['--redirect-uri', 'https://paie.exemple.ca/a', 'https://paie.exemple.ca/b']
      const change = {
        before: ['https://paie.exemple.ca/cb'],
        after: ['https://paie.exemple.ca/a', 'https://paie.exemple.ca/b'],
      }
      expect(await cli.json('client', 'update', 'paie', ...moved, '--reason', 'nouveau serveur')).toEqual({
        client_id: 'paie',
        result: 'changed',
        changes: { redirect_uris: change },
      })
      expect(await cli.json('client', 'show', 'paie')).toEqual({ ...before, redirect_uris: change.after })
      const events = await cli.json<{ event: string; details: string; reason: string }[]>('audit', 'list')
      const { details, reason } = events.find(({ event }) => event === 'client.changed') ?? {}
      expect({ reason, details: JSON.parse(details ?? '') }).toEqual({
        reason: 'nouveau serveur',
        details: {
          client: 'paie',
          changed: 'redirect_uris',
          before: JSON.stringify({ redirect_uris: change.before }),
          after: JSON.stringify({ redirect_uris: change.after }),
        },
      })
    })

    test('says what it did as apply does, and « unchanged » when nothing is new', async () => {
      await cli.json(...PAIE)
      const update = ['client', 'update', 'paie', '--name', 'La paie']
      expect((await cli.run(...update)).stdout).toBe(
        'paie: changed\n  - client_name: "Paie"\n  + client_name: "La paie"\n',
      )
      expect((await cli.run(...update)).stdout).toBe('paie: unchanged\n')
    })

    test('--unset takes a member back to its default', async () => {
      await cli.json(...PAIE)
      const before = await cli.json('client', 'show', 'paie')
      const notices = ['--backchannel-logout-uri', 'https://paie.exemple.ca/notice']
      await cli.json(
        'client',
        'update',
        'paie',
        '--sign-in-every-time',
        '--client-name-en',
        'Pay',
        ...notices,
      )
      const unset = ['sign_in_every_time', 'client_name#en', 'backchannel_logout_uri']
      await cli.json('client', 'update', 'paie', '--unset', ...unset)
      expect(await cli.json('client', 'show', 'paie')).toEqual(before)
    })

    test('other grants bring what follows from them', async () => {
      await cli.json('api', 'create', 'https://api.exemple.ca', '--name', 'API', '--scope', 'lire')
      await cli.json(...PAIE)
      const apis = file('apis.json', JSON.stringify({ apis: { 'https://api.exemple.ca': ['lire'] } }))
      await cli.json('client', 'update', 'paie', '--grant', 'client_credentials', '--metadata', apis)
      expect(await cli.json('client', 'show', 'paie')).toMatchObject({ response_types: [] })
      await cli.json('client', 'update', 'paie', '--grant', 'authorization_code')
      expect(await cli.json('client', 'show', 'paie')).toMatchObject({ response_types: ['code'] })
    })

    test('a client that begins to need a secret gets one, shown once; one that needs none loses it', async () => {
      await cli.json(...PAIE, '--public')
      const update = ['client', 'update', 'paie', '--auth-method', 'client_secret_basic']
      expect(await cli.json(...update)).toMatchObject({ client_secret: expect.stringMatching(/^[\w-]{43}$/) })
      expect(await cli.json('client', 'update', 'paie', '--public')).not.toHaveProperty('client_secret')
      await inDatabase(async (db) => {
        expect((await createStore(db).clients.find('paie'))?.sealedSecret).toBeNull()
      })
    })

    test.each([
      ['a client that nobody registered', ['inconnu', '--name', 'x'], /no client "inconnu"/],
      ['no change at all', ['paie'], /nothing to change/],
      [
        'a member that the record lacks',
        ['paie', '--unset', 'pkcee'],
        /pkcee: the record has no such member/,
      ],
      [
        'the last way back',
        ['paie', '--unset', 'redirect_uris'],
        /redirect_uris: must name at least one address/,
      ],
      [
        'what create would refuse',
        ['paie', '--redirect-uri', 'http://p.exemple.ca/'],
        /redirect_uris, number 1/,
      ],
    ])('%s is refused, and nothing changes', async (_what, argv, message) => {
      await cli.json(...PAIE)
      const before = await cli.json('client', 'list')
      await cli.expectRefused(['client', 'update', ...argv], message)
      expect(await cli.json('client', 'list')).toEqual(before)
    })
  })

  test('what client show --json prints goes through client apply as it is', async () => {
    const uri = 'https://paie.exemple.ca/cb'
    await cli.json('client', 'create', 'paie', '--redirect-uri', uri, '--backchannel-logout-uri', uri)
    await cli.json('client', 'create', 'mobile', '--native')
    for (const id of ['paie', 'mobile']) {
      const shown = (await cli.run('client', 'show', id, '--json')).stdout
      const path = file('shown.json', shown)
      expect(await cli.json('client', 'apply', path)).toEqual([
        { client_id: id, result: 'unchanged', changes: {} },
      ])
      await cli.run('client', 'remove', id)
      expect(await cli.json('client', 'apply', path)).toMatchObject([{ client_id: id, result: 'created' }])
      expect(await cli.json('client', 'show', id)).toEqual(JSON.parse(shown))
    }
  })

  test('client create --native: any loopback port, no secret, unless options say otherwise', async () => {
    expect(await cli.json('client', 'create', 'mobile', '--native')).toEqual({ client_id: 'mobile' })
    expect(await cli.json('client', 'show', 'mobile')).toMatchObject({
      application_type: 'native',
      token_endpoint_auth_method: 'none',
      redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
      pkce: 'required',
    })
    const uri = 'ca.exemple.horaire:/callback'
    const scheme = ['--redirect-uri', uri, '--private-use-scheme', 'ca.exemple.horaire']
    const secret = ['--auth-method', 'client_secret_basic']
    expect(await cli.json('client', 'create', 'phone', '--native', ...scheme, ...secret)).toHaveProperty(
      'client_secret',
    )
    expect(await cli.json('client', 'show', 'phone')).toMatchObject({
      redirect_uris: [uri],
      private_use_schemes: ['ca.exemple.horaire'],
    })
  })

  describe('client apply', () => {
    const YAML = `
clients:
  - client_id: paie
    client_name: La paie
    client_name#en: Payroll
    redirect_uris: [https://paie.exemple.ca/cb]
  - client_id: mobile
    redirect_uris:
      - https://mobile.exemple.ca/cb
    token_endpoint_auth_method: none
`
    type Entry = {
      client_id: string
      result: string
      changes: Record<string, unknown>
      client_secret?: string
    }

    test('creates what is missing, changes what differs, leaves the rest, and prints new secrets once', async () => {
      const path = file('clients.yaml', YAML)
      const [paie, mobile] = await cli.json<Entry[]>('client', 'apply', path)
      expect(paie).toMatchObject({
        client_id: 'paie',
        result: 'created',
        client_secret: expect.stringMatching(/^[\w-]{43}$/),
      })
      expect(mobile).not.toHaveProperty('client_secret')
      expect(await cli.json<Entry[]>('client', 'apply', path)).toEqual([
        { client_id: 'paie', result: 'unchanged', changes: {} },
        { client_id: 'mobile', result: 'unchanged', changes: {} },
      ])
      const changed = file(
        'changed.yaml',
        YAML.replace('La paie', 'Paie').replace('    client_name#en: Payroll\n', ''),
      )
      expect((await cli.run('client', 'apply', changed)).stdout).toBe(
        'paie: changed\n  - client_name: "La paie"\n  + client_name: "Paie"\n  - client_name#en: "Payroll"\nmobile: unchanged\n',
      )
      expect(await cli.json('client', 'show', 'paie')).toMatchObject({ client_name: 'Paie' })
    })

    test('a client that the file does not name is left alone', async () => {
      await cli.run('client', 'create', 'other', '--redirect-uri', 'https://o.exemple.ca/cb')
      await cli.run('client', 'apply', file('clients.yaml', YAML))
      expect(await cli.json('client', 'list')).toHaveLength(3)
    })

    test('takes JSON, a list alone, and a client that begins to need a secret', async () => {
      const record = {
        client_id: 'mobile',
        redirect_uris: ['https://m.exemple.ca/cb'],
        token_endpoint_auth_method: 'none',
      }
      await cli.json('client', 'apply', file('clients.json', JSON.stringify([record])))
      const confidential = file(
        'confidential.json',
        JSON.stringify([{ ...record, token_endpoint_auth_method: 'client_secret_post' }]),
      )
      const { stdout } = await cli.run('client', 'apply', confidential)
      expect(stdout).toMatch(
        /^mobile: changed\n {2}- token_endpoint_auth_method: "none"\n {2}\+ token_endpoint_auth_method: "client_secret_post"\n {2}client_secret {2}[\w-]{43}\n {2}The secret is not shown again\.\n$/,
      )
    })

    test('a dry run shows the differences and changes nothing', async () => {
      const path = file('clients.yaml', YAML)
      expect((await cli.run('client', 'apply', path, '--dry-run')).stdout).toMatch(
        /^A dry run: nothing is changed\.\npaie: created\n(.*\n)* {2}\+ client_name: "La paie"\n/,
      )
      const [paie] = await cli.json<Entry[]>('client', 'apply', path, '--dry-run')
      expect(paie).toMatchObject({ result: 'created', changes: { client_name: { after: 'La paie' } } })
      expect(paie).not.toHaveProperty('client_secret')
      expect(await cli.json('client', 'list')).toEqual([])
    })

    test.each([
      [
        'one bad record among good ones',
        YAML.replace('https://mobile', 'http://mobile'),
        /mobile: redirect_uris, number 1: must be https/,
      ],
      ['a record without id', '- client_name: x', /record 1: client_id/],
      ['a client named twice', '[{client_id: a}, {client_id: a}]', /client "a" stands twice/],
      [
        'a secret in the file',
        YAML.replace('client_name: La paie', 'client_secret: canary-chosen-by-somebody'),
        /client_secret: is made here and cannot be given/,
      ],
      ['a broken file', 'clients: [canary, {', /is neither YAML nor JSON/],
      ['a list of something else', '- canary', /holds no list of client records/],
      ['a text', 'canary', /holds no list of client records/],
      ['an empty file', '', /holds no list of client records/],
    ])('%s is refused whole, in one line', async (_what, content, message) => {
      const { code, stdout, stderr } = await cli.run('client', 'apply', file('bad.yaml', content))
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
      expect(stderr).toMatch(message)
      expect(stderr).toMatch(/^error: [^\n]+\n$/)
      expect(stderr).not.toContain('canary')
      expect(await cli.json('client', 'list')).toEqual([])
    })

    test('a file that is not there is said in one line', async () => {
      await cli.expectRefused(['client', 'apply', join(folder, 'nowhere.yaml')], /cannot be read/)
    })
  })

  describe('api', () => {
    const CREATE = [
      'api',
      'create',
      'https://api.exemple.ca',
      '--name',
      'Horaires',
      '--scope',
      'lire',
      'ecrire',
      '--scope',
      'lire',
    ]
    const API = {
      indicator: 'https://api.exemple.ca',
      name: 'Horaires',
      scopes: ['lire', 'ecrire'],
      tokenSeconds: 300,
      tokenFormat: 'jwt',
    }

    test('create, list and remove', async () => {
      expect((await cli.run('api', 'list')).stdout).toBe('There is no API yet.\n')
      expect(await cli.json(...CREATE)).toEqual(API)
      expect(await cli.json('api', 'list')).toEqual([API])
      expect((await cli.run('api', 'list')).stdout).toMatch(
        /\nhttps:\/\/api\.exemple\.ca +Horaires +lire ecrire +300 s +jwt\n$/,
      )
      await cli.expectRefused(CREATE, /API "https:\/\/api\.exemple\.ca" exists already/)
      expect(await cli.json('api', 'remove', 'https://api.exemple.ca')).toEqual({
        indicator: 'https://api.exemple.ca',
        removed: true,
      })
      await cli.expectRefused(['api', 'remove', 'https://api.exemple.ca'], /no API has the indicator/)
    })

    test('credentials make it a client that introspects, and no other', async () => {
      const credentials = ['api', 'credentials', 'https://api.exemple.ca', 'horaires-api']
      await cli.expectRefused(credentials, /no API has the indicator/)
      await cli.run(...CREATE, '--token-format', 'opaque')
      expect(await cli.json(...credentials)).toEqual({
        client_id: 'horaires-api',
        client_secret: expect.stringMatching(/^[\w-]{43}$/),
      })
      expect(await cli.json('client', 'show', 'horaires-api')).toMatchObject({
        resource_server: 'https://api.exemple.ca',
        grant_types: [],
      })
      await cli.expectRefused(credentials, /client "horaires-api" exists already/)
    })

    test('remove at a keyboard asks for --yes', async () => {
      await cli.run(...CREATE)
      cli.sitDown()
      await cli.expectRefused(['api', 'remove', 'https://api.exemple.ca'], /add --yes/)
      expect((await cli.run('api', 'remove', 'https://api.exemple.ca', '--yes')).code).toBe(0)
    })

    test.each([
      [
        'an indicator that is no address',
        ['api', 'create', 'horaires', '--name', 'H', '--scope', 's'],
        /indicator: /,
        1,
      ],
      [
        'a scope of two words',
        ['api', 'create', 'https://a.exemple.ca', '--name', 'H', '--scope', 'a b'],
        /scopes\.0: is no scope/,
        1,
      ],
      [
        'a token that lives too long',
        [...CREATE, '--token-seconds', '301'],
        /It must be a whole number from 30 to 300/,
        2,
      ],
      [
        'no scope',
        ['api', 'create', 'https://a.exemple.ca', '--name', 'H'],
        /required option '--scope <scope...>'/,
        2,
      ],
    ])('%s is refused', async (_what, argv, message, code) => {
      await cli.expectRefused(argv, message, code)
      expect(await cli.json('api', 'list')).toEqual([])
    })
  })

  describe('doctor', () => {
    type Report = {
      faults: number
      warnings: number
      checks: { check: string; state: string; detail: string }[]
    }

    async function states(): Promise<Record<string, string>> {
      const { stdout } = await cli.run('doctor', '--json')
      return Object.fromEntries(
        (JSON.parse(stdout) as Report).checks.map(({ check, state }) => [check, state]),
      )
    }

    async function listen(server: Pick<SMTPServer, 'listen'> | Server): Promise<number> {
      return new Promise((resolve) => {
        const listening = server.listen(0, '127.0.0.1', () =>
          resolve((listening.address() as AddressInfo).port),
        )
      })
    }

    test('finds a provider in order', async () => {
      const smtp = new SMTPServer({ authOptional: true, disabledCommands: ['STARTTLS'] })
      const port = await listen(smtp)
      cli.set({ ENROLMENT: 'activation-code', SMTP_URL: `smtp://127.0.0.1:${port}` })
      const idp = await startIdp({ databaseUrl: database.url, settings: { MASTER_KEYS: entry('test', KEY) } })
      await cli.run('backup', '--made-by', 'restic')
      const { code, stdout, stderr } = await cli.run('doctor')
      await idp.stop()
      await new Promise<void>((resolve) => smtp.close(() => resolve()))
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      expect(stdout.split('\n').map((line) => line.replace(/:.*/, ''))).toEqual([
        'ok       clock',
        'ok       configuration',
        'ok       certificate',
        'ok       database',
        'ok       migrations',
        'ok       room to write',
        'ok       master keys',
        'ok       account seals',
        'ok       signing keys',
        'ok       outbox',
        'ok       audit log',
        'ok       backup',
        'ok       relying parties',
        'ok       mail server',
        '',
      ])
    })

    test('a database that takes no change is a fault, although it answers (R6)', async () => {
      await inDatabase((db) =>
        db.raw(
          "CREATE TRIGGER full BEFORE UPDATE ON readiness BEGIN SELECT RAISE(ABORT, 'disk is full'); END",
        ),
      )
      const { code, stdout } = await cli.run('doctor')
      expect(code).toBe(1)
      expect(stdout).toMatch(/^fault {4}room to write: .*disk is full$/m)
    })

    test('seals that are not enforced are a warning', async () => {
      cli.set({ ACCOUNT_SEALS: 'write' })
      expect((await cli.run('doctor')).stdout).toMatch(
        /^warning {2}account seals: ACCOUNT_SEALS=write refuses nobody; all fit$/m,
      )
      await createMarie()
      await inDatabase((db) => db('accounts').update({ email: 'voleur@exemple.ca' }))
      expect((await cli.run('doctor')).stdout).toMatch(
        /^warning {2}account seals: .*tram1234 \(seal-broken\)/m,
      )
    })

    const createMarie = () =>
      cli.run('account', 'create', 'tram1234', '--name', 'Marie Tremblay', '--email', 'marie@exemple.ca')

    test('a fresh database has warnings and no fault', async () => {
      const report = await cli.json<Report>('doctor')
      expect(report).toMatchObject({ faults: 0, warnings: 4 })
      expect(await states()).toEqual({
        'clock': 'ok',
        'configuration': 'warning',
        'certificate': 'ok',
        'database': 'ok',
        'migrations': 'ok',
        'room to write': 'ok',
        'master keys': 'ok',
        'account seals': 'ok',
        'signing keys': 'warning',
        'outbox': 'ok',
        'audit log': 'ok',
        'backup': 'warning',
        'relying parties': 'ok',
        'mail server': 'warning',
      })
    })

    test('a stored record that would be refused today is named, and goes on working', async () => {
      await cli.run('client', 'create', 'paie', '--redirect-uri', 'https://paie.exemple.ca/cb')
      expect((await cli.run('doctor')).stdout).toMatch(/^ok {7}relying parties: 1 registered$/m)
      const old = {
        sign_in_everytime: true,
        redirect_uris: ['https://*.exemple.ca/cb', 'https://paie.exemple.ca/cb'],
      }
      await inDatabase(async (db) => {
        const { clients } = createStore(db)
        const metadata = JSON.parse((await clients.find('paie'))?.metadata ?? '') as object
        await clients.update('paie', { metadata: JSON.stringify({ ...metadata, ...old }) })
      })
      expect((await cli.run('doctor')).stdout).toMatch(
        /^warning {2}relying parties: paie: sign_in_everytime: there is no such member \(did you mean sign_in_every_time\?\); redirect_uris, number 1: /m,
      )
      const idp = await startIdp({ databaseUrl: database.url, settings: { MASTER_KEYS: entry('test', KEY) } })
      const query = new URLSearchParams({
        client_id: 'paie',
        response_type: 'code',
        redirect_uri: 'https://paie.exemple.ca/cb',
        scope: 'openid',
        code_challenge: 'E9Melhoa2OwvFrEGTJguCHaoeK1t8URWBuGJSstw-cM',
        code_challenge_method: 'S256',
      })
      const browser = new Browser(idp)
      await browser.open(`/auth?${query.toString()}`)
      expect(browser.step()).toBe('password')
      await idp.stop()
    })

    test('signing keys rotated before the first start sign from the start', async () => {
      await cli.json('keys', 'rotate')
      const { signingKeys } = await cli.json<{ signingKeys: { signsFrom: string }[] }>('keys', 'list')
      expect(signingKeys.filter(({ signsFrom }) => Date.parse(signsFrom) <= clock.now())).toHaveLength(3)
      expect((await states())['signing keys']).toBe('ok')
    })

    test('a mail server that is away is a warning', async () => {
      const server = createServer()
      const port = await listen(server)
      await new Promise((resolve) => server.close(resolve))
      cli.set({ SMTP_URL: `smtp://operator:canary@127.0.0.1:${port}` })
      const { code, stdout } = await cli.run('doctor')
      expect(code).toBe(0)
      expect(stdout).toMatch(/^warning {2}mail server: it does not answer: .*ECONNREFUSED/m)
      expect(stdout).not.toContain('canary')
    })

    test('a mail that has waited for long is a warning', async () => {
      await createMarie()
      expect((await states())['outbox']).toBe('ok')
      clock.advance({ minutes: 16 })
      expect((await cli.run('doctor')).stdout).toMatch(
        /^warning {2}outbox: 1 waiting, the oldest since \d{4}-/m,
      )
    })

    test('an accent colour is told with its contrast; one that cannot be read is a fault', async () => {
      cli.set({ ACCENT_COLOUR: '#8b1a1a' })
      const contrast = String.raw`#[0-9a-f]{6} (?:reads )?at \d+\.\d : 1`
      expect((await cli.run('doctor')).stdout).toMatch(
        new RegExp(`^ok {7}accent colour: ${contrast}, in dark mode ${contrast}`, 'm'),
      )
      cli.set({ ACCENT_COLOUR: '#ff9900' })
      expect(await cli.expectRefused(['doctor'], /^error: faults: 1$/m)).toMatch(
        /^fault {4}configuration: ACCENT_COLOUR has a contrast of 1\.9 : 1 /m,
      )
    })

    test('faulty settings have a line each', async () => {
      cli.set({ MASTER_KEYS: '', ISSUER_URL: 'http://idp.exemple.ca' })
      const stdout = await cli.expectRefused(['doctor'], /^error: faults: 2$/m)
      expect(stdout).toMatch(/^fault {4}configuration: ISSUER_URL must be https/m)
      expect(stdout).toMatch(/^fault {4}configuration: MASTER_KEYS is missing/m)
    })

    test.each([
      [
        'a database that is away',
        async () => cli.set({ DATABASE_URL: 'postgres://idp:canary@127.0.0.1:1/idp' }),
        /^fault {4}database: the database cannot be reached/m,
      ],
      [
        'a database that others may read',
        async () => chmodSync(database.url.slice('sqlite:'.length), 0o644),
        /^fault {4}database: .* is open to others \(mode 644\): chmod 600 /m,
      ],
      [
        'a database without tables',
        async () => cli.set({ DATABASE_URL: `sqlite:${join(folder, 'fresh.db')}` }),
        /^fault {4}migrations: .*npm run cli -- migrate/m,
      ],
      [
        'another master key under the same id',
        usedKey,
        /^fault {4}master keys: MASTER_KEYS holds another key/m,
      ],
      ['a signing key that does not open', brokenSigningKey, /^fault {4}signing keys: /m],
      [
        'an account that was changed past this program',
        async () => {
          await createMarie()
          await inDatabase((db) => db('accounts').update({ email: 'voleur@exemple.ca' }))
        },
        /^fault {4}account seals: refused, changed past this program: tram1234 \(seal-broken\); see/m,
      ],
      [
        'an audit log without its head',
        () => inDatabase((db) => db('audit_head').delete()),
        /^fault {4}audit log: its head is missing/m,
      ],
      [
        'a head that does not fit',
        () => inDatabase((db) => db('audit_head').update({ sequence: 3, hash: 'x' })),
        /^fault {4}audit log: its head does not fit/m,
      ],
    ])('%s is a fault', async (_what, damage, line) => {
      await damage()
      const stdout = await cli.expectRefused(['doctor'], /^error: faults: 1$/m)
      expect(stdout).toMatch(line)
      expect(stdout).not.toContain('canary')
    })

    async function usedKey() {
      await cli.run('keys', 'list')
      cli.set({ MASTER_KEYS: entry('test', OTHER_KEY) })
    }

    async function brokenSigningKey() {
      const key = {
        kid: 'key-1',
        algorithm: 'RSA',
        sealedJwk: 'test.c2VhbGVk',
        createdAt: 1,
        signsFrom: 1,
        publishedUntil: null,
      }
      await inDatabase((db) => db('signing_keys').insert(key))
    }

    test('a clock that stands before the program was built is a fault', async () => {
      clock.advance({ days: -3650 })
      try {
        expect(await cli.expectRefused(['doctor'], /faults: 1/)).toMatch(
          /^fault {4}clock: it shows .*before this program was built/m,
        )
      } finally {
        clock.reset()
      }
    })

    test('changes nothing', async () => {
      await cli.run('doctor')
      expect(await inDatabase((db) => db('master_key_canaries'))).toEqual([])
      expect(await inDatabase((db) => db('signing_keys'))).toEqual([])
    })
  })
})
