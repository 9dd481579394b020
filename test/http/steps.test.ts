// Threat: a step of the sign-in skipped, taken out of order, or taken for somebody else (FLOW-1 to FLOW-5,
// ENR-3, SES-6).

import { describe, expect, test } from '@jest/globals'
import { Browser, formHeaders } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { enrolFirst, givePassword, signIn } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { claimsOf, registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import {
  failuresOf,
  giveTemporaryPassword,
  PLACES,
  type Place,
  type Situation,
} from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const ADDRESSES = ['password', 'one-time-code', 'change-password', 'enrol', 'done', 'login', 'confirm']
const EVERY_PLACE = Object.keys(PLACES) as Place[]
const BEFORE_THE_END = EVERY_PLACE.filter((place) => !place.startsWith('at the end'))
const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })
const shared = await registerRelyingParty(idp, { client_id: 'horaire', client_name: 'Horaire' })

const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

/** The browser has a session of this account: an application that asks for no page gets its token. */
async function expectSilent(browser: Browser, accountId: string): Promise<void> {
  const { url, verifier } = shared.begin({ prompt: 'none' })
  const answer = await browser.request(url)
  expect(
    claimsOf((await shared.tokens(answer.headers.get('location') ?? '', verifier)).id_token)['sub'],
  ).toBe(accountId)
}

/** The person can still do the next right thing and arrive. */
async function goOn({ browser, person, phone, verifier }: Situation): Promise<void> {
  for (let steps = 0; steps < 5 && !isBack(browser); steps += 1) {
    switch (browser.step()) {
      case 'password':
        await browser.submit({ cip: person.cip, password: person.password })
        break
      case 'one-time-code':
        clock.nextStep()
        await browser.submit({ code: phone?.code() ?? '' })
        break
      case 'change-password':
        await browser.submit({
          newPassword: 'onze-girafes-vertes',
          newPasswordConfirmation: 'onze-girafes-vertes',
        })
        break
      case 'enrol':
        await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
        break
      default:
        await browser.submit({})
    }
  }
  expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['sub']).toBe(person.id)
}

describe('every address of a sign-in leads to the step that the facts say', () => {
  test.each(EVERY_PLACE)('GET, %s', async (place) => {
    const situation = await PLACES[place](idp, rp)
    const { browser, step } = situation
    const uid = browser.uid()
    for (const address of [
      '',
      ...ADDRESSES.map((name) => `/${name}`),
      `/${step}?passwordVerified=true&step=done`,
    ]) {
      await browser.open(`/interaction/${uid}${address}`)
      expect({ address, step: browser.step(), status: browser.shown.status }).toEqual({
        address,
        step,
        status: 200,
      })
    }
    await goOn(situation)
  })

  test.each(BEFORE_THE_END)('an empty POST, %s', async (place) => {
    const situation = await PLACES[place](idp, rp)
    const { browser, step } = situation
    const uid = browser.uid()
    for (const address of ADDRESSES) {
      await browser.postTo(address)
      expect({ address, isBack: isBack(browser) }).toEqual({ address, isBack: false })
      await browser.open(`/interaction/${uid}`)
      expect({ address, now: browser.step() }).toEqual({ address, now: step })
    }
    await goOn(situation)
  })

  test.each(BEFORE_THE_END)('a POST full of wishes, %s', async (place) => {
    const situation = await PLACES[place](idp, rp)
    const { browser, step } = situation
    const uid = browser.uid()
    const wishes = {
      passwordVerified: 'true',
      secondFactorVerified: 'true',
      enrolled: 'true',
      signIn: 'x',
      accountId: situation.person.id,
      login: 'yes',
      step: 'done',
      result: '{"login":{"accountId":"x"}}',
    }
    for (const address of ADDRESSES.filter((name) => name !== 'password')) {
      await browser.postTo(address, wishes)
      expect({ address, isBack: isBack(browser) }).toEqual({ address, isBack: false })
      await browser.open(`/interaction/${uid}`)
      expect({ address, now: browser.step() }).toEqual({ address, now: step })
    }
  })

  test('cut off at the very end, a visit alone saves nothing and a press on the button arrives', async () => {
    const { browser, person, verifier } = await PLACES['at the end, cut off before it was saved'](idp, rp)
    expect(browser.heading()).toBe('C’est fait')
    await browser.submit({}, { form: '/done' })
    expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['sub']).toBe(person.id)
  })

  test('the page that asks for a temporary password’s successor cannot be passed by naming the next one', async () => {
    const { browser } = await PLACES['at the change of password'](idp, rp)
    await browser.postTo('enrol', { code: '123456', deviceName: 'x' })
    expect(browser.step()).toBe('change-password')
  })
})

