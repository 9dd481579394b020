// docs/deploy/backup.md is run as it stands there: every block of shell, in its order, with its folders and
// programs put in a place of the test's. Only systemd is played.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../src/config/package-root.js'
import { startPostgres, type PostgresServer } from '../support/postgres-server.js'
import { describeWith } from '../support/requirements.js'
import { PROCESS_SETTINGS } from '../support/settings.js'

type Block = { language: string; text: string }

const PAGE = readFileSync(join(packageRoot(), 'docs', 'deploy', 'backup.md'), 'utf8')
const SECTIONS = new Map(
  PAGE.split('\n## ').map((section): [string, Block[]] => [
    section.split('\n')[0] ?? '',
    [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({
      language,
      text,
    })),
  ]),
)
const BACK_UP = 'SQLite: back up every five minutes'
const RESTORE = 'SQLite: restore'
const DUMP = 'PostgreSQL: back up by pg_dump'
const POINT_IN_TIME = 'PostgreSQL: to a point in time'

/** The blocks of a section in one language, in their order. */
const blocksOf = (title: string, language = 'sh'): string[] =>
  (SECTIONS.get(title) ?? []).filter((block) => block.language === language).map(({ text }) => text)

test('no section has commands that nobody runs', () => {
  const withBlocks = [...SECTIONS].filter(([, blocks]) => blocks.length > 0).map(([title]) => title)
  expect(withBlocks).toEqual([BACK_UP, RESTORE, DUMP, POINT_IN_TIME])
  expect([BACK_UP, RESTORE, DUMP, POINT_IN_TIME].map((title) => blocksOf(title).length)).toEqual([1, 3, 2, 4])
})

/** Folders of the page under one of ours, and its programs first on the path. */
function createPlace() {
  const folder = mkdtempSync(join(tmpdir(), 'laissez-passer-page-'))
  const made = (name: string): string => {
    mkdirSync(join(folder, name), { recursive: true, mode: 0o700 })
    return join(folder, name)
  }
  const bin = made('bin')
  chmodSync(folder, 0o755)
  chmodSync(bin, 0o755)
  symlinkSync(join(packageRoot(), 'src', 'laissez-passer.sh'), join(bin, 'laissez-passer'))
  const places: [from: string, to: string][] = [
    ['/var/backups/laissez-passer', made('backups')],
    ['/var/lib/laissez-passer', made('data')],
    ['/mnt/elsewhere', made('elsewhere')],
    ['/usr/local/sbin/laissez-passer-backup', join(bin, 'laissez-passer-backup')],
  ]
  const env: Record<string, string> = {
    ...PROCESS_SETTINGS,
    ISSUER_URL: 'http://localhost:3000',
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
  }
  const inPlace = (text: string): string =>
    places.reduce((result, [from, to]) => result.replaceAll(from, to), text)

  return {
    folder,
    places,
    env,
    made,
    inPlace,
    program: (name: string, text: string): void =>
      writeFileSync(join(bin, name), `#!/bin/sh\nset -eu\n${text}\n`, { mode: 0o755 }),
    run: (text: string, user?: { uid: number; gid: number }): string =>
      execFileSync('sh', ['-euc', inPlace(text)], { ...user, cwd: folder, env, encoding: 'utf8' }),
    list: (name: string): string[] => readdirSync(join(folder, name)).toSorted(),
    cips: (): string[] =>
      (
        JSON.parse(
          execFileSync('laissez-passer', ['account', 'list', '--json'], { env, encoding: 'utf8' }),
        ) as { cip: string }[]
      ).map(({ cip }) => cip),
    create(cip: string): void {
      const words = ['account', 'create', cip, '--name', 'Marie Tremblay', '--email', 'marie@exemple.ca']
      execFileSync('laissez-passer', words, { env })
    },
  }
}
type Place = ReturnType<typeof createPlace>

describe('SQLite, by the page', () => {
  let place: Place
  beforeAll(() => {
    place = createPlace()
    place.env['DATABASE_URL'] = place.inPlace('sqlite:/var/lib/laissez-passer/laissez-passer.db')
    place.program('systemctl', `echo "$@" >> ${join(place.folder, 'systemctl')}`)
    place.run('laissez-passer migrate')
  })
  afterAll(() => rmSync(place.folder, { recursive: true, force: true }))

  test('a backup, a loss, a restore', () => {
    place.create('tram1234')
    const [script = ''] = blocksOf(BACK_UP)
    writeFileSync(join(place.folder, 'bin', 'laissez-passer-backup'), place.inPlace(script), { mode: 0o755 })
    for (const [name, days] of [
      ['2020-01-01T000000Z.db', 3],
      ['2020-01-02T120000Z.db', 3],
      ['2020-01-03T001000Z.db', 16],
    ] as const) {
      writeFileSync(join(place.folder, 'backups', name), '')
      const then = Date.now() / 1000 - days * 86_400
      utimesSync(join(place.folder, 'backups', name), then, then)
    }
    place.run('laissez-passer-backup')
    expect(place.list('backups')).toEqual([
      '2020-01-01T000000Z.db',
      expect.stringMatching(/^20\d\d-\d\d-\d\dT\d{6}Z\.db$/),
    ])
    place.create('roys4567')
    place.run('laissez-passer audit export > /mnt/elsewhere/audit.jsonl')

    const [stop = '', restore = '', start = ''] = blocksOf(RESTORE)
    place.run(stop)
    const said = place.run(restore)
    place.run(start)
    expect(said).toMatch(/account\.created +roys4567 +account create roys4567/)
    expect(said).toMatch(/All \d+ events fit together/)
    expect(place.cips()).toEqual(['tram1234'])
    expect(place.list('data')).toContain('lost')
    expect(readFileSync(join(place.folder, 'systemctl'), 'utf8')).toBe(
      'stop laissez-passer\nstart laissez-passer\n',
    )
  })
})

