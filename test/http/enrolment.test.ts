// Threat: a phone bound by somebody else, twice, or half (ENR-2 to ENR-11).

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { givePassword } from '../support/journey.js'
import type { Person } from '../support/people.js'
import { createPhone, wrongCode } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { failing, PLACES } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

const devicesOf = async (person: Person): Promise<string[]> =>
  (await idp.services.store.secondFactors.listCurrent(person.id)).map(({ name }) => name)

async function standAtTheQrCode(person: Person): Promise<Browser> {
  const browser = new Browser(idp)
  await givePassword(browser, rp, person)
  expect(browser.step()).toBe('enrol')
  return browser
}

test('each step has a drawing of less than 1 kB, in the colour of the text, for the eyes alone', async () => {
  const { browser } = await PLACES['at the QR code'](idp, rp)
  const steps = browser.shown.html
    .split('<li>')
    .slice(1)
    .filter((step) => step.includes('<h2>'))
  const drawings = steps.map((step) => /<svg class="drawing".*?<\/svg>/s.exec(step)?.[0] ?? '')
  expect(drawings.length).toBe(5)
  for (const drawing of drawings) {
    expect(drawing).toContain('stroke="currentColor"')
    expect(drawing).toContain('aria-hidden="true"')
    expect(Buffer.byteLength(drawing)).toBeLessThan(1024)
  }
  expect(new Set(drawings).size).toBe(5)
})

describe('the key', () => {
  test('stays the same over a reload, a wrong code, a refused name and a second tab (ENR-2)', async () => {
    const { browser, person } = await PLACES['at the QR code'](idp, rp)
    const key = browser.key()
    await browser.open(browser.shown.url)
    expect(browser.key()).toBe(key)
    await browser.submit({ code: wrongCode(createPhone(key)), deviceName: 'Mon iPhone' })
    expect({ status: browser.shown.status, key: browser.key() }).toEqual({ status: 422, key })
    expect(browser.shown.html).toContain('value="Mon iPhone"')
    await browser.submit({ code: createPhone(key).code(), deviceName: ' ' })
    expect({ status: browser.shown.status, key: browser.key() }).toEqual({ status: 422, key })
    expect(browser.refusal()).toContain('Donnez un nom à votre appareil mobile.')
    const tab = browser.clone()
    await tab.open(`/interaction/${browser.uid()}`)
    expect(tab.key()).toBe(key)
    clock.advance({ minutes: 20 })
    await tab.submit({ code: createPhone(key).code(), deviceName: 'Mon iPhone' })
    expect(isBack(tab)).toBe(true)
    expect(await devicesOf(person)).toEqual(['Mon iPhone'])
  })

  test('is 160 random bits, its own in every interaction, and all three forms of the page show the same one (OTP-10)', async () => {
    const person = await idp.createPerson()
    const keys = new Set<string>()
    for (let visit = 0; visit < 5; visit += 1) {
      const browser = await standAtTheQrCode(person)
      expect(browser.key()).toMatch(/^[A-Z2-7]{32}$/)
      const link =
        /id="totp-link"[^>]*href="([^"]*)"/.exec(browser.shown.html)?.[1] ??
        /href="(otpauth:[^"]*)"/.exec(browser.shown.html)?.[1] ??
        ''
      const parameters = new URL(link.replaceAll('&amp;', '&')).searchParams
      expect(parameters.get('secret')).toBe(browser.key())
      expect(['SHA1', null]).toContain(parameters.get('algorithm'))
      expect(['6', null]).toContain(parameters.get('digits'))
      expect(['30', null]).toContain(parameters.get('period'))
      keys.add(browser.key())
    }
    expect(keys.size).toBe(5)
  })

  test('of two browsers at the QR page each has its own, and confirming in one kills the other (ENR-2)', async () => {
    const person = await idp.createPerson()
    const one = await standAtTheQrCode(person)
    const other = await standAtTheQrCode(person)
    expect(one.key()).not.toBe(other.key())
    const otherPhone = createPhone(other.key())
    await one.submit({ code: createPhone(one.key()).code(), deviceName: 'Le premier' })
    expect(isBack(one)).toBe(true)
    await other.submit({ code: otherPhone.code(), deviceName: 'Le second' })
    expect({ isBack: isBack(other), step: other.step() }).toEqual({ isBack: false, step: 'password' })
    expect(await devicesOf(person)).toEqual(['Le premier'])
    clock.nextStep()
    await other.submit({ cip: person.cip, password: person.password })
    await other.submit({ code: otherPhone.code() })
    expect(isBack(other)).toBe(false)
  })

  test('comes from the server alone: what the form adds is ignored (ENR-5)', async () => {
    const { browser, person } = await PLACES['at the QR code'](idp, rp)
    const own = createPhone('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ')
    const wishes = {
      secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      key: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
      algorithm: 'SHA256',
      digits: '8',
      period: '3600',
      lastStep: '0',
      accountId: 'x',
    }
    await browser.submit({ code: own.code(), deviceName: 'Le mien', ...wishes })
    expect(browser.shown.status).toBe(422)
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone', ...wishes })
    expect(isBack(browser)).toBe(true)
    expect(await devicesOf(person)).toEqual(['Mon iPhone'])
  })

  test('of another person at the same interaction is another', async () => {
    const a = await PLACES['at the QR code'](idp, rp)
    const keyOfA = a.browser.key()
    const b = await idp.createPerson()
    await a.browser.postTo('password', { cip: b.cip, password: b.password })
    expect(a.browser.key()).not.toBe(keyOfA)
  })

  test('is stored nowhere before it is confirmed, and sealed after', async () => {
    const { browser, person } = await PLACES['at the QR code'](idp, rp)
    expect(await idp.db('second_factors').where({ accountId: person.id })).toEqual([])
    const key = browser.key()
    await browser.submit({ code: createPhone(key).code(), deviceName: 'Mon iPhone' })
    const [row] = (await idp.db('second_factors').where({ accountId: person.id })) as {
      sealedSecret: string
    }[]
    expect(row?.sealedSecret).toMatch(/^test\./)
    expect(row?.sealedSecret).not.toContain(key)
  })
})

