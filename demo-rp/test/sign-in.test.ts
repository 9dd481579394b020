import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { Browser, startWorld, type World } from './stand-in.js'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterEach(() => {
  world.next.accountId = 'marie'
  delete world.next.refusal
})
afterAll(() => world.close())

const callbackOf = (browser: Browser) => browser.open(world.rp, { stopAt: `${world.rp}/callback` })

describe('signing in', () => {
  test('opening eEspresso leads through the provider to the pay statement', async () => {
    const page = await new Browser().open(world.rp)
    expect(page.status).toBe(200)
    expect(page.url).toBe(`${world.rp}/`)
    expect(page.text).toContain('<html lang="fr-CA">')
    expect(page.text).toContain('Bonjour Marie Tremblay')
    expect(page.text).toContain('RREGOP')
    expect(page.text).toContain('double authentification')
    expect(page.text).toContain('pwd, otp, mfa')
    expect(page.text).toContain(`(${world.next.authTime})`)
  })

  test('a first access ends with the last words of the procedure, a later one does not', async () => {
    const WORDS = 'C’est fait\u00A0: vous avez maintenant accès à votre eEspresso.'
    const now = world.clock.now
    world.next.accountId = 'new'
    const browser = new Browser()
    expect((await browser.open(world.rp)).text).toContain('you now have access')
    expect((await browser.open(`${world.rp}/?lang=fr-CA`)).text).toContain(`role="status"><strong>${WORDS}`)
    expect((await browser.open(`${world.rp}/schedule`)).text).not.toContain(WORDS)
    const later = new Browser()
    await later.open(world.rp)
    expect((await later.open(`${world.rp}/?lang=fr-CA`)).text).not.toContain(WORDS)
    world.clock.now = now + 60_000
    expect((await browser.open(world.rp)).text).not.toContain(WORDS)
    world.clock.now = now
  })

  test('the request asks for a code with PKCE, state and nonce', async () => {
    const page = await new Browser().step(`${world.rp}/login?iss=${world.issuer}&login_hint=mtremblay`)
    const query = Object.fromEntries(new URL(page.headers.get('location') ?? '').searchParams)
    expect(page.status).toBe(303)
    expect(query).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      login_hint: 'mtremblay',
      client_id: 'eespresso',
    })
    expect(query.state).toMatch(/^[\w-]{43}$/)
    expect(query.nonce).toMatch(/^[\w-]{43}$/)
    expect(query).not.toHaveProperty('ui_locales')
  })

  test('the language follows the account, and a choice by the switch goes before it', async () => {
    world.next.accountId = 'john'
    const browser = new Browser()
    expect((await browser.open(world.rp)).text).toContain('<html lang="en">')
    expect((await browser.open(`${world.rp}/?lang=fr-CA`)).text).toContain('<html lang="fr-CA">')
    const request = await browser.step(`${world.rp}/login`)
    expect(request.headers.get('location')).toContain('ui_locales=fr-CA')
  })

  test('a name with markup in it stays text', async () => {
    world.next.accountId = 'john'
    const { text } = await new Browser().open(world.rp)
    expect(text).not.toContain('<b>')
    expect(text).toContain('&#60;b&#62;John')
  })

  test('two tabs can sign in at the same time', async () => {
    const browser = new Browser()
    const first = await callbackOf(browser)
    const second = await callbackOf(browser)
    expect((await browser.open(first.url)).text).toContain('Bonjour')
    expect((await browser.open(second.url)).text).toContain('Bonjour')
  })

  test('each sign-in gives a new session identifier and the old one is worth nothing', async () => {
    const browser = new Browser()
    await browser.open(world.rp)
    const old = browser.cookies.get('eespresso_session') ?? ''
    await browser.open(`${world.rp}/login`)
    expect(browser.cookies.get('eespresso_session')).not.toBe(old)
    const copy = new Browser()
    copy.cookies.set('eespresso_session', old)
    expect((await copy.step(world.rp)).status).toBe(303)
  })

  test('a session left alone for thirty minutes is over', async () => {
    const browser = new Browser()
    await browser.open(world.rp)
    world.clock.now += 29 * 60_000
    expect((await browser.step(world.rp)).status).toBe(200)
    world.clock.now += 30 * 60_000
    expect((await browser.step(world.rp)).status).toBe(303)
    world.clock.now = Date.now()
  })
})

