// Threat: what holds on one database, or in one process, does not hold on the other. A whole life, then what
// two processes do to each other at the same moment. (Codes, passwords and phones raced for:
// two-processes.test.ts.)

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { migrateToLatest } from '../../db/migrate.js'
import { verifyAuditLog } from '../../src/audit/verification.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { createTestDatabase, type DatabaseKind } from '../support/databases.js'
import type { Idp } from '../support/idp.js'
import { enrolFirst, givePassword, signIn } from '../support/journey.js'
import { startPair, type Pair } from '../support/pair.js'
import { createEnrolled, type Person } from '../support/people.js'
import { createPhone, wrongCode } from '../support/phone.js'
import { claimsOf, registerRelyingParty, REDIRECT_URI, type RelyingParty } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { openServices } from '../support/services.js'
import { giveTemporaryPassword, unexpectedFailures } from '../support/situations.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }
const TWENTY = Array.from({ length: 20 }, (_, index) => index)
const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

function suite(kind: DatabaseKind): void {
  let pair: Pair
  let idp: Idp
  let rp: RelyingParty
  let shared: RelyingParty
  beforeAll(async () => {
    pair = await startPair(kind)
    idp = pair.idp
    rp = await registerRelyingParty(idp, { sign_in_every_time: true })
    shared = await registerRelyingParty(idp, {
      client_id: 'horaire',
      grant_types: ['authorization_code', 'refresh_token'],
    })
  })
  afterAll(async () => {
    await pair.stop()
    expect([...unexpectedFailures(idp), ...unexpectedFailures(pair.other)]).toEqual([])
  })

  test('two processes that start at once on an empty database make one schema and one key of each kind', async () => {
    const empty = await createTestDatabase(kind)
    const sides = await Promise.all(TWENTY.slice(0, 4).map(() => openServices({ databaseUrl: empty.url })))
    const ran = await Promise.all(sides.map(({ db }) => migrateToLatest(db)))
    expect(ran.filter((names) => names.length > 0)).toHaveLength(1)

    await Promise.all(sides.slice(0, 2).map(({ signingKeys }) => signingKeys.ensure()))
    const keys = (await sides[0]?.signingKeys.list()) ?? []
    expect(keys.map(({ algorithm }) => algorithm).toSorted()).toEqual(['ES256', 'EdDSA', 'RSA'])
    await Promise.all(sides.map((side) => side.close()))
    await empty.remove()
  })

  test('a first access with a temporary password, the next access, a reset and a new phone, each step on either process', async () => {
    const temporary = await giveTemporaryPassword(idp, await idp.createPerson())
    const person = { ...temporary, password: 'onze-girafes-vertes' }
    const browser = new Browser(idp)
    const { verifier } = await givePassword(browser, rp, temporary)
    await browser.submit({ newPassword: person.password, newPasswordConfirmation: person.password })
    const phone = createPhone(browser.key())
    await browser.submit({ code: phone.code(), deviceName: 'Téléphone de Zoë 👩‍⚕️' })
    const tokens = await rp.tokens(browser.shown.url, verifier)
    expect(claimsOf(tokens.id_token)).toMatchObject({ sub: person.id, amr: ['pwd', 'otp', 'mfa'] })
    expect(await rp.userinfo(tokens.access_token)).toMatchObject({ cip: person.cip })

    expect((await signIn(rp, person, phone, new Browser(idp))).callback).toContain('code=')
    const { code } = await pair.other.services.accountActions.resetSecondFactor(
      await idp.account(person.cip),
      operator,
      'lost',
    )
    const again = new Browser(idp)
    await givePassword(again, rp, person)
    await again.submit({ activationCode: code })
    await again.submit({ code: createPhone(again.key()).code(), deviceName: 'Le nouveau' })
    expect(isBack(again)).toBe(true)
    expect(await verifyAuditLog(idp.services)).toMatchObject({ ok: true })
  })

  test('one refresh token presented twenty times at once gives tokens at most once, and no fault of ours (OIDC-7)', async () => {
    const { callback, verifier } = await enrolFirst(idp, shared, await idp.createPerson())
    const { refresh_token = '' } = await shared.tokens(callback, verifier)
    const answers = await Promise.all(
      TWENTY.map(() => shared.post('/token', { grant_type: 'refresh_token', refresh_token })),
    )
    expect(answers.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1)
    expect(answers.filter(({ status }) => status !== 200 && status !== 400)).toEqual([])
  })

  test('twenty different passwords chosen at once for one temporary one: one counts', async () => {
    const person = await giveTemporaryPassword(idp, await idp.createPerson())
    const browsers = TWENTY.map(() => new Browser(idp))
    for (const browser of browsers) await givePassword(browser, rp, person)
    const choice = (index: number) => `girafes-vertes-${index}`
    await Promise.all(
      browsers.map((browser, index) =>
        browser.submit({ newPassword: choice(index), newPasswordConfirmation: choice(index) }),
      ),
    )
    const winners = TWENTY.filter((index) => browsers[index]?.step() === 'enrol')
    expect(winners).toHaveLength(1)
    const after = new Browser(idp)
    await givePassword(after, rp, { cip: person.cip, password: choice(winners[0] ?? -1) })
    expect(after.step()).toBe('enrol')
  })

  test('twenty activation codes issued at once leave one that opens the door', async () => {
    const account = await idp.account((await idp.createPerson()).cip)
    const sides = [idp, pair.other]
    const codes = await Promise.all(
      TWENTY.map((index) =>
        (sides[index % 2] ?? idp).services.accountActions.issueActivationCode(account, operator, 'asked'),
      ),
    )
    expect(await idp.db('activation_codes').where({ accountId: account.id })).toHaveLength(1)
    const outcomes = []
    for (const { code } of codes) {
      outcomes.push(await idp.services.activation.submit(account, code, 'sign-in', '::1'))
      clock.advance({ seconds: 40 })
    }
    expect(outcomes.filter(({ ok }) => ok).length).toBeLessThanOrEqual(1)
  })

  describe('acts of the help desk in the middle of sign-ins', () => {
    /** While `act` runs on the one process, all of `others` happen on both. */
    async function during(act: () => Promise<unknown>, others: (() => Promise<unknown>)[]): Promise<void> {
      await Promise.all(
        [...others.slice(0, others.length / 2), act, ...others.slice(others.length / 2)].map((work) =>
          work(),
        ),
      )
    }

    async function standAtTheCode(count: number, person: Person): Promise<Browser[]> {
      const browsers = Array.from({ length: count }, () => new Browser(idp))
      for (const browser of browsers) await givePassword(browser, rp, person)
      return browsers
    }

    test('a device is reset while codes are being verified: nobody waits for ever, and no code of it serves afterwards', async () => {
      for (let round = 1; round <= 3; round += 1) {
        const { person, phone } = await createEnrolled(idp)
        const account = await idp.account(person.cip)
        const browsers = await standAtTheCode(10, person)
        await during(
          () => pair.other.services.accountActions.resetSecondFactor(account, operator, 'lost'),
          browsers.map(
            (browser, index) => () =>
              browser.submit({ code: index % 3 === 0 ? phone.code() : wrongCode(phone) }),
          ),
        )
        expect(browsers.filter(({ shown }) => shown.status >= 500)).toEqual([])
        expect(await idp.services.secondFactors.list(person.id)).toEqual([])
      }
    })

    test('a device is reset while a phone is being bound: after the reset none is', async () => {
      for (let round = 1; round <= 5; round += 1) {
        const person = await idp.createPerson()
        const account = await idp.account(person.cip)
        const browsers = await standAtTheCode(4, person)
        const binding = browsers.map((browser) => ({ browser, code: createPhone(browser.key()).code() }))
        await during(
          () =>
            pair.other.services.accountActions.resetSecondFactor(account, operator, 'a stranger was quicker'),
          binding.map(
            ({ browser, code }) =>
              () =>
                browser.submit({ code, deviceName: 'Mon iPhone' }),
          ),
        )
        expect(browsers.filter(({ shown }) => shown.status >= 500)).toEqual([])
        expect(await idp.services.secondFactors.list(person.id)).toEqual([])
      }
    })

    test('an account is disabled while sign-ins to it end: no fault of ours, and no session is left', async () => {
      for (let round = 1; round <= 5; round += 1) {
        const { person, phone } = await createEnrolled(idp)
        const account = await idp.account(person.cip)
        const known = new Browser(idp)
        await signIn(shared, person, phone, known)
        clock.nextStep()
        const browser = known.clone()
        await givePassword(browser, rp, person)
        await during(
          () => pair.other.services.accountActions.disable(account, operator, 'left'),
          [() => browser.submit({ code: phone.code() }), () => known.open(shared.begin().url)],
        )
        expect([browser, known].filter(({ shown }) => shown.status >= 500)).toEqual([])
        for (const one of [browser, known]) {
          const silent = await one.request(shared.begin({ prompt: 'none' }).url)
          expect(silent.headers.get('location')).toContain('error=login_required')
        }
      }
    })
  })

  test('a thousand events written by both at once make one chain without a gap or a fork (LOG-4)', async () => {
    const before = await idp.services.store.auditEvents.readHead()
    const writers = [idp, pair.other].flatMap(({ services }) => Array.from({ length: 10 }, () => services))
    await Promise.all(
      writers.map(async ({ store, audit }, writer) => {
        for (let count = 0; count < 50; count += 1) {
          await store.transaction((tx) =>
            audit.record(tx, { event: 'client.changed', actor: operator, details: { writer, count } }),
          )
        }
      }),
    )
    expect(await verifyAuditLog(idp.services)).toMatchObject({ ok: true, rows: before.sequence + 1000 })
  })

  test('mails wait once for both: each is sent by one of them, and none twice (R13)', async () => {
    await Promise.all([idp.readMail(), pair.other.readMail()])
    const sentBefore = idp.mails.length + pair.other.mails.length
    const account = await idp.account((await idp.createPerson()).cip)
    for (let count = 0; count < 30; count += 1)
      await idp.services.store.transaction((tx) => idp.services.mailbox.post(tx, 'password-changed', account))
    await Promise.all([idp.readMail(), pair.other.readMail(), idp.readMail(), pair.other.readMail()])
    expect(idp.mails.length + pair.other.mails.length - sentBefore).toBe(30)
    expect(await idp.services.store.outbox.countWaiting()).toBe(0)
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
