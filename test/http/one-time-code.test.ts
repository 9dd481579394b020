// Threat: a code used twice, guessed, or taken from the wrong moment or phone (OTP-1 to OTP-12).

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { enrolFirst, givePassword, signIn } from '../support/journey.js'
import { createEnrolled, type Person } from '../support/people.js'
import { createPhone, wrongCode, type Phone } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { failing, failuresOf, PLACES } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp({ expectedFailure: 'a sealed second-factor does not open' })
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

/** So many browsers, each in an interaction of its own, all of them at this person's code. */
async function standAtTheCode(count: number, person: Person): Promise<Browser[]> {
  const browsers = Array.from({ length: count }, () => new Browser(idp))
  for (const browser of browsers) await givePassword(browser, rp, person)
  expect(new Set(browsers.map((browser) => browser.uid())).size).toBe(count)
  return browsers
}

async function tryCode(person: Person, code: string): Promise<Browser> {
  const browser = new Browser(idp)
  await givePassword(browser, rp, person)
  await browser.submit({ code })
  return browser
}

/** After a reset: the activation code that the help desk hands out, then a new phone. */
async function enrolAnew(person: Person): Promise<Phone> {
  const { code } = await idp.services.accountActions.issueActivationCode(
    await idp.account(person.cip),
    operator,
    'lost',
  )
  const browser = new Browser(idp)
  await givePassword(browser, rp, person)
  await browser.submit({ activationCode: code })
  const phone = createPhone(browser.key())
  await browser.submit({ code: phone.code(), deviceName: 'Mon nouvel iPhone' })
  expect(isBack(browser)).toBe(true)
  return phone
}

async function expectAccepted(person: Person, phone: Phone): Promise<void> {
  clock.nextStep()
  expect(isBack(await tryCode(person, phone.code()))).toBe(true)
}

describe('a code is accepted once', () => {
  test('of twenty parallel posts of it, over twenty interactions, one gets in and nineteen are refused (OTP-2)', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browsers = await standAtTheCode(20, person)
    const code = phone.code()
    await Promise.all(browsers.map((browser) => browser.submit({ code })))
    expect(browsers.filter(isBack)).toHaveLength(1)
    const refused = browsers.filter((browser) => !isBack(browser))
    expect(refused.filter(({ shown }) => shown.status !== 422 && shown.status !== 429)).toEqual([])
  })

  test('nor again after a restart, in another browser (OTP-1)', async () => {
    const { person, phone } = await createEnrolled(idp)
    const code = phone.code()
    expect(isBack(await tryCode(person, code))).toBe(true)
    await idp.restart()
    const again = await tryCode(person, code)
    expect({ isBack: isBack(again), status: again.shown.status }).toEqual({ isBack: false, status: 422 })
    expect(again.refusal()).toContain('Ce code a déjà servi.')
  })

  test('the next step’s code, accepted early, is refused when its own time comes (OTP-4)', async () => {
    const { person, phone } = await createEnrolled(idp)
    const early = phone.code({ offsetSeconds: 30 })
    expect(isBack(await tryCode(person, early))).toBe(true)
    clock.advance({ seconds: 30 })
    expect(phone.code()).toBe(early)
    expect(isBack(await tryCode(person, early))).toBe(false)
  })

  test('the code of the step before, after the code of now, is refused too', async () => {
    const { person, phone } = await createEnrolled(idp)
    clock.nextStep()
    expect(isBack(await tryCode(person, phone.code()))).toBe(true)
    expect(isBack(await tryCode(person, phone.code({ offsetSeconds: -30 })))).toBe(false)
  })

  test('the code that enrolled the phone signs nobody in (OTP-5)', async () => {
    const person = await idp.createPerson()
    const { phone } = await enrolFirst(idp, rp, person)
    const again = await tryCode(person, phone.code())
    expect(isBack(again)).toBe(false)
    expect(again.refusal()).toContain('Ce code a déjà servi.')
  })
})

