// Threat: a check that fails because the database is away counts as passed (FLOW-10, R5, R6). Whatever step
// somebody stands at, they get a French page that says to try again, nobody gets in, nothing is lost, and the
// service recovers by itself.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { verifyAuditLog } from '../../src/audit/verification.js'
import { randomId } from '../../src/key-ring.js'
import { connectDatabase } from '../../db/connect.js'
import { REQUEST_DATABASE_MS } from '../../src/app.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { createTestDatabase, type TestDatabase } from '../support/databases.js'
import { startIdp, type Idp } from '../support/idp.js'
import { givePassword } from '../support/journey.js'
import { createPhone } from '../support/phone.js'
import { startPostgres, type PostgresServer } from '../support/postgres-server.js'
import { registerRelyingParty, REDIRECT_URI, type RelyingParty } from '../support/relying-party.js'
import { startRelay, type Relay } from '../support/relay.js'
import { describeWith } from '../support/requirements.js'
import { PLACES, unexpectedFailures, type Place, type Situation } from '../support/situations.js'

const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

const BEFORE_THE_END = [
  'at the password',
  'at the QR code',
  'at the code',
  'at the change of password',
] as const satisfies Place[]

/** What somebody who stands there types, all of it right. */
function rightFields({ browser, person, phone }: Situation): Record<string, string> {
  const code = browser.step() === 'enrol' ? createPhone(browser.key()).code() : (phone?.code() ?? '')
  const newPassword = 'onze-girafes-vertes'
  return {
    cip: person.cip,
    password: person.password,
    code,
    deviceName: 'Mon iPhone',
    newPassword,
    newPasswordConfirmation: newPassword,
  }
}

function expectRetryPage({ status, html, headers }: Browser['shown']): void {
  expect({ status, retryAfter: headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '5' })
  expect(html).toContain('<html lang="fr-CA">')
  expect(html).not.toMatch(/SQLITE|ECONN|postgres|select |update /i)
}

/** What a client gets: no token, and when to try again. */
async function expectRetryAnswer(answer: Response): Promise<void> {
  const { status, headers } = answer
  expect({ status, retryAfter: headers.get('retry-after') }).toEqual({ status: 503, retryAfter: '5' })
  expect(await answer.text()).not.toContain('token')
}

/** Far from what anybody waits for who waits for a lock, a pool or a dead server without a limit. */
const SOON_MS = 8_000

const status = async (idp: Idp, path: string): Promise<number> => (await fetch(`${idp.url}${path}`)).status

describe('a disk that is full, or read-only, while somebody stands', () => {
  let idp: Idp
  let rp: RelyingParty
  beforeAll(async () => {
    idp = await startIdp({ database: 'sqlite' })
    rp = await registerRelyingParty(idp, { sign_in_every_time: true })
  })
  afterAll(async () => {
    await idp.stop()
    expect(unexpectedFailures(idp)).toEqual([])
  })

  /**
   * No page more than there are, and no room on those: every write that needs some fails with SQLITE_FULL.
   */
  async function fillDisk(): Promise<void> {
    const [row] = await idp.db.raw<{ pageCount: number }[]>('PRAGMA page_count')
    await idp.db.raw(`PRAGMA max_page_count=${row?.pageCount ?? 1}`)
    for (const length of [3_000, 300, 1]) {
      for (let isFull = false; !isFull;)
        isFull = await insertFiller(length).then(
          () => false,
          () => true,
        )
    }
  }
  const insertFiller = async (length: number): Promise<void> =>
    void (await idp.db('outbox').insert({
      id: randomId(),
      kind: 'filler',
      sealedMessage: 'x'.repeat(length),
      tries: 0,
      createdAt: 0,
      nextTryAt: Number.MAX_SAFE_INTEGER,
    }))
  async function emptyDisk(): Promise<void> {
    await idp.db.raw('PRAGMA max_page_count=1073741823')
    await idp.db('outbox').where('kind', 'filler').delete()
  }

  test.each(BEFORE_THE_END)(
    '%s, read-only: refused for now, then the same answer serves (R6)',
    async (place) => {
      clock.nextStep()
      const situation = await PLACES[place](idp, rp)
      const { browser } = situation
      const fields = rightFields(situation)
      const stand = browser.shown
      await idp.db.raw('PRAGMA query_only=ON')
      await browser.submit(fields)
      const during = browser.shown
      await idp.db.raw('PRAGMA query_only=OFF')
      expectRetryPage(during)
      await expectToServe(browser, stand, fields)
    },
  )

  test('is said by /readyz, which asks for more than an answer; it recovers by itself (R6)', async () => {
    const read = async () => {
      clock.advance({ seconds: 1 })
      return [await status(idp, '/healthz'), await status(idp, '/readyz')]
    }
    expect(await read()).toEqual([200, 200])
    await idp.db.raw('PRAGMA query_only=ON')
    expect(await read()).toEqual([200, 503])
    await idp.db.raw('PRAGMA query_only=OFF')
    expect(await read()).toEqual([200, 200])
  })

  // A full disk still takes what fits on half-empty pages: then a step goes on, or is refused, but never
  // half.
  test.each(BEFORE_THE_END)(
    '%s, full: refused or done, nothing half, and the person ends where they wanted (R6)',
    async (place) => {
      clock.nextStep()
      const situation = await PLACES[place](idp, rp)
      const { browser, person } = situation
      const fields = rightFields(situation)
      await fillDisk()
      await browser.submit(fields)
      const during = browser.shown
      await emptyDisk()
      if (during.status === 503) expectRetryPage(during)
      else
        expect({ isBack: isBack(browser), status: during.status < 400 || isBack(browser) }).toMatchObject({
          status: true,
        })
      expect(await idp.db.raw('PRAGMA integrity_check')).toEqual([{ integrityCheck: 'ok' }])
      expect(await verifyAuditLog(idp.services)).toMatchObject({ ok: true })

      clock.nextStep()
      const account = await idp.account(person.cip)
      const again = new Browser(idp)
      await givePassword(again, rp, {
        ...person,
        password:
          account.temporaryPasswordExpiresAt === null && place === 'at the change of password'
            ? (fields['newPassword'] ?? '')
            : person.password,
      })
      expect(['one-time-code', 'enrol', 'change-password']).toContain(again.step())
      expect((await idp.services.secondFactors.list(person.id))[0]?.disabledAt ?? null).toBeNull()
    },
  )
})

