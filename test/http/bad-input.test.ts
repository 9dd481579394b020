// Threat: whatever is typed, pasted or forged into a form, a cookie, a header or an address. Never a fault of
// ours, and nothing is lost: the person goes on where they were (WEB-5, WEB-9, WEB-12, FLOW-9).

import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { gzipSync } from 'node:zlib'
import { formHeaders } from '../support/browser.js'
import { createPhone } from '../support/phone.js'
import { rawRequest } from '../support/raw-request.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { PLACES, type Place, type Situation } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

const FORMS: [Place, string[]][] = [
  ['at the password', ['cip', 'password']],
  ['at the QR code', ['code', 'deviceName']],
  ['at the code', ['code']],
  ['at the change of password', ['newPassword', 'newPasswordConfirmation']],
]

/** Bodies by what is wrong with them; `fine` are the right fields without the one that is spoiled. */
const SPOILED: [string, (name: string, fine: string) => string, number[]][] = [
  ['missing', (_name, fine) => fine, [422]],
  ['empty', (name, fine) => `${fine}&${name}=`, [422]],
  ['without a value', (name, fine) => `${fine}&${name}`, [422]],
  ['repeated', (name, fine) => `${fine}&${name}=a&${name}=b`, [400]],
  ['an array', (name, fine) => `${fine}&${name}[]=a`, [400]],
  ['an object', (name, fine) => `${fine}&${name}[$ne]=a`, [400]],
  ['10,000 characters', (name, fine) => `${fine}&${name}=${'a'.repeat(10_000)}`, [400, 413, 422]],
  [
    '10,000 accents',
    (name, fine) => `${fine}&${name}=${encodeURIComponent('é'.repeat(2_000))}`,
    [400, 413, 422],
  ],
  ['a NUL', (name, fine) => `${fine}&${name}=a%00b`, [400]],
  ['half a percent sign', (name, fine) => `${fine}&${name}=%`, [400]],
  ['%ff', (name, fine) => `${fine}&${name}=%ff`, [400]],
  ['an overlong encoding', (name, fine) => `${fine}&${name}=%c0%80`, [400]],
  ['a lone surrogate, encoded', (name, fine) => `${fine}&${name}=%ed%a0%80`, [400]],
  ['emoji', (name, fine) => `${fine}&${name}=${encodeURIComponent('👩‍⚕️🏳️‍🌈')}`, [422, 303]],
  [
    'control characters',
    (name, fine) => `${fine}&${name}=${encodeURIComponent('a\r\n\u001b[31m\u202eb')}`,
    [422],
  ],
  [
    'markup',
    (name, fine) => `${fine}&${name}=${encodeURIComponent('"><script>alert(1)</script>')}`,
    [422, 303],
  ],
  [
    'SQL',
    (name, fine) => `${fine}&${name}=${encodeURIComponent("' or 1=1; drop table accounts; --")}`,
    [422, 303],
  ],
  [
    'a placeholder of our messages',
    (name, fine) => `${fine}&${name}=${encodeURIComponent('{wait, plural, other {x}}')}`,
    [422, 303],
  ],
  ['__proto__ beside it', (_name, fine) => `${fine}&__proto__=a&constructor=b&toString=c`, [422]],
  [
    'a field name of odd signs beside it',
    (_name, fine) => `${fine}&${encodeURIComponent('é\u0000[]')}=a`,
    [400],
  ],
]

function fieldsOf({ person, phone, browser }: Situation): Record<string, string> {
  const code = browser.step() === 'enrol' ? createPhone(browser.key()).code() : (phone?.code() ?? '')
  return {
    cip: person.cip,
    password: person.password,
    code,
    deviceName: 'Mon iPhone',
    newPassword: 'onze-girafes-vertes',
    newPasswordConfirmation: 'onze-girafes-vertes',
  }
}

/** Where the browser stands, asked from a copy of it. */
async function expectUndisturbed({ browser, step }: Situation, uid: string): Promise<void> {
  expect(await browser.stepOf(uid)).toBe(step)
}

