// The drill of a restore (R10): a backup is taken while people come and go, the database is lost, the backup
// is put back. What was there is there again, and nothing that was over lives again: no session, no code.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Browser } from '../support/browser.js'
import { createCli } from '../support/cli.js'
import { clock } from '../support/clock.js'
import { createTestDatabase, type DatabaseKind, type TestDatabase } from '../support/databases.js'
import { startIdp, type Idp } from '../support/idp.js'
import { givePassword, signIn } from '../support/journey.js'
import { createEnrolled, type EnrolledPerson } from '../support/people.js'
import { postgresPrograms } from '../support/postgres-server.js'
import { registerRelyingParty, REDIRECT_URI, type RelyingParty } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { MASTER_KEYS } from '../support/settings.js'
import { unexpectedFailures } from '../support/situations.js'

const BECAUSE = ['--reason', 'disque perdu']
const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

function drill(kind: DatabaseKind): void {
  let folder: string
  let idp: Idp
  let rp: RelyingParty
  let julie: EnrolledPerson
  let luc: EnrolledPerson
  /** In the backup; signed out before it is restored. */
  let session: Browser
  /** Stands at the code when the backup is taken. */
  let underWay: Browser
  let acknowledged: string[]
  let used: { code: string; at: number }
  let exported: string
  const restored: TestDatabase[] = []

  const cliOn = (url: string) => createCli({ MASTER_KEYS, DATABASE_URL: url })

  const postgres = (program: string, ...words: string[]) =>
    execFileSync(join(postgresPrograms() ?? '', program), words, { stdio: ['ignore', 'ignore', 'inherit'] })

  async function takeBackup(): Promise<void> {
    const url = idp.config.databaseUrl
    if (kind === 'sqlite') await cliOn(url).json('backup', join(folder, 'backup'))
    else postgres('pg_dump', '--format=custom', `--file=${join(folder, 'backup')}`, url)
  }

  /** The address of a database as the backup holds it. */
  async function restore(): Promise<string> {
    const database = await createTestDatabase(kind)
    restored.push(database)
    if (kind === 'sqlite') copyFileSync(join(folder, 'backup'), database.url.slice('sqlite:'.length))
    else postgres('pg_restore', `--dbname=${database.url}`, join(folder, 'backup'))
    return database.url
  }

  /** Whoever has seen the code types it while it would still serve. */
  async function replay(): Promise<Browser> {
    clock.advance({ seconds: (used.at - clock.now()) / 1000 })
    const browser = new Browser(idp)
    await givePassword(browser, rp, julie.person)
    await browser.submit({ code: used.code })
    return browser
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'laissez-passer-drill-'))
    idp = await startIdp({ database: kind })
    rp = await registerRelyingParty(idp, { backchannel_logout_uri: 'https://paie.exemple.ca/logout' })
    julie = await createEnrolled(idp)
    luc = await createEnrolled(idp)
    session = new Browser(idp)
    await signIn(rp, julie.person, julie.phone, session)
    underWay = new Browser(idp)
    await givePassword(underWay, rp, luc.person)

    const people: string[] = []
    let isOver = false
    const writing = (async () => {
      while (!isOver) people.push((await idp.createPerson()).cip)
    })()
    while (people.length < 20) await new Promise(setImmediate)
    acknowledged = [...people]
    await takeBackup()
    isOver = true
    await writing

    // The time between the backup and the loss.
    const late = new Browser(idp)
    await signIn(rp, julie.person, julie.phone, late)
    used = { code: julie.phone.code(), at: clock.now() }
    const live = cliOn(idp.config.databaseUrl)
    await live.json('account', 'disable', luc.person.cip, '--reason', 'départ')
    await live.json('account', 'create', 'nouvelle', '--name', 'N', '--email', 'n@exemple.ca')
    exported = (await live.run('audit', 'export')).stdout
  })
  afterEach(() => expect(unexpectedFailures(idp)).toEqual([]))
  afterAll(async () => {
    await idp.stop()
    for (const database of restored) await database.remove()
    rmSync(folder, { recursive: true, force: true })
  })

  test('a backup alone, put back, takes a used code again and lets sessions live: what `restored` is for', async () => {
    await idp.restart({ DATABASE_URL: await restore() })
    expect(isBack(await replay())).toBe(true)
    const revived = session.clone()
    await revived.open(rp.begin().url)
    expect(isBack(revived)).toBe(true)
    const goesOn = underWay.clone()
    await goesOn.submit({ code: luc.phone.code() })
    expect(isBack(goesOn)).toBe(true)
  })

  test('after `restored` everybody acknowledged before the backup is there, and nothing that was over lives again (R10)', async () => {
    const url = await restore()
    const file = join(folder, 'audit.jsonl')
    writeFileSync(file, exported)
    const report = await cliOn(url).json('restored', '--audit', file, ...BECAUSE)
    expect(report).toMatchObject({
      ended: { sessions: 1, devices: 2 },
      chain: { ok: true },
      gap: {
        missing: 0,
        acts: [
          { event: 'account.disabled', cip: luc.person.cip, redo: `account disable ${luc.person.cip}` },
          { event: 'account.created', cip: 'nouvelle', redo: 'account create nouvelle' },
        ],
      },
    })
    await idp.restart({ DATABASE_URL: url })

    const there = new Set((await idp.services.accounts.list()).map(({ cip }) => cip))
    expect(acknowledged.length).toBeGreaterThanOrEqual(20)
    expect(acknowledged.filter((cip) => !there.has(cip))).toEqual([])
    expect(await cliOn(url).json('audit', 'verify')).toMatchObject({ ok: true })

    const replayed = await replay()
    expect(isBack(replayed)).toBe(false)
    expect(replayed.refusal()).toContain('déjà servi')
    await session.open(rp.begin().url)
    expect(session.step()).toBe('password')
    const { id } = await idp.account(julie.person.cip)
    expect(await idp.services.store.logoutNotices.listClients(id)).toEqual([rp.clientId])

    clock.advance({ minutes: 2 })
    await underWay.submit({ code: luc.phone.code() })
    expect(isBack(underWay)).toBe(false)
    const again = new Browser(idp)
    await signIn(rp, julie.person, julie.phone, again)
    expect(isBack(again)).toBe(true)
  })
}

describe('on SQLite', () => drill('sqlite'))
describeWith(['postgres', 'postgres-server'], 'on PostgreSQL', () => drill('postgres'))