/** What was refused for want of a database is accepted now that it is back, from the same page. */
async function expectToServe(
  browser: Browser,
  stand: Browser['shown'],
  fields: Record<string, string>,
): Promise<void> {
  browser.shown = stand
  await browser.submit(fields)
  expect({
    hasMovedOn: isBack(browser) || (browser.shown.url !== stand.url && browser.shown.status < 400),
  }).toEqual({ hasMovedOn: true })
}

/** People at every step, a program with a code, and ten that come anew: all ask at once, and again later. */
async function gatherCrowd(idp: Idp, rp: RelyingParty) {
  clock.nextStep()
  const situations: Situation[] = []
  for (const place of BEFORE_THE_END) situations.push(await PLACES[place](idp, rp))
  const { browser: back, verifier, phone } = await PLACES['at the code'](idp, rp)
  await back.submit({ code: phone?.code() ?? '' })
  const code = new URL(back.shown.url).searchParams.get('code') ?? ''
  const newcomers = Array.from({ length: 10 }, () => new Browser(idp))
  const stands = situations.map((situation) => {
    const { browser } = situation
    return { browser, fields: rightFields(situation), stand: browser.shown }
  })

  return {
    async expectRefused(): Promise<void> {
      const startedAt = performance.now()
      const [exchanged] = await Promise.all([
        rp.exchange(code, verifier),
        ...stands.map(async ({ browser, fields }) => browser.submit(fields)),
        ...newcomers.map(async (browser) => browser.open(rp.begin().url)),
      ])
      expect(performance.now() - startedAt).toBeLessThan(SOON_MS)
      await expectRetryAnswer(exchanged)
      for (const { shown } of [...newcomers, ...stands.map(({ browser }) => browser)]) expectRetryPage(shown)
      expect(await status(idp, '/healthz')).toBe(200)
    },

    async expectServed(): Promise<void> {
      expect((await rp.exchange(code, verifier)).status).toBe(200)
      for (const { browser, fields, stand } of stands) await expectToServe(browser, stand, fields)
      for (const browser of newcomers) expect((await browser.open(rp.begin().url)).status).toBe(200)
      expect(await verifyAuditLog(idp.services)).toMatchObject({ ok: true })
    },
  }
}

describe('an SQLite file that another process holds', () => {
  let database: TestDatabase
  let idp: Idp
  let rp: RelyingParty
  beforeAll(async () => {
    database = await createTestDatabase('sqlite')
    idp = await startIdp({ databaseUrl: database.url, requestDatabaseMs: REQUEST_DATABASE_MS })
    rp = await registerRelyingParty(idp, { sign_in_every_time: true })
  })
  afterAll(async () => {
    await idp.stop()
    await database.remove()
    expect(unexpectedFailures(idp)).toEqual([])
  })

  test('every page and program is told soon to try again, those in line as well; then the same serves', async () => {
    const crowd = await gatherCrowd(idp, rp)
    const holder = connectDatabase(database.url)
    // Held until all are answered: nobody has waited for it.
    await holder.transaction(() => crowd.expectRefused())
    await holder.destroy()
    await crowd.expectServed()
  })
})