describe.each(FORMS)('a form %s', (place, names) => {
  for (const name of names) {
    let standing: Situation | undefined
    test.each(SPOILED)(`${name}: %s`, async (what, spoil, statuses) => {
      const situation = (standing ??= await PLACES[place](idp, rp))
      const { browser } = situation
      const uid = browser.uid()
      const right = fieldsOf(situation)
      const fine = new URLSearchParams({
        csrf: browser.hidden('csrf'),
        ...Object.fromEntries(
          names.filter((other) => other !== name).map((other) => [other, right[other] ?? '']),
        ),
      }).toString()
      const answer = await browser.clone().request(browser.prepare({})[0], {
        method: 'POST',
        body: spoil(name, fine),
        headers: formHeaders(idp.url),
      })
      expect({ what, status: answer.status, isExpected: statuses.includes(answer.status) }).toMatchObject({
        isExpected: true,
      })
      const html = await answer.text()
      if (answer.status === 303) standing = undefined
      else {
        expect(html).toContain('<html lang="fr-CA">')
        expect(html).not.toContain('<script>alert')
        await expectUndisturbed(situation, uid)
      }
      expect({ what, hasSummary: html.includes('id="error-summary"') }).toEqual({
        what,
        hasSummary: answer.status === 422,
      })
    })
  }

  test.each<
    [
      string,
      (body: string) => { headers: Record<string, string>; body: string | Uint8Array<ArrayBuffer> },
      number[],
    ]
  >([
    [
      'as JSON',
      (body) => ({
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(Object.fromEntries(new URLSearchParams(body))),
      }),
      [415],
    ],
    [
      'as multipart',
      (body) => ({
        headers: { 'Content-Type': 'multipart/form-data; boundary=x' },
        body: `--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${body}\r\n--x--\r\n`,
      }),
      [415],
    ],
    ['as plain text', (body) => ({ headers: { 'Content-Type': 'text/plain' }, body }), [415]],
    ['without a type', (body) => ({ headers: { 'Content-Type': '' }, body }), [415]],
    [
      'compressed',
      (body) => ({ headers: { 'Content-Encoding': 'gzip' }, body: new Uint8Array(gzipSync(body)) }),
      [415],
    ],
    [
      'a compressed bomb',
      () => ({
        headers: { 'Content-Encoding': 'gzip' },
        body: new Uint8Array(gzipSync(Buffer.alloc(20_000_000, 97))),
      }),
      [415],
    ],
    ['of fifty-one fields', (body) => ({ headers: {}, body: `${body}${'&x=1'.repeat(51)}` }), [400]],
    [
      'of a hundred thousand fields',
      (body) => ({
        headers: {},
        body: `${body}${Array.from({ length: 100_000 }, (_, index) => `&x${index}=`).join('')}`,
      }),
      [413],
    ],
    ['of two megabytes', (body) => ({ headers: {}, body: `${body}&x=${'a'.repeat(2_000_000)}` }), [413]],
    [
      'in Latin-1',
      (body) => ({ headers: {}, body: new Uint8Array(Buffer.from(`${body}&deviceName=tél`, 'latin1')) }),
      [400],
    ],
    ['of nothing', () => ({ headers: {}, body: '' }), [403]],
  ])('%s is answered plainly, and nothing is lost', async (_what, spoil, statuses) => {
    const situation = await PLACES[place](idp, rp)
    const { browser } = situation
    const uid = browser.uid()
    const [url, sent] = browser.prepare({})
    const { headers, body } = spoil(sent)
    const answer = await browser
      .clone()
      .request(url, { method: 'POST', body, headers: { ...formHeaders(url), ...headers } })
    expect({ status: answer.status, isExpected: statuses.includes(answer.status) }).toMatchObject({
      isExpected: true,
    })
    expect(await answer.text()).toContain('<html lang="fr-CA">')
    await expectUndisturbed(situation, uid)
    await browser.submit(fieldsOf(situation))
    expect(browser.shown.url === url && browser.shown.status === 422).toBe(false)
  })
})