describe('no code before the second factor (FLOW-1)', () => {
  test.each(BEFORE_THE_END)('the resume address, %s, leads to a sign-in', async (place) => {
    const { browser } = await PLACES[place](idp, rp)
    await browser.open(`/auth/${browser.uid()}`)
    expect(isBack(browser)).toBe(false)
    expect(browser.heading()).toBe('Connexion')
  })

  test.each<Record<string, string>>([{ prompt: 'login' }, { max_age: '0' }])(
    'nor with a session from before, asked for %j',
    async (parameters) => {
      const { person, phone } = await createEnrolled(idp)
      const browser = new Browser(idp)
      await signIn(shared, person, phone, browser)
      await expectSilent(browser, person.id)
      await givePassword(browser, shared, person, parameters)
      expect(browser.step()).toBe('one-time-code')
      await browser.open(`/auth/${browser.uid()}`)
      expect(isBack(browser)).toBe(false)
    },
  )

  test('with a device, a password alone reaches no QR code, by GET or by POST (ENR-3)', async () => {
    const { browser } = await PLACES['at the code'](idp, rp)
    const uid = browser.uid()
    await browser.open(`/interaction/${uid}/enrol`)
    expect(browser.step()).toBe('one-time-code')
    expect(browser.shown.html).not.toContain('totp-key')
    await browser.postTo('enrol', { code: '123456', deviceName: 'Le mien' })
    expect(browser.step()).toBe('one-time-code')
  })

  test('after enrolment, Back and reload show no key (ENR-7)', async () => {
    const person = await idp.createPerson()
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    const key = browser.key()
    const { url } = browser.shown
    expect(browser.shown.headers.get('cache-control')).toContain('no-store')
    await browser.submit({ code: createPhone(key).code(), deviceName: 'Mon iPhone' })
    await browser.open(url)
    expect(browser.shown.html).not.toContain('totp-key')
    expect(browser.shown.html.replace(/\s/g, '')).not.toContain(key)
  })
})

describe('cookie, address and stored state agree (FLOW-3)', () => {
  test.each(['GET', 'POST'])(
    'the cookie of one sign-in at the address of another: %s is refused',
    async (method) => {
      const a = await PLACES['at the code'](idp, rp)
      const b = await PLACES['at the QR code'](idp, rp)
      const cookie = a.browser
        .cookies()
        .filter(({ name }) => name.startsWith('laissez-passer-interaction'))
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ')
      const thief = new Browser(idp)
      const url = `/interaction/${b.browser.uid()}/enrol`
      const response = await thief.request(url, {
        method,
        headers: { ...(method === 'POST' ? formHeaders(idp.url) : {}), Cookie: cookie },
        ...(method === 'POST'
          ? {
              body: new URLSearchParams({
                csrf: b.browser.hidden('csrf'),
                code: '123456',
                deviceName: 'x',
              }).toString(),
            }
          : {}),
      })
      expect(response.status).toBe(400)
      expect(await response.text()).not.toContain('totp-key')
      expect(await a.browser.stepOf(a.browser.uid())).toBe('one-time-code')
      expect(await b.browser.stepOf(b.browser.uid())).toBe('enrol')
    },
  )

  test('an address without its cookie is refused', async () => {
    const { browser } = await PLACES['at the QR code'](idp, rp)
    const stranger = new Browser(idp)
    await stranger.open(browser.shown.url)
    expect(stranger.shown.status).toBe(400)
    expect(stranger.shown.html).not.toContain('totp-key')
  })

  test('a whole recorded sign-in, played again with its cookies, gives nothing', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    const uid = browser.uid()
    const recorded: [url: string, body: string][] = [
      browser.prepare({ cip: person.cip, password: person.password }),
    ]
    await browser.submit({ cip: person.cip, password: person.password })
    recorded.push(browser.prepare({ code: phone.code() }))
    const thief = browser.clone()
    await browser.submit({ code: phone.code() })
    expect(isBack(browser)).toBe(true)

    for (const [url, body] of recorded) {
      await thief.post(url, body)
      expect({ isBack: isBack(thief), status: thief.shown.status }).toEqual({ isBack: false, status: 400 })
    }
    await thief.open(`/auth/${uid}`)
    expect(isBack(thief)).toBe(false)
  })

  test('a new sign-in fed with the recorded password and code stops at the code', async () => {
    const { person, phone } = await createEnrolled(idp)
    const code = phone.code()
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    await browser.submit({ code })
    expect(isBack(browser)).toBe(true)
    const thief = new Browser(idp)
    await givePassword(thief, rp, person)
    await thief.submit({ code })
    expect({ status: thief.shown.status, step: thief.step() }).toEqual({ status: 422, step: 'one-time-code' })
  })
})