describeWith(['postgres'], 'a PostgreSQL that goes away', () => {
  let database: TestDatabase
  let wire: Relay
  let idp: Idp
  let rp: RelyingParty
  beforeAll(async () => {
    database = await createTestDatabase('postgres')
    const target = new URL(database.url)
    wire = await startRelay(() => [{ host: target.hostname, port: Number(target.port) }])
    const databaseUrl = new URL(database.url)
    databaseUrl.hostname = 'localhost'
    databaseUrl.port = String(wire.port)
    idp = await startIdp({ databaseUrl: databaseUrl.href, requestDatabaseMs: REQUEST_DATABASE_MS })
    rp = await registerRelyingParty(idp, { sign_in_every_time: true })
  })
  afterAll(async () => {
    wire.mend()
    await idp.stop()
    await wire.stop()
    await database.remove()
    expect(unexpectedFailures(idp)).toEqual([])
  })

  /** Milliseconds until the answer. */
  async function time(task: () => Promise<unknown>): Promise<number> {
    const startedAt = performance.now()
    await task()
    return performance.now() - startedAt
  }

  test.each(BEFORE_THE_END)(
    'while somebody stands %s: a French page within three seconds, nobody gets in, and the same answer serves once it is back',
    async (place) => {
      clock.nextStep()
      const situation = await PLACES[place](idp, rp)
      const { browser } = situation
      const fields = rightFields(situation)
      const stand = browser.shown
      wire.cut()
      expect(await time(() => browser.submit(fields))).toBeLessThan(3_000)
      expectRetryPage(browser.shown)
      await browser.open(stand.url)
      expectRetryPage(browser.shown)
      wire.mend()
      await expectToServe(browser, stand, fields)
    },
  )

  test('alive but not ready; programs get 503 and no token; all of it again without a restart', async () => {
    const { browser, verifier, phone } = await PLACES['at the code'](idp, rp)
    await browser.submit({ code: phone?.code() ?? '' })
    const code = new URL(browser.shown.url).searchParams.get('code') ?? ''
    wire.cut()
    expect(await status(idp, '/healthz')).toBe(200)
    expect(await status(idp, '/readyz')).toBe(503)
    expect((await rp.exchange(code, verifier)).status).toBe(503)
    expectRetryPage(await new Browser(idp).open(rp.begin().url))
    wire.mend()
    expect(await status(idp, '/readyz')).toBe(200)
    expect((await rp.exchange(code, verifier)).status).toBe(200)
  })

  test.each(BEFORE_THE_END)(
    'killed inside a transaction while somebody stands %s: a page to try again, and the same answer serves',
    async (place) => {
      clock.nextStep()
      const situation = await PLACES[place](idp, rp)
      const { browser } = situation
      const fields = rightFields(situation)
      const stand = browser.shown
      await killing('insert on audit_events', async () => browser.submit(fields))
      expectRetryPage(browser.shown)
      await expectToServe(browser, stand, fields)
      expect(await verifyAuditLog(idp.services)).toMatchObject({ ok: true })
    },
  )

  /** While `work` runs, such a statement ends the server's side of its connection. */
  async function killing(when: string, work: () => Promise<unknown>): Promise<void> {
    const table = when.split(' on ')[1] ?? ''
    await idp.db.raw(
      `create or replace function test_kill() returns trigger language plpgsql as $$
        begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$`,
    )
    await idp.db.raw(`create trigger test_kill before ${when} for each row execute function test_kill()`)
    try {
      await work()
    } finally {
      await idp.db.raw(`drop trigger test_kill on ${table}`)
    }
  }

  test('when packets vanish and another server takes over, those who wait are answered, and the next ones served', async () => {
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    wire.hang()
    const waiting = Array.from({ length: 5 }, () => browser.clone())
    const slowest = await time(async () => Promise.all(waiting.map(async (one) => one.open(rp.begin().url))))
    expect(slowest).toBeLessThan(SOON_MS)
    waiting.forEach(({ shown }) => expectRetryPage(shown))
    wire.mend() // new connections reach the new server; the old ones stay dead
    const answers = []
    for (let attempt = 0; attempt < 8; attempt += 1) answers.push((await browser.open(rp.begin().url)).status)
    expect(answers).toEqual(answers.map(() => 200))
  }, 60_000)
})

describeWith(['postgres-server'], 'a PostgreSQL that freezes', () => {
  let server: PostgresServer
  let idp: Idp
  let rp: RelyingParty
  beforeAll(async () => {
    server = await startPostgres()
    idp = await startIdp({ databaseUrl: server.url, requestDatabaseMs: REQUEST_DATABASE_MS })
    rp = await registerRelyingParty(idp, { sign_in_every_time: true })
  }, 60_000)
  afterAll(async () => {
    await idp.stop()
    server.stop()
    expect(unexpectedFailures(idp)).toEqual([])
  })

  test('every page and program is told soon to try again; once it thaws the same serves', async () => {
    const crowd = await gatherCrowd(idp, rp)
    server.freeze()
    await crowd.expectRefused()
    expect(await status(idp, '/readyz')).toBe(503)
    server.thaw()
    while ((await status(idp, '/readyz')) !== 200); // an attempt to connect may still have failed just now
    await crowd.expectServed()
  })
})