describe('bytes that no client library sends', () => {
  test('a form whose end never comes does not hold the next one up', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const { pathname, host } = new URL(browser.shown.url)
    const hanging = rawRequest(
      idp.url,
      [
        `POST ${pathname} HTTP/1.1`,
        `Host: ${host}`,
        'Content-Type: application/x-www-form-urlencoded',
        'Content-Length: 3',
        'Transfer-Encoding: chunked',
      ],
      '0\r\n\r\n',
    )
    await browser.submit({ cip: person.cip, password: person.password })
    expect(browser.step()).toBe('enrol')
    expect((await hanging).status).toBe(400)
  })

  test('chunks without a length count too', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    const { pathname, host } = new URL(browser.shown.url)
    const cookie = browser
      .cookies()
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ')
    const chunk = `${(10_000).toString(16)}\r\n${'a'.repeat(10_000)}\r\n`
    const answer = await rawRequest(
      idp.url,
      [
        `POST ${pathname} HTTP/1.1`,
        `Host: ${host}`,
        `Cookie: ${cookie}`,
        'Content-Type: application/x-www-form-urlencoded',
        'Transfer-Encoding: chunked',
      ],
      `${chunk}${chunk}0\r\n\r\n`,
    )
    expect([411, 413]).toContain(answer.status)
    expect(answer.body).toContain('<html lang="fr-CA">')
  })
})

describe('the protocol’s own addresses', () => {
  test.each([
    '%00',
    '%ff',
    '%ed%a0%80',
    '%',
    'a'.repeat(8_000),
    '__proto__',
    'constructor',
    encodeURIComponent('é👩‍⚕️'),
    '[]',
    '%0d%0aSet-Cookie:x=1',
  ])('client_id=%s', async (value) => {
    for (const path of [
      `/auth?client_id=${value}`,
      `/auth?client_id=eespresso&redirect_uri=${value}`,
      `/auth?client_id=eespresso&state=${value}`,
      `/auth?client_id=eespresso&login_hint=${value}&ui_locales=${value}`,
      `/session/end?client_id=${value}&id_token_hint=${value}`,
    ]) {
      const answer = await fetch(`${idp.url}${path}`, {
        redirect: 'manual',
        headers: { Accept: 'text/html' },
      })
      expect({ path, isFault: answer.status >= 500 }).toEqual({ path, isFault: false })
    }
    const asForm = (body: string) => ({
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    })
    for (const path of ['/auth', '/token', '/session/end', '/session/end/confirm']) {
      const answer = await fetch(`${idp.url}${path}`, {
        redirect: 'manual',
        ...asForm(
          `client_id=${value}&grant_type=authorization_code&code=${value}&client_secret=${value}&xsrf=${value}`,
        ),
      })
      expect({ path, isFault: answer.status >= 500 }).toEqual({ path, isFault: false })
    }
  })

  test.each([
    'client_id',
    'redirect_uri',
    'state',
    'scope',
    'prompt',
    'ui_locales',
    'login_hint',
    'lang',
    'response_type',
  ])('%s twice', async (name) => {
    const answer = await fetch(`${rp.begin().url}&${name}=a&${name}=b`, {
      redirect: 'manual',
      headers: { Accept: 'text/html' },
    })
    expect(answer.status).toBeLessThan(500)
  })

  test('forged client credentials', async () => {
    for (const credentials of [
      '',
      ':',
      'eespresso',
      '\u0000:\u0000',
      '%00:%00',
      '%ff:x',
      `${'a'.repeat(5_000)}:x`,
      'é:é',
      '__proto__:x',
    ]) {
      const answer = await fetch(`${idp.url}/token`, {
        method: 'POST',
        headers: { Authorization: `Basic ${Buffer.from(credentials).toString('base64')}` },
        body: new URLSearchParams({ grant_type: 'authorization_code', code: 'x' }),
      })
      expect({ credentials, isFault: answer.status >= 500 }).toEqual({ credentials, isFault: false })
    }
  })
})