describe('only POST submits (FLOW-4)', () => {
  test.each(['HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    '%s with the right fields changes nothing',
    async (method) => {
      const { person, phone, browser } = await PLACES['at the code'](idp, rp)
      const [url, body] = browser.prepare({ code: phone?.code() ?? '' })
      const sent = method === 'HEAD' || method === 'OPTIONS' ? {} : { body }
      const response = await browser.request(`${url}?${body}`, { method, ...sent, headers: formHeaders(url) })
      expect(response.status).toBeLessThan(500)
      expect(response.headers.get('location') ?? '').not.toContain('code=')
      expect(await browser.stepOf(browser.uid())).toBe('one-time-code')
      expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(0)
      await browser.submit({ code: phone?.code() ?? '' })
      expect(isBack(browser)).toBe(true)
    },
  )

  test('GET with CIP and password in the address signs nobody in and counts nothing', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    for (const password of [person.password, 'faux-mot-de-passe']) {
      await browser.open(
        `${browser.shown.url.split('?')[0]}?${new URLSearchParams({ csrf: browser.hidden('csrf'), cip: person.cip, password }).toString()}`,
      )
      expect(browser.step()).toBe('password')
    }
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(0)
    expect(idp.logLines.join('')).not.toContain(person.password)
  })

  test('a method that an override asks for is not believed', async () => {
    const { browser, phone } = await PLACES['at the code'](idp, rp)
    const [url, body] = browser.prepare({ code: phone?.code() ?? '', _method: 'POST' })
    await browser.request(`${url}?_method=POST&${body}`, { headers: { 'X-HTTP-Method-Override': 'POST' } })
    expect(await browser.stepOf(browser.uid())).toBe('one-time-code')
  })
})

describe('the account is fixed at the password (FLOW-2)', () => {
  test('another CIP named at the code is ignored', async () => {
    const other = await createEnrolled(idp)
    const { browser, person, phone, verifier } = await PLACES['at the code'](idp, rp)
    await browser.submit({ code: other.phone.code(), cip: other.person.cip, accountId: other.person.id })
    expect(browser.shown.status).toBe(422)
    clock.nextStep()
    await browser.submit({ code: phone?.code() ?? '', cip: other.person.cip, accountId: other.person.id })
    expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['sub']).toBe(person.id)
  })
})

