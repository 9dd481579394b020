// Threat: two processes over one database accept together what either alone would refuse (R3, M1, M2, M8).
// Each race is run on SQLite and, where there is one, on PostgreSQL, whose transactions see older rows than
// one expects.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { createMigratedDatabase, type DatabaseKind, type TestDatabase } from '../support/databases.js'
import { startIdp, type Idp } from '../support/idp.js'
import { enrolFirst, passPassword } from '../support/journey.js'
import type { Person } from '../support/people.js'
import { createPhone, wrongCode, type Phone } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI, type RelyingParty } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { failuresOf, giveTemporaryPassword, unexpectedFailures } from '../support/situations.js'

function races(kind: DatabaseKind): void {
  let database: TestDatabase
  let idps: Idp[] = []
  let rp: RelyingParty
  const first = (): Idp => idps[0] as Idp
  beforeAll(async () => {
    database = await createMigratedDatabase(kind)
    idps = [await startIdp({ databaseUrl: database.url }), await startIdp({ databaseUrl: database.url })]
    rp = await registerRelyingParty(first(), { sign_in_every_time: true })
  })
  afterAll(async () => {
    for (const idp of idps) await idp.stop()
    await database.remove()
    expect(idps.flatMap(unexpectedFailures)).toEqual([])
  })

  const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

  /** So many browsers, each at one of the two processes in turn, all of them past the password. */
  async function standAfterPassword(count: number, person: Person): Promise<Browser[]> {
    const browsers: Browser[] = []
    for (let index = 0; index < count; index += 1) {
      const { url } = idps[index % 2] as Idp
      const browser = new Browser({ url })
      await browser.open(rp.begin().url.replace(first().url, url))
      await browser.submit({ cip: person.cip, password: person.password })
      browsers.push(browser)
    }
    return browsers
  }

  async function createRegular(): Promise<{ person: Person; phone: Phone }> {
    const person = await first().createPerson()
    const { phone } = await enrolFirst(first(), rp, person)
    clock.nextStep()
    return { person, phone }
  }

  test('one code, twenty sign-ins: one gets in (OTP-2)', async () => {
    const { person, phone } = await createRegular()
    const browsers = await standAfterPassword(20, person)
    const code = phone.code()
    await Promise.all(browsers.map((browser) => browser.submit({ code })))
    expect(browsers.filter(isBack)).toHaveLength(1)
    expect(
      browsers.filter((browser) => !isBack(browser) && ![422, 429].includes(browser.shown.status)),
    ).toEqual([])
  })

  test('twenty wrong codes: five are looked at (OTP-7)', async () => {
    const { person, phone } = await createRegular()
    const browsers = await standAfterPassword(20, person)
    const code = wrongCode(phone)
    await Promise.all(browsers.map((browser) => browser.submit({ code })))
    expect(browsers.filter(({ shown }) => shown.status === 422)).toHaveLength(4)
    expect(
      await first().db('audit_events').where({ accountId: person.id, event: 'one-time-code.refused' }),
    ).toHaveLength(5)
  })

  // Sixty, and a thousand: services/password-guessing.test.ts
  test('twenty wrong passwords: five are looked at (RATE-1)', async () => {
    const person = await first().createPerson()
    const browsers = Array.from(
      { length: 20 },
      (_, index) => new Browser({ url: (idps[index % 2] as Idp).url }),
    )
    for (const [index, browser] of browsers.entries())
      await browser.open(rp.begin().url.replace(first().url, (idps[index % 2] as Idp).url))
    await Promise.all(
      browsers.map((browser) => browser.submit({ cip: person.cip, password: 'faux-mot-de-passe' })),
    )
    expect(browsers.filter(({ shown }) => shown.status === 422)).toHaveLength(5)
    expect(browsers.filter(({ shown }) => shown.status === 429)).toHaveLength(15)
  })

  test('one authorization code, twenty exchanges: one gets tokens (M1)', async () => {
    const { callback, verifier } = await enrolFirst(first(), rp, await first().createPerson())
    const code = new URL(callback).searchParams.get('code') ?? ''
    const basic = `Basic ${Buffer.from(`eespresso:${rp.secret}`).toString('base64')}`
    const body = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
    }
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        fetch(`${(idps[index % 2] as Idp).url}/token`, {
          method: 'POST',
          headers: { Authorization: basic },
          body: new URLSearchParams(body),
        }),
      ),
    )
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 400)).toHaveLength(19)
  })

  test('twenty phones for one account: one is bound (ENR-4)', async () => {
    const person = await first().createPerson()
    const browsers = await standAfterPassword(20, person)
    await Promise.all(
      browsers.map((browser) =>
        browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' }),
      ),
    )
    expect(browsers.filter(isBack)).toHaveLength(1)
    expect(await first().services.store.secondFactors.listCurrent(person.id)).toHaveLength(1)
  })

  test('one activation code, twenty sign-ins: one phone is bound', async () => {
    const { person } = await createRegular()
    const { code } = await first().services.accountActions.resetSecondFactor(
      await first().account(person.cip),
      { name: 'operator:test', clientAddress: 'cli' },
      'lost',
    )
    const browsers = await standAfterPassword(10, person)
    await Promise.all(
      browsers.map(async (browser) => {
        await browser.submit({ activationCode: code })
        if (browser.shown.html.includes('totp-key'))
          await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
      }),
    )
    expect(browsers.filter(isBack).length).toBeLessThanOrEqual(1)
    expect((await first().services.store.secondFactors.listCurrent(person.id)).length).toBe(
      browsers.filter(isBack).length,
    )
  })

  test.each(['enrol', 'one-time-code', 'change-password'])(
    'five presses at once on the button of %s all end well',
    async (step) => {
      for (let round = 1; round <= 3; round += 1) {
        const regular =
          step === 'one-time-code'
            ? await createRegular()
            : { person: await first().createPerson(), phone: undefined }
        const person =
          step === 'change-password' ? await giveTemporaryPassword(first(), regular.person) : regular.person
        const browser = new Browser(first())
        await passPassword(browser, rp, person)
        expect(browser.step()).toBe(step)
        const code = step === 'enrol' ? createPhone(browser.key()).code() : (regular.phone?.code() ?? '')
        const fields = {
          code,
          deviceName: 'Mon iPhone',
          newPassword: 'onze-girafes-vertes',
          newPasswordConfirmation: 'onze-girafes-vertes',
        }
        const answers = await Promise.all(Array.from({ length: 5 }, () => browser.clone().send(fields)))
        expect(answers.map(({ status }) => status)).toEqual([303, 303, 303, 303, 303])
        expect(await failuresOf(first(), `code-account:${person.id}`)).toBe(0)
      }
    },
  )

  test.each(['%00', 'a%00b'])(
    'client_id=%s is refused like any other that is unknown (WEB-12)',
    async (clientId) => {
      for (const path of [`/auth?client_id=${clientId}`, `/session/end?client_id=${clientId}`]) {
        expect({
          path,
          status: (
            await fetch(`${first().url}${path}`, { redirect: 'manual', headers: { Accept: 'text/html' } })
          ).status,
        }).toEqual({
          path,
          status: 400,
        })
      }
      const token = await fetch(`${first().url}/token`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: `grant_type=authorization_code&client_id=${clientId}&client_secret=x&code=x`,
      })
      expect([400, 401]).toContain(token.status)
    },
  )
}

describe('on SQLite', () => races('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => races('postgres'))