describe('one step of tolerance, by the server’s clock (OTP-3)', () => {
  test.each([
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ])('the code of step %i: %s', async (step, isAccepted) => {
    const { person, phone } = await createEnrolled(idp)
    clock.advance({ minutes: 3 })
    expect(isBack(await tryCode(person, phone.code({ offsetSeconds: step * 30 })))).toBe(isAccepted)
  })

  test('a server clock that goes back five minutes refuses cleanly, replays nothing, and recovers by itself (OTP-12)', async () => {
    const { person, phone } = await createEnrolled(idp)
    const used = phone.code()
    expect(isBack(await tryCode(person, used))).toBe(true)
    clock.advance({ minutes: -5 })
    for (const code of [phone.code(), used]) {
      const browser = await tryCode(person, code)
      expect({ isBack: isBack(browser), status: browser.shown.status }).toEqual({
        isBack: false,
        status: 422,
      })
      expect(browser.refusal()).not.toBe('')
    }
    clock.advance({ minutes: 5 })
    await expectAccepted(person, phone)
  })

  test('a server clock that jumps two hours ahead and comes back lets everybody in again in the end', async () => {
    const { person, phone } = await createEnrolled(idp)
    clock.advance({ hours: 2 })
    const ahead = await tryCode(person, phone.code())
    expect(isBack(ahead)).toBe(true)
    clock.advance({ hours: -2 })
    const back = await tryCode(person, phone.code())
    expect({ isBack: isBack(back), status: back.shown.status }).toEqual({ isBack: false, status: 422 })
    clock.advance({ hours: 2 })
    await expectAccepted(person, phone)
  })
})

describe('what is no code is no guess (OTP-6)', () => {
  test.each([
    '',
    ' ',
    '12345',
    '1234567',
    '１２３４５６',
    '12345a',
    '-12345',
    '+12345',
    '1e5000',
    '0x1234',
    '12.345',
    '١٢٣٤٥٦',
  ])('%j is answered 422 on the same page and not counted', async (code) => {
    const { browser, person } = await PLACES['at the code'](idp, rp)
    await browser.submit({ code })
    expect({ status: browser.shown.status, step: browser.step() }).toEqual({
      status: 422,
      step: 'one-time-code',
    })
    expect(browser.refusal()).toMatch(/code à usage unique/)
    expect(await failuresOf(idp, `code-account:${person.id}`)).toBe(0)
  })

  test('a missing field is answered 422', async () => {
    const { browser } = await PLACES['at the code'](idp, rp)
    await browser.submit({})
    expect(browser.shown.status).toBe(422)
    expect(browser.refusal()).toContain('Inscrivez le code à usage unique.')
  })

  test.each(['code[]=123456', 'code[a]=123456', 'code=123456&code=123456', 'code%5B%5D=123456'])(
    '%s is answered 400 and not counted',
    async (fields) => {
      const { browser, person, phone } = await PLACES['at the code'](idp, rp)
      const [url, body] = browser.prepare({})
      const copy = browser.clone()
      await copy.post(url, `${body}&${fields}`)
      expect(copy.shown.status).toBe(400)
      expect(await failuresOf(idp, `code-account:${person.id}`)).toBe(0)
      await browser.submit({ code: phone?.code() ?? '' })
      expect(isBack(browser)).toBe(true)
    },
  )

  test('spaces inside, as the phone shows it, are fine', async () => {
    const { browser, phone } = await PLACES['at the code'](idp, rp)
    const code = phone?.code() ?? ''
    await browser.submit({ code: ` ${code.slice(0, 3)}\u00a0${code.slice(3)}\t` })
    expect(isBack(browser)).toBe(true)
  })
})

