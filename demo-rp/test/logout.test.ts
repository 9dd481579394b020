import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { decodeJwt, generateKeyPair, SignJWT } from 'jose'
import { Browser, CLIENT_SECRET, startWorld, type World } from './stand-in.js'

let world: World
let browser: Browser
beforeAll(async () => {
  world = await startWorld()
})
beforeEach(async () => {
  browser = new Browser()
  await browser.open(world.rp)
})
afterAll(() => world.close())

const isSignedIn = async (who = browser) => (await who.step(world.rp)).status === 200

describe('signing out', () => {
  test('ends the session here and goes to the provider with the ID token', async () => {
    const page = await browser.step(`${world.rp}/sign-out`, { method: 'POST', headers: { origin: world.rp } })
    const location = new URL(page.headers.get('location') ?? '')
    expect(page.status).toBe(303)
    expect(location.origin).toBe(world.issuer)
    expect(decodeJwt(location.searchParams.get('id_token_hint') ?? '')).toMatchObject({
      sub: 'marie',
      aud: 'eespresso',
    })
    expect(location.searchParams.get('post_logout_redirect_uri')).toBe(`${world.rp}/signed-out`)
    expect(location.searchParams.get('state')).toBe('fr-CA')
    expect(location.searchParams.has('ui_locales')).toBe(false)
    expect(browser.cookies.has('eespresso_session')).toBe(false)
    expect(await isSignedIn()).toBe(false)
  })

  test('tells the provider the language that was chosen', async () => {
    await browser.step(`${world.rp}/?lang=en`)
    const page = await browser.step(`${world.rp}/sign-out`, { method: 'POST' })
    expect(new URL(page.headers.get('location') ?? '').searchParams.get('ui_locales')).toBe('en')
  })

  test('stays here when the provider has no page for it', async () => {
    const other = await startWorld({ rpInitiatedLogout: { enabled: false } })
    const leaving = new Browser()
    await leaving.open(other.rp)
    const page = await leaving.step(`${other.rp}/sign-out`, { method: 'POST' })
    await other.close()
    expect(page.headers.get('location')).toBe(`${other.rp}/signed-out`)
  })

  test('ends at a page that does not sign in again by itself', async () => {
    const confirmation = await browser.post(`${world.rp}/sign-out`)
    expect(confirmation.status).toBe(200)
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(confirmation.text)?.[1] ?? ''
    const body = new URLSearchParams({ xsrf, logout: 'yes' })
    const page = await browser.open(`${world.issuer}/session/end/confirm`, { method: 'POST', body })
    expect(page.url).toBe(`${world.rp}/signed-out?state=fr-CA`)
    expect(page.status).toBe(200)
    expect(page.text).toContain('Vous êtes déconnecté d’eEspresso')
  })

  test('is worth nothing to a session that was copied before', async () => {
    const copy = new Browser()
    copy.cookies.set('eespresso_session', browser.cookies.get('eespresso_session') ?? '')
    await browser.post(`${world.rp}/sign-out`)
    expect(await isSignedIn(copy)).toBe(false)
  })

  test.each<Record<string, string>>([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://attacker.example' },
    { origin: 'null' },
  ])('another site cannot do it, nor begin a step-up (%j)', async (headers) => {
    for (const path of ['/sign-out', '/confirm-identity']) {
      const page = await browser.step(`${world.rp}${path}`, { method: 'POST', headers })
      expect(page.status).toBe(403)
      expect(page.text).toContain('Ce lien ne peut pas être suivi')
    }
    expect(await isSignedIn()).toBe(true)
  })
})

describe('back-channel logout', () => {
  const send = (token: string) =>
    new Browser().step(`${world.rp}/backchannel-logout`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: token }),
    })
  const sidOf = async () =>
    /<code>sid<\/code><\/th><td>([^<]+)</.exec((await browser.step(world.rp)).text)?.[1] ?? ''

  test('ends the session with that sid and no other', async () => {
    const other = new Browser()
    await other.open(world.rp)
    const answer = await send(await world.logoutToken({ sid: await sidOf() }))
    expect(answer.status).toBe(200)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await isSignedIn()).toBe(false)
    expect(await isSignedIn(other)).toBe(true)
  })

  test('without a sid ends all sessions of the person', async () => {
    const other = new Browser()
    await other.open(world.rp)
    expect((await send(await world.logoutToken())).status).toBe(200)
    expect([await isSignedIn(), await isSignedIn(other)]).toEqual([false, false])
  })

  test('a token used once is refused the second time', async () => {
    const token = await world.logoutToken()
    expect((await send(token)).status).toBe(200)
    await browser.open(world.rp)
    const again = await send(token)
    expect(again.status).toBe(400)
    expect(JSON.parse(again.text)).toMatchObject({ error: 'invalid_request' })
    expect(await isSignedIn()).toBe(true)
  })

  const forgeries: [string, () => Promise<string>][] = [
    ['signed by another key', async () => world.logoutToken({}, (await generateKeyPair('RS256')).privateKey)],
    ['signed with the client secret', () => signedWithSecret()],
    ['of another issuer', () => world.logoutToken({ iss: 'https://attacker.example' })],
    ['for another client', () => world.logoutToken({ aud: 'payroll' })],
    ['without the event', () => world.logoutToken({ events: {} })],
    [
      'whose event is no object',
      () => world.logoutToken({ events: { 'http://schemas.openid.net/event/backchannel-logout': true } }),
    ],
    ['with a nonce', () => world.logoutToken({ nonce: 'x' })],
    ['that names nobody', () => world.logoutToken({ sub: undefined })],
    ['without a jti', () => world.logoutToken({ jti: undefined })],
    ['issued ten minutes ago', () => world.logoutToken({ iat: Math.floor(world.clock.now / 1000) - 600 })],
    ['that is of another type', () => world.logoutToken({}, undefined, 'JWT')],
    ['that is no token', async () => 'x'],
  ]
  test.each(forgeries)('a token %s is refused', async (_what, forge) => {
    const answer = await send(await forge())
    expect(answer.status).toBe(400)
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await isSignedIn()).toBe(true)
  })

  test('is taken from wherever it comes: the token alone decides', async () => {
    const body = new URLSearchParams({ logout_token: await world.logoutToken() })
    const headers = { origin: world.issuer }
    const answer = await new Browser().step(`${world.rp}/backchannel-logout`, {
      method: 'POST',
      body,
      headers,
    })
    expect(answer.status).toBe(200)
    expect(answer.text).toBe('')
    expect(await isSignedIn()).toBe(false)
  })

  test('an empty request is refused', async () => {
    expect((await new Browser().step(`${world.rp}/backchannel-logout`, { method: 'POST' })).status).toBe(400)
  })

  function signedWithSecret(): Promise<string> {
    const events = { 'http://schemas.openid.net/event/backchannel-logout': {} }
    const token = new SignJWT({
      iss: world.issuer,
      aud: 'eespresso',
      sub: 'marie',
      jti: 'hs256',
      events,
    }).setIssuedAt()
    return token
      .setProtectedHeader({ alg: 'HS256', typ: 'logout+jwt' })
      .sign(new TextEncoder().encode(CLIENT_SECRET))
  }
})
