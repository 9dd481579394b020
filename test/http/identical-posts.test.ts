// Threat to ourselves: an impatient hand. Six identical posts that arrive at the same moment, at two
// instances, are one wish: one hash, one failure, one answer for all.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { holdNext } from '../support/held.js'
import type { Idp } from '../support/idp.js'
import { startPair, type Pair } from '../support/pair.js'
import { createPhone, wrongCode } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI, type RelyingParty } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import {
  failing,
  failuresOf,
  giveTemporaryPassword,
  PLACES,
  unexpectedFailures,
} from '../support/situations.js'

const WRONG_PASSWORD = 'faux-mot-de-passe'

function suite(kind: DatabaseKind): void {
  let pair: Pair
  let idp: Idp
  let rp: RelyingParty
  beforeAll(async () => {
    pair = await startPair(kind)
    idp = pair.idp
    rp = await registerRelyingParty(idp, { sign_in_every_time: true })
  })
  afterAll(async () => {
    await pair.stop()
    expect([pair.idp, pair.other].flatMap(unexpectedFailures)).toEqual([])
  })

  /** Six presses at the same moment; a browser follows the last answer alone, and drops the others unread. */
  async function pressSixTimes(browser: Browser, fields: Record<string, string>): Promise<Response[]> {
    const others = Array.from({ length: 5 }, () => browser.clone().send(fields))
    const last = browser.send(fields)
    return Promise.all([...others, last])
  }
  const statuses = (answers: Response[]) => answers.map(({ status }) => status)
  const all = (status: number) => [status, status, status, status, status, status]
  const follow = (browser: Browser, answers: Response[]) =>
    browser.open(answers.at(-1)?.headers.get('location') ?? '')
  const eventsOf = (accountId: string, event: string) => idp.db('audit_events').where({ accountId, event })

  test('the right password: all six lead on, one was verified, and nothing counts', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const answers = await pressSixTimes(browser, { cip: person.cip, password: person.password })
    expect(statuses(answers)).toEqual(all(303))
    await follow(browser, answers)
    expect(browser.step()).toBe('enrol')
    expect(await eventsOf(person.id, 'password.verified')).toHaveLength(1)
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(0)
  })

  test('a wrong password: six pages that say so, one failure, and the right one then serves', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const pages = Array.from({ length: 6 }, () => browser.clone())
    await Promise.all(pages.map((page) => page.submit({ cip: person.cip, password: WRONG_PASSWORD })))
    expect(pages.map(({ shown }) => shown.status)).toEqual(all(422))
    expect(new Set(pages.map((page) => page.refusal())).size).toBe(1)
    expect(await eventsOf(person.id, 'password.refused')).toHaveLength(1)
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(1)
    const last = pages.at(-1) as Browser
    await last.submit({ cip: person.cip, password: person.password })
    expect(last.step()).toBe('enrol')
  })

  test('the right code: all six lead to the application, with the cookie of a known browser', async () => {
    const { browser, person, phone } = await PLACES['at the code'](idp, rp)
    const answers = await pressSixTimes(browser, { code: phone?.code() ?? '' })
    expect(statuses(answers)).toEqual(all(303))
    answers.push(await browser.send({ code: phone?.code() ?? '' })) // late, and all the same
    for (const answer of answers)
      expect(answer.headers.getSetCookie().join()).toContain('laissez-passer-browser=')
    await follow(browser, answers)
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
    expect(await eventsOf(person.id, 'session.started')).toHaveLength(1)
    expect(await failuresOf(idp, `code-account:${person.id}`)).toBe(0)
  })

  test('a wrong code: six pages that say so, and one failure', async () => {
    const { browser, person, phone } = await PLACES['at the code'](idp, rp)
    if (phone === undefined) throw new Error('no phone')
    const answers = await pressSixTimes(browser, { code: wrongCode(phone) })
    expect(statuses(answers)).toEqual(all(422))
    expect(await eventsOf(person.id, 'one-time-code.refused')).toHaveLength(1)
    expect(await failuresOf(idp, `code-account:${person.id}`)).toBe(1)
    expect(await failuresOf(idp, `code-points-in-30-days:${person.id}`)).toBe(1)
  })

  test('the phone’s first code: one phone, and all six lead on', async () => {
    const { browser, person } = await PLACES['at the QR code'](idp, rp)
    const code = createPhone(browser.key()).code()
    const answers = await pressSixTimes(browser, { code, deviceName: 'Mon iPhone' })
    expect(statuses(answers)).toEqual(all(303))
    expect(await idp.services.secondFactors.list(person.id)).toHaveLength(1)
  })

  test('« Autoriser », six times at once: allowed once, and all six lead on', async () => {
    const asking = await registerRelyingParty(idp, { client_id: 'tiers', consent: 'ask' })
    const { browser, person, phone } = await PLACES['at the code'](idp, asking)
    await browser.submit({ code: phone?.code() ?? '' })
    expect(browser.step()).toBe('consent')
    const answers = await pressSixTimes(browser, { decision: 'allow' })
    expect(statuses(answers)).toEqual(all(303))
    await follow(browser, answers)
    expect(browser.shown.url).toContain('code=')
    expect(await eventsOf(person.id, 'consent.given')).toHaveLength(1)
  })

  test('another password, chosen six times at once: one change, one mail', async () => {
    const { browser, person } = await PLACES['at the change of password'](idp, rp)
    const chosen = { newPassword: 'onze-girafes-vertes', newPasswordConfirmation: 'onze-girafes-vertes' }
    expect(statuses(await pressSixTimes(browser, chosen))).toEqual(all(303))
    expect(await eventsOf(person.id, 'password.changed')).toHaveLength(1)
  })

  test('the answer is shared for ten seconds, and no longer', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const fields = { cip: person.cip, password: WRONG_PASSWORD }
    const failures = async () => failuresOf(idp, `password-account:${person.cip}`)
    await browser.send(fields)
    clock.advance({ seconds: 9 })
    await browser.send(fields)
    expect(await failures()).toBe(1)
    clock.advance({ seconds: 2 })
    await browser.send(fields)
    expect(await failures()).toBe(2)
  })

  test('a page that is drawn again, other fields and other sign-ins are other posts', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const fields = { cip: person.cip, password: WRONG_PASSWORD }
    const failures = async () => failuresOf(idp, `password-account:${person.cip}`)
    await browser.submit(fields)
    await browser.submit(fields) // the page that the refusal has drawn
    expect(await failures()).toBe(2)
    await browser.send({ ...fields, password: 'un-autre-mot-faux' })
    expect(await failures()).toBe(3)
    const { browser: elsewhere } = await PLACES['at the password'](idp, rp)
    await elsewhere.submit(fields)
    expect(await failures()).toBe(4)
  })

  test('work that fails fails once for all six, and the same page serves at the next press', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const fields = { cip: person.cip, password: person.password }
    const failed = await failing(idp, 'insert on audit_events', "new.event = 'password.verified'", () =>
      pressSixTimes(browser, fields),
    )
    expect(statuses(failed).map(String).toSorted()).toEqual(['500', '503', '503', '503', '503', '503'])
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(1)
    expect(statuses(await pressSixTimes(browser, fields))).toEqual(all(303))
  })

  test('whoever is late at the work finds the answer', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const fields = { cip: person.cip, password: person.password }
    const { store } = pair.other.services
    const gone = holdNext(store.sharedAnswers, 'claim', () => true)
    const inTime = browser.clone().send(fields) // by the relay's turns the one or the other
    const second = browser.send(fields)
    const first = await Promise.race([inTime, second])
    expect(first.status).toBe(303)
    gone.release()
    expect(statuses(await Promise.all([inTime, second]))).toEqual([303, 303])
    expect(await eventsOf(person.id, 'password.verified')).toHaveLength(1)
  })

  test('who has died at the work is waited for no longer than ten seconds', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const fields = { cip: person.cip, password: person.password }
    await browser.send(fields)
    await idp.db('shared_answers').update({ sealedAnswer: null, expiresAt: clock.now() + 10_000 })
    const waiting = browser.send(fields)
    clock.advance({ seconds: 11 })
    expect((await waiting).status).toBe(303)
  })

  test('nothing that was typed is kept, neither as it is nor as a hash that could be guessed', async () => {
    const person = await giveTemporaryPassword(idp, await idp.createPerson())
    const { browser } = await PLACES['at the password'](idp, rp)
    await browser.submit({ cip: person.cip, password: person.password })
    const rows = JSON.stringify(await idp.db('shared_answers'))
    expect(rows).not.toContain(person.password)
    expect(rows).not.toContain(person.cip)
    expect(rows).not.toContain(browser.hidden('csrf'))
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