describe('codes cannot be guessed', () => {
  test('twelve wrong codes in parallel over twelve interactions: no more are looked at than the limit allows (OTP-7)', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browsers = await standAtTheCode(12, person)
    const code = wrongCode(phone)
    await Promise.all(browsers.map((browser) => browser.submit({ code })))
    const statuses = browsers.map(({ shown }) => shown.status)
    expect(statuses.filter((status) => status === 422)).toHaveLength(4)
    expect(statuses.filter((status) => status === 429)).toHaveLength(8)
    const refusals = await idp
      .db('audit_events')
      .where({ accountId: person.id, event: 'one-time-code.refused' })
    expect(refusals).toHaveLength(5)
  })

  test('five wrong codes end the sign-in; the right password and the right code wait too, then serve', async () => {
    const { browser, person, phone } = await PLACES['at the code'](idp, rp)
    if (phone === undefined) throw new Error('no phone')
    const code = wrongCode(phone)
    for (const attempt of [1, 2, 3, 4]) {
      await browser.submit({ code })
      expect({ attempt, status: browser.shown.status, step: browser.step() }).toEqual({
        attempt,
        status: 422,
        step: 'one-time-code',
      })
      expect(browser.refusal()).toContain('Ce code est inexact.')
    }
    await browser.submit({ code })
    expect(browser.shown.status).toBe(429)
    expect(browser.shown.headers.get('retry-after')).toBe('60')
    expect(browser.heading()).toBe('Connexion')
    expect(browser.refusal()).toContain('Trop de codes inexacts.')
    expect(browser.refusal()).toMatch(/Attendez 1\u00a0min/)

    await browser.submit({ cip: person.cip, password: person.password })
    expect(browser.step()).toBe('one-time-code')
    expect(browser.refusal()).toContain('Il faut patienter')
    await browser.submit({ code: phone.code() })
    expect(browser.shown.status).toBe(429)
    expect(Number(browser.shown.headers.get('retry-after'))).toBeGreaterThan(0)

    clock.advance({ seconds: 61 })
    await browser.submit({ code: phone.code() })
    expect(isBack(browser)).toBe(true)
  })

  test('the wait holds in another browser and after a restart, and grows', async () => {
    const { person, phone } = await createEnrolled(idp)
    const code = wrongCode(phone)
    const waits: (string | null)[] = []
    for (const round of [1, 2]) {
      const browser = new Browser(idp)
      await givePassword(browser, rp, person)
      for (let attempt = 1; attempt <= 5; attempt += 1) await browser.submit({ code })
      expect({ round, status: browser.shown.status }).toEqual({ round, status: 429 })
      waits.push(browser.shown.headers.get('retry-after'))
      await idp.restart()
      const other = await tryCode(person, phone.code())
      expect({ round, isBack: isBack(other), status: other.shown.status }).toEqual({
        round,
        isBack: false,
        status: 429,
      })
      clock.advance({ seconds: Number(waits.at(-1)) + 1 })
    }
    expect(waits).toEqual(['60', '120'])
    await expectAccepted(person, phone)
  })

  test('twenty wrong codes in a row disable the device, tell its owner by mail, and the right code serves no more (OTP-8)', async () => {
    const { person, phone } = await createEnrolled(idp)
    const code = wrongCode(phone)
    let browser = new Browser(idp)
    for (let attempt = 1; attempt <= 20; attempt += 1) {
      if (browser.step() !== 'one-time-code' || browser.heading() !== 'Code à usage unique') {
        clock.advance({ minutes: 16 })
        browser = new Browser(idp)
        await givePassword(browser, rp, person)
      }
      await browser.submit({ code })
    }
    expect(browser.refusal()).toContain('Cet appareil a été désactivé')
    clock.advance({ hours: 1 })
    const later = await tryCode(person, phone.code())
    expect(isBack(later)).toBe(false)
    expect(later.refusal()).toContain('Cet appareil a été désactivé')
    expect(
      (await idp.readMail()).some(({ subject }) => subject === 'Votre appareil mobile a été désactivé'),
    ).toBe(true)

    await idp.services.accountActions.resetSecondFactor(await idp.account(person.cip), operator, 'asked')
    const next = await enrolAnew(person)
    expect((await tryCode(person, wrongCode(next))).refusal()).toContain('Ce code est inexact.')
    await expectAccepted(person, next)
  })

  test('wrong passwords never count against the device (OTP-9)', async () => {
    const { person } = await createEnrolled(idp)
    for (let attempt = 1; attempt <= 6; attempt += 1)
      await givePassword(new Browser(idp), rp, { cip: person.cip, password: 'faux-mot-de-passe' })
    expect(await failuresOf(idp, `code-account:${person.id}`)).toBe(0)
  })

  test('a failure of the database while the code is checked lets nobody in and uses nothing up (FLOW-10)', async () => {
    const { browser, phone } = await PLACES['at the code'](idp, rp)
    const code = phone?.code() ?? ''
    await failing(idp, 'update on second_factors', 'true', () => browser.submit({ code }))
    expect(browser.shown.status).toBeGreaterThanOrEqual(500)
    expect(browser.shown.html).toContain('<html lang="fr-CA">')
    await browser.open(browser.shown.url)
    await browser.submit({ code })
    expect(isBack(browser)).toBe(true)
  })

  test('another’s sealed key put into a person’s row opens nothing (OTP-11)', async () => {
    const thief = await createEnrolled(idp)
    const { browser, person } = await PLACES['at the code'](idp, rp)
    const [stolen] = await idp.db('second_factors').where({ accountId: thief.person.id })
    await idp
      .db('second_factors')
      .where({ accountId: person.id })
      .update({ sealedSecret: (stolen as { sealedSecret: string }).sealedSecret })
    clock.nextStep()
    await browser.submit({ code: thief.phone.code() })
    expect(isBack(browser)).toBe(false)
    expect(browser.shown.status).toBeGreaterThanOrEqual(400)
  })
})

