// Threats that come in by a small door: a message that helps a thief, a name that is more than a name, a text
// that stops the server, an address taken from a header.

import { describe, expect, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setColumns } from '../support/sealed.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { givePassword } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { rawRequest } from '../support/raw-request.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { METRICS_TOKEN } from '../support/settings.js'
import { PLACES } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp)
const untold = await useIdp({ settings: { METRICS_TOKEN: '' } })
const proxied = await useIdp({ settings: { TRUSTED_PROXY_HOPS: '1' } })
await registerRelyingParty(proxied)

describe('« votre téléphone avance de 5 min » (OTP-8)', () => {
  test('tells a thief which guess will be right in five minutes: it is not', async () => {
    const { person, phone } = await createEnrolled(idp)
    const thief = new Browser(idp)
    await givePassword(thief, rp, person)
    const guess = phone.code({ offsetSeconds: 300 })
    await thief.submit({ code: guess })
    expect(thief.refusal()).toContain('avance d’environ 5\u00a0min')
    clock.advance({ minutes: 5 })
    await thief.submit({ code: guess })
    expect(thief.shown.status).toBe(422)
    expect(thief.refusal()).toContain('Ce code a déjà servi')
    clock.nextStep()
    await thief.submit({ code: phone.code() }) // its owner, whose next code is another one, is not held up
    expect(thief.shown.url.startsWith(REDIRECT_URI)).toBe(true)
  })
})

describe('a new password', () => {
  test('made of words that fit in two ways does not stop the server', async () => {
    const { browser } = await PLACES['at the change of password'](idp, rp)
    // Sixty words, each in one of two ways: whoever tries them all never answers.
    const newPassword = 'ciussseespresso'.repeat(60) + 'zq'
    await browser.submit({ newPassword, newPasswordConfirmation: newPassword })
    expect(browser.shown.status).toBe(422)
  })
})

describe('the name of a device', () => {
  test('that looks like an address is no link in our mail', async () => {
    const person = await idp.createPerson({ email: 'device-link@exemple.ca' })
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    await browser.submit({
      code: createPhone(browser.key()).code(),
      deviceName: 'https://evil.example/annuler',
    })
    const mail = (await idp.readMail()).find(({ to }) => to === person.email)
    expect(mail?.html).toContain('evil.example')
    expect(mail?.html).not.toMatch(/<a href="(?!tel:)/)
  })

  test('and the address of an application is words: no mail leads to where a password is asked', async () => {
    const operator = { name: 'operator:test', clientAddress: 'cli' }
    await idp.services.accounts.create(
      { cip: 'link1234', name: 'https://evil.example/', email: 'link@exemple.ca' },
      operator,
      'mail',
    )
    const mail = (await idp.readMail()).find(({ to }) => to === 'link@exemple.ca')
    expect(mail?.html).toContain('>http://localhost:9/<')
    expect(mail?.html).not.toContain('<a href="http://localhost:9/')
    expect(mail?.html).not.toContain('<a href="https://evil.example')
  })

  test.each(['\u200d', '\u3164', '\ufe0f\ufe0f', '\u2800', '\u0301'])(
    '%j leaves nothing to see, and is refused',
    async (deviceName) => {
      const browser = new Browser(idp)
      await givePassword(browser, rp, await idp.createPerson())
      await browser.submit({ code: createPhone(browser.key()).code(), deviceName })
      expect(browser.shown.status).toBe(422)
    },
  )
})

describe('the demonstration’s mailbox, when it listens to the whole network', () => {
  /** The same application, asked by somebody at this address who writes what he likes into his headers. */
  async function ask(provider: typeof idp, from: string, ...headers: string[]) {
    const server = createServer(provider.app.koa.callback())
    server.on('connection', (socket) => Object.defineProperty(socket, 'remoteAddress', { value: from }))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const lines = ['GET /dev/mail HTTP/1.1', `Host: ${new URL(provider.url).host}`, ...headers]
    const { status, body } = await rawRequest(url, lines)
    await new Promise((resolve) => server.close(resolve))
    return { status, body }
  }

  test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
    'is shown at %s, on the machine itself',
    async (from) => {
      const { status, body } = await ask(idp, from)
      expect(status).toBe(200)
      expect(body).toContain('<h1>Courriels')
    },
  )

  test.each(['192.0.2.7', '::ffff:192.0.2.7', '2001:db8::7'])('is not there for %s', async (from) => {
    expect((await ask(idp, from)).status).toBe(404)
    expect((await ask(idp, from, 'X-Forwarded-For: 127.0.0.1')).status).toBe(404)
    expect((await ask(proxied, from, 'X-Forwarded-For: 127.0.0.1')).status).toBe(404)
    expect((await ask(proxied, '127.0.0.1', `X-Forwarded-For: ${from}`)).status).toBe(404)
  })
})