describe('two people at one computer (SES-6)', () => {
  test('B’s password in a second tab, while A stands at the code: A’s code opens nothing, B’s opens B’s', async () => {
    const a = await PLACES['at the code'](idp, rp)
    const b = await createEnrolled(idp)
    const tabOfA = a.browser.clone()
    await a.browser.postTo('password', { cip: b.person.cip, password: b.person.password })
    expect(a.browser.step()).toBe('one-time-code')
    await tabOfA.submit({ code: a.phone?.code() ?? '' })
    expect(isBack(tabOfA)).toBe(false)
    clock.nextStep()
    await a.browser.submit({ code: b.phone.code() })
    expect(claimsOf((await rp.tokens(a.browser.shown.url, a.verifier)).id_token)['sub']).toBe(b.person.id)
  })

  test('A’s tab at the QR code, B’s password in another: A’s phone is bound to nobody', async () => {
    const a = await PLACES['at the QR code'](idp, rp)
    const b = await idp.createPerson()
    const tabOfA = a.browser.clone()
    const phoneOfA = createPhone(tabOfA.key())
    await a.browser.postTo('password', { cip: b.cip, password: b.password })
    expect(a.browser.key()).not.toBe(tabOfA.key())
    await tabOfA.submit({ code: phoneOfA.code(), deviceName: 'iPhone de A' })
    expect(isBack(tabOfA)).toBe(false)
    for (const person of [a.person, b]) expect(await idp.services.secondFactors.list(person.id)).toEqual([])
  })

  test('A’s tab at the choice of a password, B’s temporary password in another: A’s choice never becomes B’s password', async () => {
    const a = await PLACES['at the change of password'](idp, rp)
    const b = await giveTemporaryPassword(idp, await idp.createPerson())
    const tabOfA = a.browser.clone()
    await a.browser.postTo('password', { cip: b.cip, password: b.password })
    expect(a.browser.step()).toBe('change-password')
    const before = (await idp.account(b.cip)).passwordHash
    await tabOfA.submit({
      newPassword: 'onze-girafes-vertes',
      newPasswordConfirmation: 'onze-girafes-vertes',
    })
    expect((await idp.account(b.cip)).passwordHash).toBe(before)
  })

  test('« Ce n’est pas vous? » starts again at the password, and only there', async () => {
    const { browser, phone } = await PLACES['at the code'](idp, rp)
    const page = browser.clone()
    await browser.submit({}, { form: '/restart' })
    expect(browser.step()).toBe('password')
    await page.submit({ code: phone?.code() ?? '' })
    expect(isBack(page)).toBe(false)
    expect(page.step()).toBe('password')
  })

  test('a wrong password in a second tab leaves the first where it stands', async () => {
    const { browser, phone } = await PLACES['at the code'](idp, rp)
    const other = browser.clone()
    await other.postTo('password', { cip: 'inconnu', password: 'rien-qui-vaille' })
    expect(other.shown.status).toBe(422)
    await browser.submit({ code: phone?.code() ?? '' })
    expect(isBack(browser)).toBe(true)
  })

  test('B signs in where A has a session: the application gets B, never A, and A’s earlier token stays A’s', async () => {
    const a = await idp.createPerson()
    const b = await createEnrolled(idp)
    const first = await enrolFirst(idp, shared, a)
    const tokensOfA = await shared.tokens(first.callback, first.verifier)
    const { callback, verifier } = await signIn(shared, b.person, b.phone, first.browser, { prompt: 'login' })
    expect(claimsOf((await shared.tokens(callback, verifier)).id_token)['sub']).toBe(b.person.id)
    expect(claimsOf(tokensOfA.id_token)['sub']).toBe(a.id)
    await expectSilent(first.browser, b.person.id)
  })

  test('B begins and gives up: A’s session is as it was', async () => {
    const a = await idp.createPerson()
    const { browser } = await enrolFirst(idp, shared, a)
    const b = await createEnrolled(idp)
    await givePassword(browser, shared, b.person, { prompt: 'login' })
    expect(browser.step()).toBe('one-time-code')
    await expectSilent(browser, a.id)
  })
})

describe('what changes meanwhile is seen at the next step (FLOW-5, ENR-11)', () => {
  test.each([
    'at the code',
    'at the QR code',
    'at the change of password',
    'at the end, cut off before it was saved',
  ] as const)('the account is disabled while somebody stands %s', async (place) => {
    const { browser, person, phone } = await PLACES[place](idp, rp)
    await idp.services.accountActions.disable(await idp.account(person.cip), operator, 'left')
    await browser.submit({
      code: phone?.code() ?? '123456',
      deviceName: 'x',
      newPassword: 'onze-girafes-vertes',
      newPasswordConfirmation: 'onze-girafes-vertes',
    })
    expect({ isBack: isBack(browser), step: browser.step() }).toEqual({ isBack: false, step: 'password' })
    await browser.submit({ cip: person.cip, password: person.password })
    expect(browser.refusal()).toContain(
      'Le nom d’utilisateur ou le mot de passe est inexact, ou votre accès est suspendu.',
    )
  })

  test.each(['at the code', 'at the QR code', 'at the change of password'] as const)(
    'the password is reset while somebody stands %s: it is asked for again',
    async (place) => {
      const { browser, person, phone } = await PLACES[place](idp, rp)
      await giveTemporaryPassword(idp, person)
      await browser.submit({
        code: phone?.code() ?? '123456',
        deviceName: 'x',
        newPassword: 'onze-girafes-vertes',
        newPasswordConfirmation: 'onze-girafes-vertes',
      })
      expect({ isBack: isBack(browser), step: browser.step() }).toEqual({ isBack: false, step: 'password' })
      expect((await idp.account(person.cip)).temporaryPasswordExpiresAt).not.toBeNull()
    },
  )

  test('the device is reset while its code is being typed: that code opens nothing', async () => {
    const { browser, person, phone } = await PLACES['at the code'](idp, rp)
    await idp.services.accountActions.resetSecondFactor(await idp.account(person.cip), operator, 'lost')
    await browser.submit({ code: phone?.code() ?? '' })
    expect({ isBack: isBack(browser), step: browser.step() }).toEqual({ isBack: false, step: 'password' })
  })
})
