// Threat: whoever has a password binds a phone of his own (ENR-1, ENR-10, APT29's dormant accounts). Where
// the password alone is not enough, a code from another channel opens the door.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { startIdp } from '../support/idp.js'
import { givePassword } from '../support/journey.js'
import { createEnrolled, type Person } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { failuresOf, giveTemporaryPassword } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }

const open = await useIdp()
const rpOfOpen = await registerRelyingParty(open, { sign_in_every_time: true })
const strict = await useIdp({ settings: { ENROLMENT: 'activation-code' } })
const rp = await registerRelyingParty(strict, { sign_in_every_time: true })

const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)
const issue = async (person: Person, minutes?: number): Promise<string> =>
  (
    await strict.services.accountActions.issueActivationCode(
      await strict.account(person.cip),
      operator,
      'asked',
      { minutes },
    )
  ).code

async function standAtActivation(person: Person): Promise<Browser> {
  const browser = new Browser(strict)
  await givePassword(browser, rp, person)
  expect(browser.step()).toBe('activation')
  return browser
}

async function enrol(browser: Browser): Promise<void> {
  await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
}

describe('with ENROLMENT=activation-code', () => {
  test('a stolen password stops before the QR code, by every address (ENR-1)', async () => {
    const person = await strict.createPerson()
    const browser = await standAtActivation(person)
    for (const step of ['enrol', 'done', 'one-time-code', 'change-password']) {
      await browser.open(`/interaction/${browser.uid()}/${step}`)
      expect({ step, stands: browser.step(), showsKey: browser.shown.html.includes('totp-key') }).toEqual({
        step,
        stands: 'activation',
        showsKey: false,
      })
      await browser.postTo(step, {
        code: '123456',
        deviceName: 'x',
        newPassword: 'onze-girafes-vertes',
        newPasswordConfirmation: 'onze-girafes-vertes',
      })
      expect({ step, stands: browser.step() }).toEqual({ step, stands: 'activation' })
    }
    expect(await strict.services.secondFactors.list(person.id)).toEqual([])
  })

  test('a temporary password alone sets no password either', async () => {
    const person = await giveTemporaryPassword(strict, await strict.createPerson())
    const before = (await strict.account(person.cip)).passwordHash
    const browser = await standAtActivation(person)
    await browser.postTo('change-password', {
      newPassword: 'onze-girafes-vertes',
      newPasswordConfirmation: 'onze-girafes-vertes',
    })
    expect((await strict.account(person.cip)).passwordHash).toBe(before)
  })

  test('the code opens the door, in any spelling, and only once', async () => {
    const person = await strict.createPerson()
    const code = await issue(person)
    const browser = await standAtActivation(person)
    await browser.submit({ activationCode: ` ${code.toLowerCase().replace('-', ' ')} ` })
    expect(browser.step()).toBe('enrol')
    await enrol(browser)
    expect(isBack(browser)).toBe(true)

    await strict.services.accountActions.resetSecondFactor(await strict.account(person.cip), operator, 'lost')
    const again = await standAtActivation(person)
    await again.submit({ activationCode: code })
    expect({ status: again.shown.status, step: again.step() }).toEqual({ status: 422, step: 'activation' })
  })

  test('a closed browser costs no second call: the same code serves the next sign-in, and the first one no more', async () => {
    const person = await strict.createPerson()
    const code = await issue(person)
    const closed = await standAtActivation(person)
    await closed.submit({ activationCode: code })
    expect(closed.step()).toBe('enrol')
    const next = await standAtActivation(person)
    await next.submit({ activationCode: code })
    expect(next.step()).toBe('enrol')
    await enrol(closed)
    expect(isBack(closed)).toBe(false)
    await enrol(next)
    expect(isBack(next)).toBe(true)
  })

  test('it expires, and a newer one ends it, also for whoever typed it already', async () => {
    const person = await strict.createPerson()
    const first = await issue(person)
    const browser = await standAtActivation(person)
    await browser.submit({ activationCode: first })
    expect(browser.step()).toBe('enrol')
    const second = await issue(person)
    await enrol(browser)
    expect({ isBack: isBack(browser), step: browser.step() }).toEqual({ isBack: false, step: 'activation' })
    await browser.submit({ activationCode: first })
    expect(browser.shown.status).toBe(422)
    clock.advance({ minutes: 16 })
    await browser.submit({ activationCode: second })
    expect({ status: browser.shown.status, step: browser.step() }).toEqual({
      status: 422,
      step: 'activation',
    })
  })

  test('another person’s code is none', async () => {
    const person = await strict.createPerson()
    const other = await strict.createPerson()
    const code = await issue(other)
    await issue(person)
    const browser = await standAtActivation(person)
    await browser.submit({ activationCode: code })
    expect({ status: browser.shown.status, step: browser.step() }).toEqual({
      status: 422,
      step: 'activation',
    })
  })

  test.each(['', '1234', 'x'.repeat(60), '0000-0000', 'é'.repeat(8), '{code}', "' or 1=1"])(
    '%j is refused on the same page',
    async (activationCode) => {
      const person = await strict.createPerson()
      await issue(person)
      const browser = await standAtActivation(person)
      await browser.submit({ activationCode })
      expect({ status: browser.shown.status, step: browser.step() }).toEqual({
        status: 422,
        step: 'activation',
      })
      expect(browser.refusal()).not.toBe('')
    },
  )

  test('ten guesses in parallel: no more are looked at than the limit allows, and the right one waits too (RATE-6)', async () => {
    const person = await strict.createPerson()
    const code = await issue(person)
    const browsers: Browser[] = []
    for (let count = 0; count < 10; count += 1) browsers.push(await standAtActivation(person))
    await Promise.all(
      browsers.map((browser, index) =>
        browser.submit({ activationCode: `0000-00${String(index).padStart(2, '0')}` }),
      ),
    )
    expect(browsers.filter(({ shown }) => shown.status === 422)).toHaveLength(5)
    expect(browsers.filter(({ shown }) => shown.status === 429)).toHaveLength(5)
    const [browser] = browsers
    await browser?.submit({ activationCode: code })
    expect(browser?.shown.status).toBe(429)
    clock.advance({ seconds: 61 })
    await browser?.submit({ activationCode: code })
    expect(browser?.step()).toBe('enrol')
  })

  test('a code that ten tries have used up opens nothing', async () => {
    const person = await strict.createPerson()
    const code = await issue(person, 72 * 60)
    const browser = await standAtActivation(person)
    const account = await strict.account(person.cip)
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      await strict.services.activation.submit(account, 'ZZZZ-ZZZZ', `sign-in-${attempt}`, '203.0.113.1')
      clock.advance({ minutes: 16 })
    }
    const last = await standAtActivation(person)
    await last.submit({ activationCode: code })
    expect({ status: last.shown.status, step: last.step() }).toEqual({ status: 422, step: 'activation' })
    expect(browser.step()).toBe('activation')
  })

  test('twenty parallel enrolments by one code bind one phone', async () => {
    const person = await strict.createPerson()
    const code = await issue(person)
    const browsers: Browser[] = []
    for (let count = 0; count < 20; count += 1) browsers.push(await standAtActivation(person))
    await Promise.all(browsers.map((browser) => browser.submit({ activationCode: code })))
    await Promise.all(
      browsers.filter((browser) => browser.shown.html.includes('totp-key')).map((browser) => enrol(browser)),
    )
    expect(browsers.filter(isBack).length).toBeLessThanOrEqual(1)
    expect((await strict.services.store.secondFactors.listCurrent(person.id)).length).toBe(
      browsers.filter(isBack).length,
    )
  })

  test('pressed twice at once, the right code counts as right', async () => {
    const person = await strict.createPerson()
    const code = await issue(person)
    const browser = await standAtActivation(person)
    const answers = await Promise.all([
      browser.clone().send({ activationCode: code }),
      browser.send({ activationCode: code }),
    ])
    expect(answers.map(({ status }) => status)).toEqual([303, 303])
    await browser.open(answers[1].headers.get('location') ?? '')
    expect(browser.step()).toBe('enrol')
    expect(await failuresOf(strict, `activation-account:${person.id}`)).toBe(0)
  })

  test('the code is stored as a keyed hash, and shown in no log', async () => {
    const person = await strict.createPerson()
    const code = await issue(person)
    const browser = await standAtActivation(person)
    await browser.submit({ activationCode: code })
    const kept = JSON.stringify([
      await strict.db('activation_codes'),
      await strict.db('audit_events'),
      strict.logLines,
    ])
    expect([code, code.replace('-', '')].filter((form) => kept.includes(form))).toEqual([])
  })
})