describe('the figures of the process (/metrics)', () => {
  const ask = async (provider: typeof idp, ...headers: string[]) =>
    rawRequest(provider.url, ['GET /metrics HTTP/1.1', ...headers])

  test('are for whoever has the token, who asks each instance by its address', async () => {
    const { status, body } = await ask(idp, 'Host: 10.0.0.5:3000', `Authorization: Bearer ${METRICS_TOKEN}`)
    expect(status).toBe(200)
    expect(body).toContain('laissez_passer_sign_ins_total')
  })

  test.each([
    'X-Nothing: x',
    `Authorization: ${METRICS_TOKEN}`,
    'Authorization: Bearer',
    `Authorization: Bearer ${METRICS_TOKEN.slice(0, -1)}`,
    `Authorization: Bearer ${METRICS_TOKEN}x`,
    `Authorization: Basic ${METRICS_TOKEN}`,
  ])('%s gets none, under our name or another', async (header) => {
    for (const host of [new URL(idp.url).host, 'evil.example']) {
      const { status, headers, body } = await ask(idp, `Host: ${host}`, header)
      expect({ status, scheme: headers['www-authenticate'] }).toEqual({ status: 401, scheme: 'Bearer' })
      expect(body).not.toContain('total')
    }
  })

  test('are nowhere without a token of the operator’s, whatever is sent', async () => {
    const { status, body } = await ask(untold, 'Host: localhost', 'Authorization: Bearer undefined')
    expect(status).toBe(404)
    expect(body).not.toContain('total')
  })
})

describe('behind a proxy that passes on what it was sent', () => {
  test.each(['javascript', 'https', 'a b', '%', '://'])(
    'X-Forwarded-Proto: %s gets into no address (OIDC-9)',
    async (scheme) => {
      for (const path of ['/.well-known/openid-configuration', '/session/end', '/help']) {
        const lines = [
          `GET ${path} HTTP/1.1`,
          `Host: ${new URL(proxied.url).host}`,
          `X-Forwarded-Proto: ${scheme}`,
        ]
        const { status, headers, body } = await rawRequest(proxied.url, lines)
        expect({
          path,
          status,
          location: headers['location'],
          isInside: body.includes(`${scheme}://localhost`),
        }).toEqual({
          path,
          status: 421,
          location: undefined,
          isInside: false,
        })
      }
    },
  )

  test('an address with a zone is an address', async () => {
    const browser = new Browser(proxied, { 'X-Forwarded-For': `fe80::1%${'z'.repeat(100)}` })
    await browser.open(
      `/auth?client_id=eespresso&response_type=code&scope=openid&code_challenge_method=S256&code_challenge=${'a'.repeat(43)}&redirect_uri=${encodeURIComponent(REDIRECT_URI)}`,
    )
    await browser.submit({ cip: 'personne', password: 'x' })
    expect(browser.shown.status).toBe(422)
    const [event] = await proxied.db('audit_events').where({ event: 'password.refused' })
    expect(event).toMatchObject({ clientAddress: 'fe80::1' })
  })
})

describe('a change of master keys between the QR code and the code', () => {
  test('strands nobody: the key on the phone still enrols', async () => {
    const person = await idp.createPerson()
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    const phone = createPhone(browser.key())
    const [old] = idp.config.masterKeys
    await idp.restart({
      MASTER_KEYS: `new:${randomBytes(32).toString('base64')},${old?.id}:${old?.key.toString('base64')}`,
    })
    await browser.submit({ code: phone.code(), deviceName: 'Mon iPhone' })
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
    const headers = { Authorization: `Bearer ${METRICS_TOKEN}` }
    expect(await (await browser.request('/metrics', { headers })).text()).toMatch(
      /^laissez_passer_sign_ins_total 1$/m,
    )

    clock.nextStep()
    await givePassword(browser, rp, person, { prompt: 'login' })
    await browser.submit({ code: phone.code() })
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
  })
})

describe('the first sign-in after an import, pressed twice', () => {
  test('is right both times: the same password stored under stronger parameters is no other one', async () => {
    const { accounts } = idp.services.store
    const person = await idp.createPerson()
    const imported = await bcrypt.hash(person.password, 4)
    await setColumns(idp.db, idp.services, person.id, { passwordHash: imported })
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    const { findRecord } = accounts
    accounts.findRecord = async (by) => {
      if ('cip' in by) return findRecord(by)
      accounts.findRecord = findRecord // the first click ends while the second one's hash is computed
      await accounts.replaceHash(by.id, imported, await idp.services.hasher.hash(person.password, by.id))
      return findRecord(by)
    }
    await browser.submit({ cip: person.cip, password: person.password })
    expect(browser.step()).toBe('enrol')
  })
})
