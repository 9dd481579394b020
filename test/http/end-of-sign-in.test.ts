// The end of a sign-in is one transaction: the code is used up, the browser known, the session told of, or
// nothing of it. And it is a short one: the statements from the post to the redirect are counted.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { startIdp, type Idp } from '../support/idp.js'
import { givePassword } from '../support/journey.js'
import { createEnrolled, type Person } from '../support/people.js'
import { createPhone, wrongCode } from '../support/phone.js'
import { claimsOf, registerRelyingParty, type RelyingParty } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { failing, PLACES, unexpectedFailures } from '../support/situations.js'

/** The library's own are among them. */
const MOST_STATEMENTS = 19
/** Once in a phone's life: the account is sealed anew, on PostgreSQL behind a lock that is a statement. */
const MOST_TO_ENROL = 21

function suite(kind: DatabaseKind): void {
  let idp: Idp
  let rp: RelyingParty
  let shared: RelyingParty
  beforeAll(async () => {
    idp = await startIdp({ database: kind })
    rp = await registerRelyingParty(idp, { sign_in_every_time: true })
    shared = await registerRelyingParty(idp, { client_id: 'horaire' })
  })
  afterAll(async () => {
    await idp.stop()
    expect(unexpectedFailures(idp)).toEqual([])
  })

  /** Everything of the person that the end of a sign-in changes. */
  async function stateOf({ id }: Person) {
    const { db } = idp
    return {
      account: await db('accounts').where({ id }),
      factors: await db('second_factors').where({ accountId: id }),
      attempts: await db('attempts').where('key', 'like', `%${id}%`).orderBy('key'),
      browsers: await db('known_browsers').where({ accountId: id }),
      mails: await db('outbox').orderBy('id'),
      events: await db('audit_events').where({ accountId: id }).orderBy('sequence'),
    }
  }

  const STATEMENTS: [what: string, when: string, condition: string][] = [
    ['the account', 'update on accounts', 'new.last_sign_in_at is not null'],
    ['the browser', 'insert on known_browsers', 'true'],
    ['the event', 'insert on audit_events', "new.event = 'session.started'"],
    ['the head of the audit log, the last of all', 'update on audit_head', 'new.hash <> old.hash'],
  ]

  describe.each(STATEMENTS)('the statement about %s fails', (_what, when, condition) => {
    test('at the code: nothing is half done, and the same code then leads to the application', async () => {
      const situation = await PLACES['at the code'](idp, rp)
      const { browser, person, phone, verifier } = situation
      await browser.submit({ code: phone === undefined ? '' : wrongCode(phone) })
      const code = phone?.code() ?? ''
      const before = await stateOf(person)
      await failing(idp, when, condition, () => browser.submit({ code }))
      expect(browser.shown.status).toBe(500)
      expect(await stateOf(person)).toEqual(before)

      await browser.open(browser.shown.url)
      expect(browser.step()).toBe('one-time-code')
      await browser.submit({ code })
      expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['sub']).toBe(person.id)
    })

    test('at the QR code: no phone is bound, and the same code then binds it and leads on', async () => {
      const { browser, person, verifier } = await PLACES['at the QR code'](idp, rp)
      const fields = { code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' }
      const before = await stateOf(person)
      await failing(idp, when, condition, () => browser.submit(fields))
      expect(browser.shown.status).toBe(500)
      expect(await stateOf(person)).toEqual(before)

      await browser.open(browser.shown.url)
      expect(browser.step()).toBe('enrol')
      await browser.submit(fields)
      expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['sub']).toBe(person.id)
    })
  })

  test('nothing is told twice: one event for the code, one for the session, in this order', async () => {
    const { browser, person, phone } = await PLACES['at the code'](idp, rp)
    const start = (await idp.services.store.auditEvents.readHead()).sequence
    await browser.submit({ code: phone?.code() ?? '' })
    const events = await idp.services.store.auditEvents.listAfter(start, 100)
    expect(events.map(({ event, cip }) => [event, cip])).toEqual([
      ['one-time-code.verified', person.cip],
      ['session.started', person.cip],
    ])
  })

  describe(`at most ${MOST_STATEMENTS} statements lead from the post to the redirect`, () => {
    async function count(browser: Browser, fields: Record<string, string>): Promise<string[]> {
      const statements: string[] = []
      const note = ({ sql }: { sql: string }) => statements.push(sql)
      idp.db.on('query', note)
      const answer = await browser.send(fields)
      idp.db.off('query', note)
      expect(answer.status).toBe(303)
      expect(answer.headers.get('location')).toContain('/auth/')
      // One transaction: it begins and ends once.
      expect(statements.filter((sql) => /^begin/i.test(sql))).toHaveLength(1)
      expect(statements.filter((sql) => /^commit/i.test(sql))).toHaveLength(1)
      return statements
    }

    test('with the code, in a browser that was never seen before', async () => {
      const { browser, phone } = await PLACES['at the code'](idp, rp)
      const statements = await count(browser, { code: phone?.code() ?? '' })
      expect(statements.length).toBeLessThanOrEqual(MOST_STATEMENTS)
    })

    test('with the code, after a slip, in a known browser that holds a session', async () => {
      const { person, phone } = await createEnrolled(idp)
      const { browser } = await standAtTheCode(person)
      await browser.submit({ code: phone.code() })
      clock.nextStep()
      await givePassword(browser, rp, person)
      await browser.submit({ code: wrongCode(phone) })
      const statements = await count(browser, { code: phone.code() })
      expect(statements.length).toBeLessThanOrEqual(MOST_STATEMENTS)
    })

    test('with the phone’s first code', async () => {
      const { browser } = await PLACES['at the QR code'](idp, rp)
      const fields = { code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' }
      expect((await count(browser, fields)).length).toBeLessThanOrEqual(MOST_TO_ENROL)
    })

    async function standAtTheCode(person: Person): Promise<{ browser: Browser }> {
      const { browser } = await PLACES['at the password'](idp, shared)
      await browser.submit({ cip: person.cip, password: person.password })
      return { browser }
    }
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
