// Threat: a sign-out that leaves somebody signed in, or one that a foreign page brings about (SES-4, OIDC-8,
// OIDC-14, M20).

import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import { createGuardedFetch } from '../../../src/oidc/library/ssrf-guard.js'
import { Browser } from '../../support/browser.js'
import { createCli } from '../../support/cli.js'
import { clock } from '../../support/clock.js'
import { createEnrolled } from '../../support/people.js'
import { access, answerOf, ask, listen, verify } from '../../support/protocol.js'
import {
  claimsOf,
  registerRelyingParty,
  SIGNED_OUT_URI,
  type RelyingParty,
} from '../../support/relying-party.js'
import { exposeSsrfGuard } from '../../support/ssrf-guard.js'
import { setColumns } from '../../support/sealed.js'
import { MASTER_KEYS } from '../../support/settings.js'
import { until } from '../../support/until.js'
import { useIdp } from '../../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'

exposeSsrfGuard()
const inside = await listen()
const idp = await useIdp({ settings: { INTERNAL_HOSTS: inside.host } })
const payroll = await registerRelyingParty(idp, {
  client_id: 'payroll',
  backchannel_logout_uri: `${inside.url}/payroll`,
})
const schedule = await registerRelyingParty(idp, {
  client_id: 'schedule',
  backchannel_logout_uri: `${inside.url}/schedule`,
})
const bySubject = await registerRelyingParty(idp, {
  client_id: 'by-subject',
  backchannel_logout_uri: `${inside.url}/by-subject`,
  backchannel_logout_session_required: false,
})
const silent = await registerRelyingParty(idp, { client_id: 'silent', subject_type: 'pairwise' })
beforeEach(async () => {
  inside.received.length = 0
  inside.answers.status = 200
  await idp.db('logout_notices').delete()
})
afterAll(() => inside.stop())

/** Somebody signed in at these applications, in one browser. */
async function signedIn(first: RelyingParty = payroll, ...others: RelyingParty[]) {
  const somebody = await createEnrolled(idp)
  const browser = new Browser(idp)
  const { callback, verifier } = await access(first, somebody, browser)
  const tokens = await first.tokens(callback, verifier)
  for (const rp of others) {
    const next = await ask(rp, browser)
    await rp.tokens(next.callback, next.verifier)
  }
  return { ...somebody, browser, idToken: tokens.id_token, accessToken: tokens.access_token }
}

const end = (parameters: Record<string, string> = {}) =>
  `/session/end?${new URLSearchParams(parameters).toString()}`

async function isSignedIn(browser: Browser): Promise<boolean> {
  return answerOf((await ask(silent, browser, { prompt: 'none' })).callback)['error'] === undefined
}

/** The tokens that came for an application, verified as it must do it (Back-Channel Logout 1.0 §2.6). */
const tokensFor = (rp: RelyingParty) =>
  Promise.all(
    inside.received
      .filter(({ path }) => path === `/${rp.clientId}`)
      .map(({ form }) =>
        verify(idp, form['logout_token'] ?? '', {
          audience: rp.clientId,
          typ: 'logout+jwt',
          requiredClaims: ['iat', 'jti', 'events'],
        }),
      ),
  )

