// Threat: a page framed, a form sent from elsewhere, an address poisoned by a header (WEB-1 to WEB-4, WEB-7,
// WEB-8, WEB-11, M9, M10, M27, M28).

import { describe, expect, test } from '@jest/globals'
import { Browser, formHeaders } from '../support/browser.js'
import { startIdp } from '../support/idp.js'
import { enrolFirst, givePassword } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { rawRequest } from '../support/raw-request.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { createPhone } from '../support/phone.js'
import { failing, failuresOf, PLACES, type Situation } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp)
const proxied = await useIdp({ settings: { TRUSTED_PROXY_HOPS: '1' } })
const rpBehindProxy = await registerRelyingParty(proxied, { sign_in_every_time: true })

const EVIL = 'evil.example'

function expectSafeHeaders(headers: Headers, { isDynamic = true, isPage = true } = {}): void {
  const csp = headers.get('content-security-policy') ?? ''
  expect(csp).toMatch(/default-src 'none'/)
  expect(csp).toMatch(/frame-ancestors 'none'/)
  expect(csp).toMatch(/object-src 'none'/)
  expect(csp).toMatch(/base-uri 'none'/)
  expect(csp).toMatch(/script-src 'self'/)
  expect(csp).not.toMatch(/unsafe|\*|http:/)
  expect(headers.get('x-frame-options')).toBe('DENY')
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('same-origin')
  expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
  if (isDynamic && isPage) expect(headers.get('cache-control')).toContain('no-store')
  if (isDynamic) expect(headers.get('etag')).toBeNull()
}