describe('one device, whole or not at all', () => {
  test('twenty parallel confirmations from one page make one device, and all end well (ENR-4)', async () => {
    const { browser, person } = await PLACES['at the QR code'](idp, rp)
    const tabs = Array.from({ length: 20 }, () => browser.clone())
    const code = createPhone(browser.key()).code()
    const answers = await Promise.all(tabs.map((tab) => tab.send({ code, deviceName: 'Mon iPhone' })))
    expect(answers.map(({ status }) => status).filter((status) => status !== 303)).toEqual([])
    expect(await devicesOf(person)).toEqual(['Mon iPhone'])
    expect(
      await idp.db('audit_events').where({ accountId: person.id, event: 'second-factor.enrolled' }),
    ).toHaveLength(1)
    await browser.open(answers[0]?.headers.get('location') ?? '')
    expect(isBack(browser)).toBe(true)
  })

  test('twenty parallel confirmations from twenty interactions make one device; the others are refused cleanly (ENR-4)', async () => {
    const person = await idp.createPerson()
    const browsers: Browser[] = []
    for (let count = 0; count < 20; count += 1) browsers.push(await standAtTheQrCode(person))
    await Promise.all(
      browsers.map((browser, index) =>
        browser.submit({ code: createPhone(browser.key()).code(), deviceName: `Appareil ${index}` }),
      ),
    )
    expect(browsers.filter(isBack)).toHaveLength(1)
    expect(await devicesOf(person)).toHaveLength(1)
    expect(
      browsers.filter(
        (browser) => !isBack(browser) && browser.shown.status !== 422 && browser.shown.status !== 200,
      ),
    ).toEqual([])
  })

  test.each([
    ['the device', 'insert on second_factors', 'true'],
    ['the epoch', 'update on accounts', 'new.credential_epoch <> old.credential_epoch'],
    ['the notice', 'insert on outbox', "new.kind = 'second-factor-enrolled'"],
    ['the audit event', 'insert on audit_events', "new.event = 'second-factor.enrolled'"],
  ])(
    'a failure while %s is written leaves nothing behind, and the person goes on (ENR-6)',
    async (_what, when, condition) => {
      const { browser, person } = await PLACES['at the QR code'](idp, rp)
      const key = browser.key()
      await failing(idp, when, condition, () =>
        browser.submit({ code: createPhone(key).code(), deviceName: 'Mon iPhone' }),
      )
      expect(browser.shown.status).toBeGreaterThanOrEqual(500)
      expect(await devicesOf(person)).toEqual([])
      await browser.open(browser.shown.url)
      expect(browser.key()).toBe(key)
      await browser.submit({ code: createPhone(key).code(), deviceName: 'Mon iPhone' })
      expect(isBack(browser)).toBe(true)
    },
  )

  test('its owner is told by mail (ENR-9)', async () => {
    const { browser, person } = await PLACES['at the QR code'](idp, rp)
    const headers = { 'User-Agent': 'Mozilla/5.0 (Windows NT 10.0; rv:145.0) Gecko/20100101 Firefox/145.0' }
    const fields = { code: createPhone(browser.key()).code(), deviceName: 'Mon <b>iPhone</b>' }
    await browser.submit(fields, { headers })
    expect(isBack(browser)).toBe(true)
    const mail = (await idp.readMail()).find(
      ({ text, subject }) => subject === 'Un appareil mobile a été enregistré' && text.includes(person.cip),
    )
    expect(mail?.text).toContain('Mon <b>iPhone</b>')
    expect(mail?.html).not.toContain('<b>')
    expect(mail?.text).toMatch(
      /^Quand\u00a0: \d.* à .*\nDepuis l’adresse\u00a0: (127\.0\.0\.1|::1)\nNavigateur\u00a0: Firefox \(Windows\)$/m,
    )
    expect(mail?.text).toContain('Si ce n’est pas vous, appelez tout de suite le soutien.')
  })
})

describe('the name of a device', () => {
  test.each([
    'Mon iPhone',
    'é'.repeat(50),
    '👩‍⚕️ téléphone',
    '=HYPERLINK("http://exemple.ca")',
    '<script>alert(1)</script>',
    "'; drop table accounts; --",
    '{code}',
  ])('%j is accepted and shown as text', async (deviceName) => {
    const { browser, person } = await PLACES['at the QR code'](idp, rp)
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName })
    expect(isBack(browser)).toBe(true)
    expect(await devicesOf(person)).toEqual([deviceName.normalize('NFC')])
    clock.nextStep()
    const later = new Browser(idp)
    await givePassword(later, rp, person)
    expect(later.text()).toContain(deviceName)
    expect(later.shown.html).not.toContain('<script>alert')
  })

  test.each([
    '',
    '   ',
    'x'.repeat(51),
    'a\nb',
    'a\r\nBcc: x',
    'a\u202Eb',
    'a\u001b[31mb',
    '\u200b',
    'a\u2028b',
    '\ufeff',
    '\u{e0041}',
  ])('%j is refused, and the key stays', async (deviceName) => {
    const { browser, person } = await PLACES['at the QR code'](idp, rp)
    const key = browser.key()
    await browser.submit({ code: createPhone(key).code(), deviceName })
    expect({ status: browser.shown.status, key: browser.key() }).toEqual({ status: 422, key })
    expect(await devicesOf(person)).toEqual([])
  })
})
