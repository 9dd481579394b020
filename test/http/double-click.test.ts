// A tired hand presses twice: two identical posts at the same moment, on every step, must end as well as one.

import { describe, expect, test } from '@jest/globals'
import type { Browser } from '../support/browser.js'
import { createPhone } from '../support/phone.js'
import { claimsOf, registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { failuresOf, PLACES, type Situation } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

/** Both posts are answered; a browser follows the second answer alone. */
async function pressTwice(browser: Browser, fields: Record<string, string>, form = ''): Promise<void> {
  const [first, second] = await Promise.all([
    browser.clone().send(fields, { form }),
    browser.send(fields, { form }),
  ])
  expect([first.status, second.status]).toEqual([303, 303])
  await browser.open(second.headers.get('location') ?? '')
}

/** The same, the second press coming after the first was answered but not followed. */
async function pressAgain(browser: Browser, fields: Record<string, string>, form = ''): Promise<void> {
  const first = await browser.clone().send(fields, { form })
  const second = await browser.send(fields, { form })
  expect([first.status, second.status]).toEqual([303, 303])
  await browser.open(second.headers.get('location') ?? '')
}

async function expectToken({ browser, person, verifier }: Situation): Promise<void> {
  expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
  expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['sub']).toBe(person.id)
}

describe.each([
  ['at once', pressTwice],
  ['one after the other', pressAgain],
])('two presses, %s', (_how, press) => {
  test('at the password', async () => {
    const situation = await PLACES['at the password'](idp, rp)
    const { browser, person } = situation
    await press(browser, { cip: person.cip, password: person.password })
    expect(browser.step()).toBe('enrol')
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
    await expectToken(situation)
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(0)
  })

  test('at the choice of a password', async () => {
    const situation = await PLACES['at the change of password'](idp, rp)
    const { browser, person } = situation
    await press(browser, {
      newPassword: 'onze-girafes-vertes',
      newPasswordConfirmation: 'onze-girafes-vertes',
    })
    expect(browser.step()).toBe('enrol')
    expect(
      await idp.db('audit_events').where({ accountId: person.id, event: 'password.changed' }),
    ).toHaveLength(1)
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
    await expectToken(situation)
  })

  test('at the QR code', async () => {
    const situation = await PLACES['at the QR code'](idp, rp)
    const { browser, person } = situation
    await press(browser, { code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
    await expectToken(situation)
    expect(await idp.services.store.secondFactors.listCurrent(person.id)).toHaveLength(1)
  })

  test('at the code: it counts as one use, and as no failure', async () => {
    const situation = await PLACES['at the code'](idp, rp)
    const { browser, person, phone } = situation
    await press(browser, { code: phone?.code() ?? '' })
    await expectToken(situation)
    expect(await failuresOf(idp, `code-account:${person.id}`)).toBe(0)
  })

  test('at the code, with a temporary password', async () => {
    const { browser, phone } = await PLACES['at the code, with a temporary password'](idp, rp)
    await press(browser, { code: phone?.code() ?? '' })
    expect(browser.step()).toBe('change-password')
  })

  test('at the choice of a password that ends the sign-in', async () => {
    const situation = await PLACES['at the change of password, after the code'](idp, rp)
    const { browser } = situation
    await press(browser, {
      newPassword: 'onze-girafes-vertes',
      newPasswordConfirmation: 'onze-girafes-vertes',
    })
    await expectToken(situation)
  })

  test('on « Continuer » after an interruption at the end', async () => {
    const situation = await PLACES['at the end, cut off before it was saved'](idp, rp)
    await press(situation.browser, {}, '/done')
    await expectToken(situation)
  })

  test('on « Ce n’est pas vous? »', async () => {
    const { browser } = await PLACES['at the code'](idp, rp)
    await press(browser, {}, '/restart')
    expect(browser.step()).toBe('password')
  })
})

describe('two presses, when the first has led all the way back to the application', () => {
  test('the second shows a page that leads there, and no fault of ours', async () => {
    const { browser, phone } = await PLACES['at the code'](idp, rp)
    const late = browser.clone()
    const fields = { code: phone?.code() ?? '' }
    await browser.submit(fields)
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
    await late.submit(fields)
    expect(late.shown.status).toBe(400)
    expect(late.heading()).toBe('Cette connexion n’est plus en cours')
    expect(late.shown.html).toContain('href="http://localhost:9/"')
  })

  test.each([1, 2, 3, 4, 5])(
    'both followed at once (round %i): at least one arrives, and neither meets a fault of ours',
    async () => {
      const { browser, phone } = await PLACES['at the code'](idp, rp)
      const tabs = [browser.clone(), browser.clone()]
      await Promise.all(tabs.map((tab) => tab.submit({ code: phone?.code() ?? '' })))
      expect(tabs.some(({ shown }) => shown.url.startsWith(REDIRECT_URI))).toBe(true)
      expect(tabs.filter(({ shown }) => shown.status >= 500)).toEqual([])
    },
  )
})