describe('every answer carries the headers that keep a page safe (WEB-1, WEB-2, WEB-3)', () => {
  test.each<[string, RequestInit & { isPage?: boolean }]>([
    ['/', {}],
    ['/help', {}],
    ['/nulle-part', {}],
    ['/healthz', {}],
    ['/readyz', {}],
    ['/metrics', {}],
    ['/auth', {}],
    ['/auth?client_id=inconnue', {}],
    ['/auth/inconnue', {}],
    ['/interaction/inconnue', {}],
    ['/interaction/inconnue/password', {}],
    ['/interaction/inconnue/password', { method: 'POST' }],
    ['/interaction/inconnue/password', { method: 'PUT' }],
    ['/session/end', {}],
    ['/session/end/confirm', { method: 'POST' }],
    ['/session/end/success', {}],
    ['/token', { method: 'POST' }],
    ['/token', {}],
    ['/me', {}],
    ['/jwks', { isPage: false }],
    ['/.well-known/openid-configuration', { isPage: false }],
    [
      '/interaction/x/password',
      { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' },
    ],
    ['/assets/x/style.css', {}],
    ['//evil.example/%2f..', {}],
    ['/%', {}],
    ['/%00', {}],
  ])('%s %j', async (path, { isPage, ...init }) => {
    const answer = await fetch(`${idp.url}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { Accept: 'text/html', ...(init.headers as Record<string, string>) },
    })
    expect(answer.status).toBeLessThan(500)
    expectSafeHeaders(answer.headers, { isPage: isPage ?? true })
  })

  test('on every page of a sign-in, on its refusals, and on its redirects', async () => {
    for (const place of [
      'at the password',
      'at the QR code',
      'at the code',
      'at the change of password',
      'at the end, cut off before it was saved',
    ] as const) {
      const { browser } = await PLACES[place](idp, rp)
      expectSafeHeaders(browser.shown.headers)
      // Chromium would apply it to the redirect back to the application (M19).
      expect(browser.shown.headers.get('content-security-policy')).not.toContain('form-action')
      const refused = await browser.send({})
      expectSafeHeaders(refused.headers)
    }
  })

  test('on the page of the library that posts back to the application, whose CSP still lets its script run', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await givePassword(browser, rp, person, { response_mode: 'form_post' })
    await browser.submit({ code: phone.code() })
    expectSafeHeaders(browser.shown.headers)
    expect(browser.shown.headers.get('content-security-policy')).not.toContain('form-action')
  })

  test('on the question at sign-out, and on a failure of ours', async () => {
    const { browser } = await enrolFirst(idp, rp, await idp.createPerson())
    await browser.open('/session/end')
    expectSafeHeaders(browser.shown.headers)
    expect(browser.shown.headers.get('content-security-policy')).not.toContain('form-action')
    await failing(idp, 'insert on oidc_artifacts', 'true', () =>
      browser.open(rp.begin({ prompt: 'login' }).url),
    )
    expect(browser.shown.status).toBe(500)
    expectSafeHeaders(browser.shown.headers)
  })

  test('a form with credentials is answered 303, so that no browser sends it on (OIDC-13)', async () => {
    for (const [place, fields] of [
      ['at the password', ({ person }: Situation) => ({ cip: person.cip, password: person.password })],
      ['at the code', ({ phone }: Situation) => ({ code: phone?.code() ?? '' })],
      [
        'at the QR code',
        ({ browser }: Situation) => ({
          code: createPhone(browser.key()).code(),
          deviceName: 'Mon iPhone',
        }),
      ],
      [
        'at the change of password',
        () => ({ newPassword: 'onze-girafes-vertes', newPasswordConfirmation: 'onze-girafes-vertes' }),
      ],
    ] as const) {
      const situation = await PLACES[place](idp, rp)
      const { status } = await situation.browser.send(fields(situation))
      expect({ place, status }).toEqual({ place, status: 303 })
    }
  })

  test('forms that lead nowhere else say so', async () => {
    expect((await fetch(`${idp.url}/help`)).headers.get('content-security-policy')).toContain(
      "form-action 'self'",
    )
  })

  test('no page holds an inline script, an inline style or an event attribute', async () => {
    for (const place of [
      'at the password',
      'at the QR code',
      'at the code',
      'at the change of password',
    ] as const) {
      const { browser } = await PLACES[place](idp, rp)
      expect(browser.shown.html).not.toMatch(/<script(?![^>]* src="\/assets\/)/)
      expect(browser.shown.html).not.toMatch(/<style|\sstyle="|\son[a-z]+="|javascript:/)
    }
  })

  test('style and script may be kept for ever, under an address of their own content', async () => {
    const home = await (await fetch(idp.url)).text()
    for (const [, address = ''] of home.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
      const answer = await fetch(`${idp.url}${address}`)
      expect(answer.status).toBe(200)
      expect(answer.headers.get('cache-control')).toContain('immutable')
      expectSafeHeaders(answer.headers, { isDynamic: false })
    }
  })

  test('behind https: HSTS, secure cookies with their prefixes', async () => {
    const https = await startIdp({
      settings: { ISSUER_URL: 'https://acces.exemple.ca', TRUSTED_PROXY_HOPS: '1' },
    })
    try {
      const client = await registerRelyingParty(https)
      const { pathname, search } = new URL(client.begin().url)
      const answer = await rawRequest(https.url, [
        `GET ${pathname}${search} HTTP/1.1`,
        'Host: acces.exemple.ca',
        'X-Forwarded-Proto: https',
        'X-Forwarded-For: 192.0.2.1',
        'Accept: text/html',
      ])
      expect(answer.status).toBe(303)
      expect(answer.headers['strict-transport-security']).toMatch(/max-age=(3[1-9]|[4-9]\d)\d{6}/)
      expect(answer.headers['set-cookie']).toMatch(/^__(Host|Secure)-.*; secure; httponly/i)
    } finally {
      await https.stop()
    }
  })
})

describe('one host, the issuer’s (WEB-7, M10)', () => {
  const host = () => new URL(idp.url).host

  test.each<[string, (own: string) => string[]]>([
    ['a foreign Host', () => ['GET /.well-known/openid-configuration HTTP/1.1', `Host: ${EVIL}`]],
    [
      'the right name at another port',
      () => ['GET /.well-known/openid-configuration HTTP/1.1', 'Host: localhost:1'],
    ],
    [
      'a foreign absolute request line',
      (own) => [`GET http://${EVIL}/.well-known/openid-configuration HTTP/1.1`, `Host: ${own}`],
    ],
    [
      'two Hosts, ours first',
      (own) => ['GET /.well-known/openid-configuration HTTP/1.1', `Host: ${own}`, `Host: ${EVIL}`],
    ],
    [
      'two Hosts, ours last',
      (own) => ['GET /.well-known/openid-configuration HTTP/1.1', `Host: ${EVIL}`, `Host: ${own}`],
    ],
    ['an empty Host', () => ['GET /.well-known/openid-configuration HTTP/1.1', 'Host:']],
    ['no Host, as in HTTP/1.0', () => ['GET /.well-known/openid-configuration HTTP/1.0']],
    [
      'a Host with user and password',
      (own) => ['GET /.well-known/openid-configuration HTTP/1.1', `Host: ${EVIL}@${own}`],
    ],
    [
      'a Host with something after it',
      (own) => ['GET /.well-known/openid-configuration HTTP/1.1', `Host: ${own}/.${EVIL}`],
    ],
    ['a foreign Host for the sign-in', () => ['GET /auth?client_id=eespresso HTTP/1.1', `Host: ${EVIL}`]],
  ])('%s is answered 421 or 400, and leads nowhere', async (_what, lines) => {
    const answer = await rawRequest(idp.url, lines(host()))
    expect([400, 421]).toContain(answer.status)
    expect(answer.body + JSON.stringify(answer.headers)).not.toContain(EVIL)
  })

  test.each([
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Proto: https',
    'Forwarded: host=evil.example;proto=https',
    'X-Forwarded-Server: evil.example',
    'X-Host: evil.example',
    'X-Original-URL: /evil',
    'X-Rewrite-URL: /evil',
    'X-Forwarded-Prefix: /evil',
  ])('%s is not believed without a proxy of ours', async (header) => {
    const answer = await rawRequest(idp.url, [
      'GET /.well-known/openid-configuration HTTP/1.1',
      `Host: ${host()}`,
      header,
    ])
    expect(answer.status).toBe(200)
    const metadata = JSON.parse(
      answer.body.replace(/^[0-9a-f]+\r\n/, '').replace(/\r\n0\r\n\r\n$/, ''),
    ) as Record<string, unknown>
    expect(metadata['authorization_endpoint']).toBe(`${idp.url}/auth`)
  })

  test.each([
    'X-Forwarded-Host: evil.example',
    'X-Forwarded-Host: evil.example, localhost',
    'Forwarded: host=evil.example',
  ])('behind a proxy of ours, %s poisons nothing', async (header) => {
    const answer = await rawRequest(proxied.url, [
      'GET /.well-known/openid-configuration HTTP/1.1',
      `Host: ${new URL(proxied.url).host}`,
      header,
    ])
    if (answer.status === 421) return
    expect(answer.status).toBe(200)
    expect(answer.body).not.toContain(EVIL)
  })

  test('a probe may come by any name', async () => {
    for (const path of ['/healthz', '/readyz']) {
      expect((await rawRequest(idp.url, [`GET ${path} HTTP/1.1`, 'Host: 10.0.0.7:3000'])).status).toBe(200)
    }
  })

  test('the name in capitals, or with its port spelled out, is the same name', async () => {
    expect((await rawRequest(idp.url, ['GET /help HTTP/1.1', `Host: ${host().toUpperCase()}`])).status).toBe(
      200,
    )
  })
})

describe('a form is ours or refused (WEB-4)', () => {
  test.each<[string, Record<string, string>]>([
    ['another site’s Origin', { Origin: 'https://paie.hopital.example' }],
    ['a neighbour’s port', { Origin: 'http://localhost:1' }],
    ['Origin: null of a browser that says no more', { 'Origin': 'null', 'Sec-Fetch-Site': '' }],
    ['Origin: null of another site', { 'Origin': 'null', 'Sec-Fetch-Site': 'cross-site' }],
    ['a cross-site fetch', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a same-site fetch', { 'Sec-Fetch-Site': 'same-site' }],
  ])('%s: 403 on every step, and nothing happens', async (_what, headers) => {
    const { browser, phone, person } = await PLACES['at the code'](idp, rp)
    for (const step of ['password', 'one-time-code', 'change-password', 'enrol', 'done', 'restart']) {
      const [url, body] = browser.prepare(
        { code: phone?.code() ?? '', cip: person.cip, password: 'faux-mot-de-passe' },
        '/one-time-code',
      )
      const answer = await browser.request(url.replace('one-time-code', step), {
        method: 'POST',
        body,
        headers: { ...formHeaders(url), ...headers },
      })
      expect({ step, status: answer.status }).toEqual({ step, status: 403 })
    }
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(0)
    await browser.submit({ code: phone?.code() ?? '' })
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
  })

  test.each(['Interaction', 'INTERACTION', 'interaction/'])(
    'spelling the address /%s does not get round it',
    async (spelling) => {
      const { browser, person } = await PLACES['at the password'](idp, rp)
      const [url, body] = browser.prepare({ cip: person.cip, password: person.password })
      const path = new URL(url).pathname.replace('interaction', spelling)
      const cookie = browser
        .cookies()
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ')
      const answer = await fetch(`${idp.url}${path}`, {
        method: 'POST',
        body,
        redirect: 'manual',
        headers: {
          ...formHeaders(url),
          'Origin': 'https://evil.example',
          'Sec-Fetch-Site': 'cross-site',
          'Cookie': cookie,
        },
      })
      expect([403, 404]).toContain(answer.status)
    },
  )

  test('Origin: null from a page of ours is ours: what a strict Referrer-Policy makes of it', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const answer = await browser.send(
      { cip: person.cip, password: person.password },
      { headers: { 'Origin': 'null', 'Sec-Fetch-Site': 'same-origin' } },
    )
    expect(answer.status).toBe(303)
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'an address that nobody has thought of yet is protected too: %s',
    async (method) => {
      for (const path of ['/account/devices', '/dev/mail', '/token/anything', '/'])
        for (const [name, value] of [
          ['Sec-Fetch-Site', 'cross-site'],
          ['Origin', `https://${EVIL}`],
        ] as const) {
          const answer = await fetch(`${idp.url}${path}`, { method, headers: { [name]: value } })
          expect({ path, name, status: answer.status }).toEqual({ path, name, status: 403 })
        }
    },
  )

  test('the protocol’s endpoints, which discovery announces, are open to other sites as before', async () => {
    const discovery = await fetch(`${idp.url}/.well-known/openid-configuration`)
    const announced = Object.entries((await discovery.json()) as Record<string, unknown>)
    const endpoints = announced.flatMap(([name, url]) => (name.endsWith('_endpoint') ? [String(url)] : []))
    expect(endpoints.map((url) => new URL(url).pathname).toSorted()).toEqual([
      '/auth',
      '/me',
      '/request',
      '/session/end',
      '/token',
      '/token/introspection',
      '/token/revocation',
    ])
    for (const url of endpoints)
      for (const spelling of [url, `${url}/`, url.replace(/[^/]*$/, (last) => last.toUpperCase())]) {
        const answer = await fetch(spelling, {
          method: 'POST',
          body: new URLSearchParams({ client_id: 'inconnue' }),
          redirect: 'manual',
          headers: { 'Origin': `https://${EVIL}`, 'Sec-Fetch-Site': 'cross-site' },
        })
        expect([303, 400, 401]).toContain(answer.status)
      }
  })

  test('the confirmation of sign-out too', async () => {
    const { browser } = await enrolFirst(idp, rp, await idp.createPerson())
    await browser.open('/session/end')
    const answer = await browser.send(
      { logout: 'yes' },
      { headers: { 'Origin': 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' } },
    )
    expect(answer.status).toBe(403)
    const still = await browser.request(rp.begin({ prompt: 'none' }).url)
    expect(still.headers.get('location')).toContain('code=')
  })

  test.each<[string, (own: string, foreign: string) => string | undefined]>([
    ['missing', () => undefined],
    ['empty', () => ''],
    ['of another sign-in', (_own, foreign) => foreign],
    ['cut short', (own) => own.slice(0, -1)],
    ['too long', (own) => `${own}A`],
    ['of other letters', (own) => `${own.slice(0, -1)}é`],
  ])('a token that is %s is refused', async (_what, tokenOf) => {
    const other = await PLACES['at the password'](idp, rp)
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const token = tokenOf(browser.hidden('csrf'), other.browser.hidden('csrf'))
    const body = new URLSearchParams({
      ...(token === undefined ? {} : { csrf: token }),
      cip: person.cip,
      password: person.password,
    }).toString()
    const copy = browser.clone()
    await copy.post(`/interaction/${browser.uid()}/password`, body)
    expect(copy.shown.status).toBe(403)
    expect(copy.heading()).toBe('Cette page a expiré')
    await browser.open(`/interaction/${browser.uid()}`)
    expect(browser.step()).toBe('password')
  })

  test('a browser too old to say where a form comes from is let in by the token alone', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    const [url, body] = browser.prepare({ cip: person.cip, password: person.password })
    const answer = await browser.request(url, {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    })
    expect(answer.status).toBe(303)
  })
})

describe('nothing leads elsewhere (WEB-11)', () => {
  const ELSEWHERE = [
    '//evil.example',
    '/\\evil.example',
    'https:evil.example',
    'https://evil.example/',
    '\\\\evil.example',
    'javascript:alert(1)',
  ]

  test.each(ELSEWHERE)('%s in any parameter, path or Referer', async (target) => {
    const { browser, person, phone } = await PLACES['at the code'](idp, rp)
    const wishes = new URLSearchParams({
      returnTo: target,
      return_to: target,
      next: target,
      return: target,
      url: target,
      redirect: target,
      ui_locales: target,
      lang: target,
      post_logout_redirect_uri: target,
    })
    const addresses = [
      `/?${wishes.toString()}`,
      `/help?${wishes.toString()}`,
      `/session/end?${wishes.toString()}`,
      `/interaction/${browser.uid()}?${wishes.toString()}`,
      `/interaction/${browser.uid()}/password?${wishes.toString()}`,
      `/${target}`,
      `/interaction/${target}`,
      `/auth/${encodeURIComponent(target)}`,
    ]
    for (const address of addresses) {
      const answer = await browser.request(`${idp.url}${address}`, {
        headers: { Referer: target.startsWith('http') ? target : `https://${EVIL}/` },
      })
      const location = answer.headers.get('location')
      if (location !== null) expect(new URL(location, idp.url).origin).toBe(idp.url)
      const html = await answer.text()
      for (const [, href = ''] of html.matchAll(/<(?:a|form)[^>]* (?:href|action)="([^"]*)"/g)) {
        const { protocol, hostname } = new URL(
          href.replaceAll('&amp;', '&'),
          `${idp.url}${new URL(address, idp.url).pathname}`,
        )
        expect({ address, href, isSafe: protocol !== 'javascript:' && hostname !== EVIL }).toEqual({
          address,
          href,
          isSafe: true,
        })
      }
    }
    await browser.submit({ code: phone?.code() ?? '', returnTo: target, redirect_uri: target })
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
    expect(person.cip).not.toBe('')
  })
})

describe('the source of a request is the last hop that is not ours (WEB-8, M9)', () => {
  async function addressOf(forwardedFor: string | undefined): Promise<string> {
    const before = proxied.logLines.length
    await fetch(`${proxied.url}/help`, {
      headers: forwardedFor === undefined ? {} : { 'X-Forwarded-For': forwardedFor },
    })
    const lines = proxied.logLines
      .slice(before)
      .map((line) => JSON.parse(line) as { path?: string; clientAddress?: string })
    return lines.find(({ path }) => path === '/help')?.clientAddress ?? ''
  }

  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['6.6.6.6, 203.0.113.9', '203.0.113.9'],
    ['6.6.6.6, 7.7.7.7,203.0.113.9', '203.0.113.9'],
    ['2001:db8::1', '2001:db8'],
    ['::ffff:203.0.113.9', '203.0.113.9'],
  ])('X-Forwarded-For: %s is %s', async (header, source) => {
    expect((await addressOf(header)).startsWith(source)).toBe(true)
  })

  const thousand = Array.from({ length: 1000 }, (_, index) => `1.1.${index >> 8}.${index & 255}`).join(',')
  test.each<[string, string]>([
    ['a word', 'a'],
    ['nothing', ''],
    ['a space', ' '],
    ['a word after an address', '203.0.113.9, a'],
    ['a number too great', '999.1.1.1'],
    ['markup', '<script>'],
    ['an address with a port', '203.0.113.9:1234'],
    ['an address in brackets', '[2001:db8::1]:80'],
    ['a thousand addresses and a word', `${thousand},x`],
  ])('what is no address falls back to the socket: %s', async (_what, header) => {
    expect(['127.0.0.1', '::1']).toContain(await addressOf(header))
  })

  test('without a proxy of ours the header counts for nothing', async () => {
    const before = idp.logLines.length
    await fetch(`${idp.url}/help`, { headers: { 'X-Forwarded-For': '203.0.113.9' } })
    expect(idp.logLines.slice(before).join('')).not.toContain('203.0.113.9')
  })

  test('whoever writes the header skips no step and opens no new allowance', async () => {
    const person = await proxied.createPerson()
    const statuses: number[] = []
    for (const forged of ['1.1.1.1', '2.2.2.2', 'a', '', '3.3.3.3', '4.4.4.4', '5.5.5.5']) {
      const browser = new Browser(proxied, { 'X-Forwarded-For': `${forged}, 203.0.113.9` })
      await givePassword(browser, rpBehindProxy, { cip: person.cip, password: 'faux-mot-de-passe' })
      statuses.push(browser.shown.status)
    }
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429, 429])
    expect(await failuresOf(proxied, 'password-source:203.0.113.9')).toBe(5)
  })

  test('one network of IPv6 is one source: whoever has a /64 has no 2⁶⁴ allowances (WEB-10)', async () => {
    for (const address of ['2001:db8:1:2::1', '2001:db8:1:2:ffff::9']) {
      const browser = new Browser(proxied, { 'X-Forwarded-For': address })
      await givePassword(browser, rpBehindProxy, { cip: 'inconnue.v6', password: 'faux-mot-de-passe' })
    }
    const rows = (await proxied.db('attempts').where('key', 'like', 'password-source:2001:db8:1:2%')) as {
      failures: number
    }[]
    expect(rows.map(({ failures }) => failures)).toEqual([2])
  })
})