describeWith(['systemd-analyze'], 'systemd, by the page', () => {
  test('the units of systemd are in order', () => {
    const [service = '', timer = ''] = blocksOf(BACK_UP, 'ini')
    const place = createPlace()
    place.program('laissez-passer-backup', 'true')
    const units = place.made('units')
    const names = ['laissez-passer-backup.service', 'laissez-passer-backup.timer']
    for (const [index, unit] of [service, timer].entries())
      writeFileSync(
        join(units, names[index] ?? ''),
        place.inPlace(unit).replace('User=laissez-passer', `User=${userInfo().username}`),
      )
    expect(service).toContain('ExecStart=/usr/local/sbin/laissez-passer-backup\n')
    const verify = ['verify', ...names.map((name) => join(units, name))]
    execFileSync('systemd-analyze', verify, { stdio: ['ignore', 'ignore', 'inherit'] })
    rmSync(place.folder, { recursive: true, force: true })
  })
})

describeWith(['postgres-server'], 'PostgreSQL, by the page', () => {
  let place: Place
  let server: PostgresServer
  /** As its owner, where the test is root. */
  const asPostgres = (text: string): string => place.run(text, server.user)

  beforeAll(async () => {
    place = createPlace()
    const { folder } = place
    for (const name of ['postgresql', 'postgresql/wal']) place.made(name)
    place.places.push(['/var/backups/postgresql', join(folder, 'postgresql')])
    const [configuration = ''] = blocksOf(POINT_IN_TIME, 'ini')
    server = await startPostgres([place.inPlace(configuration)])
    place.places.push(['/var/lib/postgresql/15/main', join(server.folder, 'data')])
    if (server.user !== undefined)
      for (const name of ['postgresql', 'postgresql/wal'])
        chownSync(join(folder, name), server.user.uid, server.user.gid)
    const own = server.user === undefined ? '' : 'runuser -u postgres -- '
    const control = `${own}${join(server.programs, 'pg_ctl')} -D ${join(server.folder, 'data')} -w`
    place.program(
      'systemctl',
      `if [ "$2" = postgresql ]; then ${control} -l ${join(server.folder, 'log')} "$1" >/dev/null; fi`,
    )
    Object.assign(place.env, {
      PATH: `${place.env['PATH']}:${server.programs}`,
      PGHOST: '127.0.0.1',
      PGPORT: String(server.port),
      PGUSER: 'postgres',
      DATABASE_URL: `postgres://laissez_passer@127.0.0.1:${server.port}/laissez_passer`,
    })
    place.run(
      'createuser laissez_passer; createdb --owner=laissez_passer laissez_passer; laissez-passer migrate',
    )
  })
  afterAll(() => {
    server.stop()
    rmSync(place.folder, { recursive: true, force: true })
  })

  /** Then as above. */
  const finish = (): string => place.run((blocksOf(RESTORE)[1] ?? '').replace(/^cp .*$/m, ''))

  test('a dump, a loss, a restore', () => {
    const [backUp = '', restore = ''] = blocksOf(DUMP)
    place.create('tram1234')
    place.run(backUp)
    place.create('roys4567')
    place.run('laissez-passer audit export > /mnt/elsewhere/audit.jsonl')
    place.run(restore)
    expect(finish()).toMatch(/account\.created +roys4567 +account create roys4567/)
    expect(place.cips()).toEqual(['tram1234'])
  })

  test('a base backup, archived WAL, and back to a moment between two people', () => {
    const [base = '', stop = '', restore = '', start = ''] = blocksOf(POINT_IN_TIME)
    asPostgres(base)
    place.create('avant')
    const [moment = ''] = place.run('psql -XAtc "select clock_timestamp()"').split('\n')
    place.create('apres')
    place.run('laissez-passer audit export > /mnt/elsewhere/audit.jsonl')
    place.run(stop)
    asPostgres(restore.replace('2026-11-24 14:30:00-05', moment))
    place.run(start)
    expect(finish()).toMatch(/account\.created +apres +account create apres/)
    expect(place.cips()).toEqual(['avant', 'tram1234'])
  })
})