describe('with ENROLMENT=open', () => {
  test('after a reset by the help desk the old password alone binds no phone (ENR-11)', async () => {
    const { person } = await createEnrolled(open)
    const { code } = await open.services.accountActions.resetSecondFactor(
      await open.account(person.cip),
      operator,
      'lost',
    )
    const browser = new Browser(open)
    await givePassword(browser, rpOfOpen, person)
    expect(browser.step()).toBe('activation')
    await browser.submit({ activationCode: code })
    await enrol(browser)
    expect(isBack(browser)).toBe(true)
    clock.nextStep()
    const later = new Browser(open)
    await givePassword(later, rpOfOpen, person)
    expect(later.step()).toBe('one-time-code')
  })

  test('an account nobody has used for ninety days needs a code; one of thirty days does not (ENR-10)', async () => {
    const person = await open.createPerson()
    clock.advance({ days: 30 })
    const month = new Browser(open)
    await givePassword(month, rpOfOpen, person)
    expect(month.step()).toBe('enrol')
    clock.advance({ days: 61 })
    const quarter = new Browser(open)
    await givePassword(quarter, rpOfOpen, person)
    expect(quarter.step()).toBe('activation')
  })
})

describe('with ENROLMENT=network', () => {
  test('inside the network the password is enough, outside it is not', async () => {
    const idp = await startIdp({
      settings: {
        ENROLMENT: 'network',
        ENROLMENT_NETWORKS: '10.20.0.0/16, 2001:db8::/32',
        TRUSTED_PROXY_HOPS: '1',
      },
    })
    try {
      const client = await registerRelyingParty(idp)
      for (const [address, step] of [
        ['10.20.30.40', 'enrol'],
        ['2001:db8::7', 'enrol'],
        ['10.21.0.1', 'activation'],
        ['10.20.0.1, 203.0.113.9', 'activation'],
        ['a', 'activation'],
        ['::ffff:10.20.0.1', 'enrol'],
      ] as const) {
        const browser = new Browser(idp, { 'X-Forwarded-For': address })
        await givePassword(browser, client, await idp.createPerson())
        expect({ address, step: browser.step() }).toEqual({ address, step })
      }
    } finally {
      await idp.stop()
    }
  })
})