describe('a refusal says what is wrong with the phone, and still refuses', () => {
  test.each([
    [-120, 'L’heure de votre appareil mobile retarde d’environ 2\u00a0min.'],
    [-90, 'L’heure de votre appareil mobile retarde d’environ 1\u00a0min\u00a030\u00a0s.'],
    [90, 'L’heure de votre appareil mobile avance d’environ 1\u00a0min\u00a030\u00a0s.'],
    [600, 'L’heure de votre appareil mobile avance d’environ 10\u00a0min.'],
  ])('a phone whose clock is off by %i s', async (offsetSeconds, text) => {
    const { person, phone } = await createEnrolled(idp)
    clock.advance({ minutes: 15 })
    const browser = await tryCode(person, phone.code({ offsetSeconds }))
    expect({ isBack: isBack(browser), status: browser.shown.status }).toEqual({ isBack: false, status: 422 })
    expect(browser.refusal()).toContain(text)
    expect(browser.refusal()).toContain('automatique')
    expect(await failuresOf(idp, `code-account:${person.id}`)).toBe(0)
  })

  test('a phone that is an hour off gets no advice, only the refusal', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browser = await tryCode(person, phone.code({ offsetSeconds: 3600 }))
    expect(browser.refusal()).toContain('Ce code est inexact.')
  })

  test('an offset learned from a refusal is not tolerated the second time either', async () => {
    const { person, phone } = await createEnrolled(idp)
    clock.advance({ minutes: 5 })
    for (const attempt of [1, 2]) {
      const browser = await tryCode(person, phone.code({ offsetSeconds: -120 }))
      expect({ attempt, isBack: isBack(browser) }).toEqual({ attempt, isBack: false })
      clock.nextStep()
    }
  })

  test('a code already used says how long to wait for the next one', async () => {
    const { person, phone } = await createEnrolled(idp)
    const code = phone.code()
    await tryCode(person, code)
    const browser = await tryCode(person, code)
    expect(browser.refusal()).toMatch(
      /Ce code a déjà servi\. Attendez \d+\u00a0s, puis inscrivez le nouveau code/,
    )
  })

  test('a code of the phone removed by a reset names that phone, and the new phone serves', async () => {
    const { person, phone: old } = await createEnrolled(idp)
    await idp.services.accountActions.resetSecondFactor(await idp.account(person.cip), operator, 'lost')
    const phone = await enrolAnew(person)
    const browser = await tryCode(person, old.code())
    expect(isBack(browser)).toBe(false)
    expect(browser.refusal()).toContain('Ce code vient d’un appareil qui a été retiré\u00a0: Mon iPhone.')
    await expectAccepted(person, phone)
  })

  test('nothing of this is said to somebody who has not given the password', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    await browser.postTo('one-time-code', { cip: person.cip, code: phone.code({ offsetSeconds: -120 }) })
    expect(browser.step()).toBe('password')
    expect(browser.refusal()).toBe('')
  })

  test('a success clears the count of wrong codes', async () => {
    const { person, phone } = await createEnrolled(idp)
    await tryCode(person, wrongCode(phone))
    expect(await failuresOf(idp, `code-account:${person.id}`)).toBe(1)
    await signIn(rp, person, phone, new Browser(idp))
    expect(await failuresOf(idp, `code-account:${person.id}`)).toBe(0)
  })
})