describe('a callback that is not what it should be', () => {
  test.each([
    ['no state', (url: URL) => url.searchParams.delete('state')],
    ['a foreign state', (url: URL) => url.searchParams.set('state', 'x'.repeat(43))],
    ['no code', (url: URL) => url.searchParams.delete('code')],
    ['an invented code', (url: URL) => url.searchParams.set('code', 'x'.repeat(43))],
    ['another issuer', (url: URL) => url.searchParams.set('iss', 'https://attacker.example')],
    ['no issuer', (url: URL) => url.searchParams.delete('iss')],
    ['the state twice', (url: URL) => url.searchParams.append('state', 'x')],
    ['a token in it', (url: URL) => url.searchParams.set('id_token', 'x')],
  ])('with %s is refused with a way on, and signs nobody in', async (_what, change) => {
    const browser = new Browser()
    const url = new URL((await callbackOf(browser)).url)
    change(url)
    const page = await browser.step(url.href)
    expect(page.status).toBe(400)
    expect(page.text).toContain('>Réessayer</a>')
    expect(browser.cookies.has('eespresso_session')).toBe(false)
  })

  test('is refused the second time', async () => {
    const browser = new Browser()
    const { url } = await callbackOf(browser)
    expect((await browser.step(url)).status).toBe(303)
    const again = await browser.step(url)
    expect(again.status).toBe(400)
    expect(again.text).toContain('Cette connexion n’est plus valable')
  })

  test('is refused in a browser that did not begin it, and still serves the one that did', async () => {
    const browser = new Browser()
    const { url } = await callbackOf(browser)
    expect((await new Browser().step(url)).status).toBe(400)
    expect((await browser.step(url)).status).toBe(303)
  })

  test('that was made for somebody else signs nobody in, even amid a sign-in of their own', async () => {
    const [attacker, victim] = [new Browser(), new Browser()]
    const lure = await callbackOf(attacker)
    const own = await callbackOf(victim)
    const page = await victim.step(lure.url)
    expect(page.status).toBe(400)
    expect(page.text).toContain('Cette connexion n’est plus valable')
    expect(victim.cookies.has('eespresso_session')).toBe(false)
    expect((await victim.open(own.url)).text).toContain('Bonjour')
  })

  test('with the code of another sign-in is refused', async () => {
    const browser = new Browser()
    const [first, second] = [
      new URL((await callbackOf(browser)).url),
      new URL((await callbackOf(browser)).url),
    ]
    first.searchParams.set('code', second.searchParams.get('code') ?? '')
    expect((await browser.step(first.href)).status).toBe(400)
    expect(browser.cookies.has('eespresso_session')).toBe(false)
  })

  test('that came back after half an hour is refused', async () => {
    const browser = new Browser()
    const { url } = await callbackOf(browser)
    world.clock.now += 31 * 60_000
    expect((await browser.step(url)).status).toBe(400)
    world.clock.now = Date.now()
  })
})

describe('when the provider says no', () => {
  test('the person reads it in their language, with a way on', async () => {
    world.next.refusal = 'access_denied'
    const french = await new Browser().open(world.rp)
    expect(french.status).toBe(400)
    expect(french.text).toContain('La connexion n’a pas abouti')
    expect(french.text).toContain('access_denied')
    const english = await new Browser({ 'accept-language': 'en-CA,fr;q=0.5' }).open(world.rp)
    expect(english.text).toContain('Try again')
  })
})

describe('third-party initiated login', () => {
  test('returns to the address asked for', async () => {
    const page = await new Browser().open(
      `${world.rp}/login?iss=${world.issuer}&target_link_uri=${world.rp}/signed-out`,
    )
    expect(page.url).toBe(`${world.rp}/`) // signed in, so « signed out » leads home
  })

  test.each([
    ['another issuer', 'iss=https://attacker.example'],
    ['a foreign address', 'target_link_uri=https://attacker.example/'],
    ['a foreign address dressed as a path', 'target_link_uri=//attacker.example'],
    ['a script', 'target_link_uri=javascript:alert(1)'],
  ])('with %s is refused', async (_what, query) => {
    const page = await new Browser().step(`${world.rp}/login?${query}`)
    expect(page.status).toBe(400)
    expect(page.headers.has('location')).toBe(false)
  })
})

describe('step-up', () => {
  test('asks for both factors now and shows when they were given', async () => {
    const browser = new Browser()
    await browser.open(world.rp)
    const request = await browser.step(`${world.rp}/confirm-identity`, {
      method: 'POST',
      headers: { origin: world.rp },
    })
    expect(request.headers.get('location')).toContain('max_age=0')
    world.next.authTime += 30
    const page = await browser.post(`${world.rp}/confirm-identity`)
    expect(page.status).toBe(200)
    expect(page.text).toContain('Votre identité a été confirmée de nouveau')
    expect(page.text).toContain(`(${world.next.authTime})`)
  })

  test('an old auth_time confirms nothing, and the session stays', async () => {
    const browser = new Browser()
    await browser.open(world.rp)
    const page = await browser.post(`${world.rp}/confirm-identity`)
    expect(page.status).toBe(400)
    expect(page.text).toContain('Votre identité n’a pas été confirmée')
    expect((await browser.step(world.rp)).status).toBe(200)
  })

  test('another person cannot confirm', async () => {
    const browser = new Browser()
    await browser.open(world.rp)
    browser.forget('_session') // or the provider would first ask about signing Marie out
    world.next.accountId = 'john'
    world.next.authTime += 30
    const page = await browser.post(`${world.rp}/confirm-identity`)
    expect(page.status).toBe(400)
    expect(page.text).toContain('Une autre personne')
    expect((await browser.step(world.rp)).text).toContain('Marie Tremblay')
  })
})