describe('whatever a machine can think of', () => {
  const RUNS = { numRuns: 60 }
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.stringMatching(/^[a-z0-9._%&=+[\]-]{0,60}$/),
  )
  const noLoneSurrogate = (value: string): boolean => value.isWellFormed()

  test('CIP and password', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    await fc.assert(
      fc.asyncProperty(text.filter(noLoneSurrogate), text.filter(noLoneSurrogate), async (cip, password) => {
        const answer = await browser.send({ cip, password })
        expect([400, 422, 429]).toContain(answer.status)
        expect(answer.headers.get('location')).toBeNull()
      }),
      RUNS,
    )
    await browser.open(browser.shown.url)
    expect(browser.step()).toBe('password')
  })

  test('device names: refused, or bound as they were typed', async () => {
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(text.filter(noLoneSurrogate), async (typed) => {
        const { browser, person } = await PLACES['at the QR code'](idp, rp)
        await browser.submit({ code: createPhone(browser.key()).code(), deviceName: typed })
        const names = (await idp.services.secondFactors.list(person.id)).map(({ name }) => name)
        const isBound = names.length > 0
        outcomes.add(isBound ? 'bound' : 'refused')
        if (isBound) {
          expect(names).toEqual([typed.normalize('NFC').trim()])
          expect([...(names[0] ?? '')].length).toBeLessThanOrEqual(50)
          expect(names[0]).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u)
          expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
        } else {
          expect(typed).not.toMatch(/^[a-z0-9]{1,50}$/i)
          expect([400, 422]).toContain(browser.shown.status)
        }
      }),
      { ...RUNS, numRuns: 40, examples: [['Mon iPhone'], ['a\u202eb'], ['x'.repeat(51)], ['<b>&"\'']] },
    )
    expect([...outcomes].toSorted()).toEqual(['bound', 'refused'])
  })

  test('bodies of bytes', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    const [url, fine] = browser.prepare({})
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (bytes, hasToken) => {
        const body = new Uint8Array(Buffer.concat([Buffer.from(hasToken ? `${fine}&` : ''), bytes]))
        const answer = await browser.request(url, { method: 'POST', body, headers: formHeaders(url) })
        expect([400, 403, 422]).toContain(answer.status)
      }),
      RUNS,
    )
  })

  test('cookies', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    const value = fc.stringMatching(/^[\u0021-\u007e\u00a0-\u00ff]{0,80}$/)
    const name = fc.constantFrom(
      'laissez-passer-interaction',
      'laissez-passer-interaction.sig',
      'laissez-passer-session',
      'laissez-passer-session.sig',
      'laissez-passer-resume',
      'laissez-passer-lang',
      'laissez-passer-browser',
      '__proto__',
      '',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 6 }), async (cookies) => {
        const header = cookies.map(([key, content]) => `${key}=${content}`).join('; ')
        for (const path of [
          `/interaction/${browser.uid()}/password`,
          '/auth/x',
          '/session/end',
          '/help',
          new URL(rp.begin().url).pathname,
        ]) {
          const answer = await fetch(`${idp.url}${path}`, {
            redirect: 'manual',
            headers: { Cookie: header, Accept: 'text/html' },
          })
          expect({ path, isFault: answer.status >= 500 }).toEqual({ path, isFault: false })
        }
      }),
      { numRuns: 30 },
    )
  })

  test('headers', async () => {
    const value = fc.stringMatching(/^[\u0021-\u007e]{0,120}$/)
    const name = fc.constantFrom(
      'Accept',
      'Accept-Language',
      'Accept-Encoding',
      'Content-Type',
      'Authorization',
      'User-Agent',
      'Origin',
      'Sec-Fetch-Site',
      'Sec-CH-UA-Mobile',
      'If-None-Match',
      'If-Modified-Since',
      'Range',
      'X-Forwarded-For',
      'X-Forwarded-Proto',
      'X-Request-Id',
    )
    await fc.assert(
      fc.asyncProperty(fc.dictionary(name, value), async (headers) => {
        for (const path of ['/help', '/auth?client_id=eespresso', '/me', '/nulle-part']) {
          const answer = await fetch(`${idp.url}${path}`, { redirect: 'manual', headers })
          expect({ path, isFault: answer.status >= 500 }).toEqual({ path, isFault: false })
        }
      }),
      { numRuns: 30 },
    )
  })
})