describe('a sign-out that no application vouches for', () => {
  test.each([
    ['fr-CA', 'Se déconnecter?', 'Garder ma session ouverte'],
    ['en', 'Sign out?', 'Stay signed in'],
  ])('is a question, in %s', async (language, heading, stay) => {
    const { browser } = await signedIn()
    browser.headers['Accept-Language'] = language
    await browser.open(end())
    expect(browser.heading()).toBe(heading)
    expect(browser.text()).toContain(stay)
    expect(await isSignedIn(browser)).toBe(true)
  })

  test('« Garder ma session ouverte » keeps the session', async () => {
    const { browser } = await signedIn()
    await browser.open(end())
    await browser.submit({})
    expect(browser.shown.status).toBe(200)
    expect(await isSignedIn(browser)).toBe(true)
    expect(inside.received).toEqual([])
  })

  test('« Se déconnecter » ends it, and its tokens with it', async () => {
    const { browser, accessToken } = await signedIn()
    const thief = browser.clone()
    await browser.open(end())
    await browser.submit({ logout: 'yes' })
    expect(await isSignedIn(browser)).toBe(false)
    expect(await isSignedIn(thief)).toBe(false)
    expect(
      (await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${accessToken}` } })).status,
    ).toBe(401)
  })

  test.each<[string, Record<string, string>]>([
    ['a client alone is no voucher', { client_id: 'payroll', post_logout_redirect_uri: SIGNED_OUT_URI }],
    ['nor is a state', { state: 'x' }],
  ])('%s', async (_what, parameters) => {
    const { browser } = await signedIn()
    await browser.open(end(parameters))
    expect(browser.heading()).toBe('Se déconnecter?')
  })

  test('an ID token of somebody else is no voucher', async () => {
    const other = await signedIn()
    const { browser } = await signedIn()
    await browser.open(end({ id_token_hint: other.idToken }))
    expect(browser.heading()).toBe('Se déconnecter?')
    expect(await isSignedIn(browser)).toBe(true)
  })

  test('an answer to the question that a foreign page sends is refused', async () => {
    const { browser } = await signedIn()
    await browser.open(end())
    const [url, body] = browser.prepare({ logout: 'yes' })
    const answer = await browser.request(url, {
      method: 'POST',
      body,
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded',
        'Origin': 'https://evil.example',
        'Sec-Fetch-Site': 'cross-site',
      },
    })
    expect(answer.status).toBe(403)
    expect((await browser.post('/session/end/confirm', 'logout=yes')).status).toBe(400)
    expect(await isSignedIn(browser)).toBe(true)
  })
})

describe('a sign-out with an ID token', () => {
  test('asks nothing and goes back to the application, with its state', async () => {
    const { browser, idToken } = await signedIn()
    await browser.open(
      end({ id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI, state: 'a b&c' }),
    )
    expect(browser.shown.url.split('?')[0]).toBe(SIGNED_OUT_URI)
    expect(answerOf(browser.shown.url)).toEqual({ state: 'a b&c' })
    expect(await isSignedIn(browser)).toBe(false)
  })

  test('goes nowhere when no address is given, and says that it is done', async () => {
    const { browser, idToken } = await signedIn()
    await browser.open(end({ id_token_hint: idToken }))
    expect(browser.heading()).toBe('Votre session est fermée')
    expect(await isSignedIn(browser)).toBe(false)
  })

  test('works an hour after the token has expired, and with the name of its client', async () => {
    const { browser, idToken } = await signedIn()
    for (let minutes = 0; minutes < 80; minutes += 20) {
      clock.advance({ minutes: 20 })
      expect(await isSignedIn(browser)).toBe(true)
    }
    await browser.open(
      end({ id_token_hint: idToken, client_id: 'payroll', post_logout_redirect_uri: SIGNED_OUT_URI }),
    )
    expect(browser.shown.url).toBe(SIGNED_OUT_URI)
  })

  test('works for an application that knows the person by another `sub` than the others', async () => {
    const { browser, idToken } = await signedIn(silent)
    await browser.open(end({ id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI }))
    expect(browser.shown.url).toBe(SIGNED_OUT_URI)
  })

  test('posted from another site it ends the browser’s session', async () => {
    const { browser, idToken } = await signedIn()
    const body = new URLSearchParams({
      id_token_hint: idToken,
      post_logout_redirect_uri: SIGNED_OUT_URI,
      state: 's',
    })
    // No Lax cookie comes with such a post: without the GET after it nothing would end, and nobody would
    // know.
    const posted = await fetch(`${idp.url}/session/end`, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: { 'Sec-Fetch-Site': 'cross-site' },
    })
    expect(posted.status).toBe(303)
    await browser.open(posted.headers.get('location') ?? '')
    expect(browser.shown.url).toBe(`${SIGNED_OUT_URI}?state=s`)
    expect(await isSignedIn(browser)).toBe(false)
  })

  test('a browser that is signed out already goes back all the same', async () => {
    const { idToken } = await signedIn()
    const browser = new Browser(idp)
    await browser.open(end({ id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI, state: 's' }))
    expect(browser.shown.url).toBe(`${SIGNED_OUT_URI}?state=s`)
  })

  test.each<[string, (idToken: string) => Record<string, string>]>([
    ['a token that is none', () => ({ id_token_hint: 'nonsense' })],
    ['a token of ours, changed', (idToken) => ({ id_token_hint: `${idToken.slice(0, -8)}AAAAAAAA` })],
    [
      'a token, and the name of another client',
      (idToken) => ({ id_token_hint: idToken, client_id: 'schedule' }),
    ],
    [
      'a foreign address',
      (idToken) => ({ id_token_hint: idToken, post_logout_redirect_uri: 'https://evil.example/' }),
    ],
    [
      'a registered address with more behind it',
      (idToken) => ({ id_token_hint: idToken, post_logout_redirect_uri: `${SIGNED_OUT_URI}?x=1` }),
    ],
  ])('%s: a page that says so, no redirect, and the session stays', async (_what, parameters) => {
    const { browser, idToken } = await signedIn()
    const answer = await browser.request(
      end({ post_logout_redirect_uri: SIGNED_OUT_URI, ...parameters(idToken) }),
    )
    expect({ status: answer.status, location: answer.headers.get('location') }).toEqual({
      status: 400,
      location: null,
    })
    expect(await answer.text()).toContain('<html lang="fr-CA">')
    expect(await isSignedIn(browser)).toBe(true)
  })

  test('without a token, a foreign address is never followed', async () => {
    const { browser } = await signedIn()
    await browser.open(end({ post_logout_redirect_uri: 'https://evil.example/' }))
    await browser.submit({ logout: 'yes' })
    expect(new URL(browser.shown.url).origin).toBe(idp.url)
  })
})

describe('the notice to applications (Back-Channel Logout 1.0)', () => {
  test('goes to every application of the session, and to none of another', async () => {
    const other = await signedIn(payroll)
    const { browser, person, idToken } = await signedIn(payroll, schedule, bySubject, silent)
    const sid = claimsOf(idToken)['sid']
    expect(sid).toEqual(expect.any(String))
    await browser.open(end({ id_token_hint: idToken }))
    expect(inside.received.map(({ path }) => path).toSorted()).toEqual([
      '/by-subject',
      '/payroll',
      '/schedule',
    ])

    const [{ payload, header } = await Promise.reject(new Error('no token'))] = await tokensFor(payroll)
    expect(header).toMatchObject({ alg: 'RS256', typ: 'logout+jwt' })
    expect(payload).toEqual({
      iss: idp.url,
      aud: 'payroll',
      sub: person.id,
      sid,
      events: { [EVENT]: {} },
      jti: expect.any(String),
      iat: expect.any(Number),
      exp: Number(payload.iat) + 120,
    })
    expect((await tokensFor(bySubject)).map((token) => token.payload['sid'])).toEqual([undefined])
    expect(await isSignedIn(other.browser)).toBe(true)
  })

  test('« Garder ma session ouverte » with the name of a client ends that one application alone', async () => {
    const { browser } = await signedIn(payroll, schedule)
    await browser.open(end({ client_id: 'payroll' }))
    await browser.submit({})
    expect(inside.received.map(({ path }) => path)).toEqual(['/payroll'])
    expect(await isSignedIn(browser)).toBe(true)
  })

  test('an application that fails is told again, with growing waits, a token each time, until it takes it', async () => {
    const { browser, idToken } = await signedIn()
    inside.answers.status = 503
    await browser.open(end({ id_token_hint: idToken, post_logout_redirect_uri: SIGNED_OUT_URI }))
    expect(browser.shown.url).toBe(SIGNED_OUT_URI)
    expect(await idp.app.deliverLogoutNotices()).toBe(0)
    expect(inside.received).toHaveLength(1) // the library has just tried: not again at once
    const waits: number[] = []
    for (let tries = 1; tries <= 4; tries += 1) {
      const before = clock.now()
      while (inside.received.length === tries) {
        clock.advance({ seconds: 5 })
        expect(await idp.app.deliverLogoutNotices()).toBe(0)
      }
      waits.push(Math.round((clock.now() - before) / 1000))
    }
    expect(waits).toEqual([5, 10, 20, 40])
    inside.answers.status = 204
    clock.advance({ minutes: 2 })
    expect(await idp.app.deliverLogoutNotices()).toBe(1)
    clock.advance({ hours: 2 })
    expect(await idp.app.deliverLogoutNotices()).toBe(0)
    const ids = inside.received.map(({ form }) => claimsOf(form['logout_token'] ?? '')['jti'])
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('one that never takes it is given up after a day', async () => {
    const { browser, idToken } = await signedIn()
    inside.answers.status = 500
    await browser.open(end({ id_token_hint: idToken }))
    for (let hours = 0; hours < 27; hours += 1) {
      clock.advance({ minutes: 61 })
      await idp.app.deliverLogoutNotices()
    }
    expect(await idp.db('logout_notices').select()).toEqual([])
    expect(inside.received.length).toBeLessThan(40)
  })

  test('two processes that deliver at once send one notice', async () => {
    const { person } = await signedIn()
    await idp.services.accountActions.disable(await idp.account(person.cip), operator, 'left')
    await Promise.all([idp.app.deliverLogoutNotices(), idp.app.deliverLogoutNotices()])
    expect(inside.received).toHaveLength(1)
  })

  test('somebody else signing in on the same computer ends the first one’s session, and says so', async () => {
    const first = await signedIn(payroll)
    const second = await createEnrolled(idp)
    await access(schedule, second, first.browser, { prompt: 'login' })
    expect((await tokensFor(payroll)).map(({ payload }) => payload.sub)).toEqual([first.person.id])
  })
})

describe('where notices may go (M20)', () => {
  test('no application makes the server knock at an address inside that the operator has not listed', async () => {
    const elsewhere = await listen()
    const curious = await registerRelyingParty(idp, { client_id: 'curious' })
    const stored = await idp.services.clients.show('curious')
    // A record from before this was checked.
    const metadata = { ...stored, backchannel_logout_uri: `${elsewhere.url}/admin` }
    await idp.services.store.clients.update('curious', { metadata: JSON.stringify(metadata) })
    const { browser, idToken } = await signedIn(curious)
    await browser.open(end({ id_token_hint: idToken }))
    expect(await isSignedIn(browser)).toBe(false)
    expect(elsewhere.received).toEqual([])
    expect(await idp.db('logout_notices').select('clientId')).toEqual([{ clientId: 'curious' }])
    await elsewhere.stop()
  })

  test('where addresses cannot be checked, only listed hosts are called', async () => {
    const elsewhere = await listen()
    const outgoing = createGuardedFetch([inside.host])
    await expect(outgoing(elsewhere.url)).rejects.toThrow('INTERNAL_HOSTS')
    expect((await outgoing(inside.url)).status).toBe(200)
    expect(elsewhere.received).toEqual([])
    await elsewhere.stop()
  })
})

describe('sessions that an operator ends', () => {
  test.each<[string, (cip: string) => Promise<unknown>]>([
    [
      'account disable',
      async (cip) => idp.services.accountActions.disable(await idp.account(cip), operator, 'left'),
    ],
    [
      'account reset-password',
      async (cip) =>
        idp.services.accountActions.resetPassword(await idp.account(cip), operator, 'asked', {
          delivery: 'print',
        }),
    ],
    [
      'account reset-second-factor',
      async (cip) => idp.services.accountActions.resetSecondFactor(await idp.account(cip), operator, 'lost'),
    ],
    [
      'account sign-out',
      async (cip) => idp.services.accountActions.signOutEverywhere(await idp.account(cip), operator, 'asked'),
    ],
  ])('%s: every application of every session is told, once, and nobody else', async (_command, act) => {
    const other = await signedIn(payroll)
    const { browser, person, phone, idToken } = await signedIn(payroll, schedule, silent)
    const elsewhere = await access(payroll, { person, phone }, new Browser(idp))
    const elsewhereToken = (await payroll.tokens(elsewhere.callback, elsewhere.verifier)).id_token
    await act(person.cip)
    expect(inside.received).toEqual([])
    expect(await idp.app.deliverLogoutNotices()).toBe(3)
    const sids = (await tokensFor(payroll)).map(({ payload }) => payload['sid'])
    expect(new Set(sids)).toEqual(new Set([claimsOf(idToken)['sid'], claimsOf(elsewhereToken)['sid']]))
    expect((await tokensFor(schedule)).map(({ payload }) => payload.sub)).toEqual([person.id])
    expect(await isSignedIn(browser)).toBe(false)
    expect(await isSignedIn(elsewhere.browser)).toBe(false)
    expect(await isSignedIn(other.browser)).toBe(true)
  })

  test('the operator reads which applications have confirmed it, and which not yet', async () => {
    const { person } = await signedIn(payroll, schedule, silent)
    const cli = createCli({
      MASTER_KEYS,
      DATABASE_URL: idp.config.databaseUrl,
      ISSUER_URL: idp.url,
    })
    const answer = cli.json('account', 'sign-out', person.cip, '--reason', 'poste laissé ouvert')
    const notices = () => idp.db('logout_notices').where({ accountId: person.id })
    await until(async () => (await notices()).length === 2)
    await notices()
      .where({ clientId: 'schedule' })
      .update({ nextTryAt: clock.now() + 60_000 })
    await idp.app.deliverLogoutNotices()
    clock.advance({ seconds: 9 }) // it looks on no longer
    expect(await answer).toEqual({
      cip: person.cip,
      sessions: 1,
      applications: [
        { client_id: 'payroll', confirmed: true },
        { client_id: 'schedule', confirmed: false },
      ],
    })
  })

  test('a new password, chosen where a temporary one was given, ends the sessions elsewhere and tells of them', async () => {
    const { person, phone, browser: elsewhere } = await signedIn(payroll)
    // Temporary from now on, without the reset that would have ended the session already
    const temporaryPasswordExpiresAt = clock.now() + 24 * 3_600_000
    await setColumns(idp.db, idp.services, person.id, { temporaryPasswordExpiresAt })
    await idp.readMail()
    const browser = new Browser(idp)
    clock.nextStep()
    await browser.open(payroll.begin().url)
    await browser.submit({ cip: person.cip, password: person.password })
    await browser.submit({ code: phone.code() })
    expect(await isSignedIn(elsewhere)).toBe(true)
    await browser.submit({
      newPassword: 'quatre-chats-rouges',
      newPasswordConfirmation: 'quatre-chats-rouges',
    })
    expect(answerOf(browser.shown.url)).toHaveProperty('code')
    expect(await isSignedIn(browser)).toBe(true)
    expect(await isSignedIn(elsewhere)).toBe(false)
    await idp.app.deliverLogoutNotices()
    expect((await tokensFor(payroll)).map(({ payload }) => payload.sub)).toEqual([person.id])
    const [mail] = await idp.readMail()
    expect(mail).toMatchObject({ to: person.email, subject: 'Votre mot de passe a été changé' })
    expect(mail?.text).toContain(person.cip)
  })

  test('a session in use while its account is reset does not come back to life', async () => {
    const { person, browser } = await signedIn(payroll)
    const windows = Array.from({ length: 12 }, () => browser.clone())
    await Promise.all([
      ...windows.map((other) => other.open(payroll.begin().url)),
      idp.services.accountActions.resetPassword(await idp.account(person.cip), operator, 'asked', {
        delivery: 'print',
      }),
    ])
    for (const other of windows) expect(await isSignedIn(other)).toBe(false)
  })

  test('an act repeated tells nobody twice', async () => {
    const { person } = await signedIn(payroll)
    for (let times = 0; times < 2; times += 1)
      await idp.services.accountActions.signOutEverywhere(await idp.account(person.cip), operator, 'asked')
    expect(await idp.app.deliverLogoutNotices()).toBe(1)
  })

  test('an application’s own session may outlive ours: one that ran out an hour ago is told of too', async () => {
    const { person } = await signedIn(payroll)
    clock.advance({ minutes: 90 })
    await idp.services.accountActions.disable(await idp.account(person.cip), operator, 'left')
    expect(await idp.app.deliverLogoutNotices()).toBe(1)
  })

  test('a session that cannot be read any more does not keep the account alive', async () => {
    const { person, browser } = await signedIn(payroll)
    await idp
      .db('oidc_artifacts')
      .where({ model: 'Session', accountId: person.id })
      .update({ sealedPayload: 'test.AAAA' })
    expect(await idp.services.accountActions.disable(await idp.account(person.cip), operator, 'left')).toBe(
      true,
    )
    expect(await isSignedIn(browser)).toBe(false)
  })
})
