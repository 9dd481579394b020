// Nobody stands before an English page, or one without a way forward: errors, ends and the pages that the
// library would show (M27, PRIV-3).

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { enrolFirst, givePassword, signIn } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import {
  claimsOf,
  registerRelyingParty,
  REDIRECT_URI,
  SIGNED_OUT_URI,
  type RelyingParty,
} from '../support/relying-party.js'
import { failing, PLACES } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const HOME_OF_APPLICATION = 'href="http://localhost:9/"'

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })
const shared = await registerRelyingParty(idp, { client_id: 'horaire', client_name: 'Horaire' })

/** In French, in our frame, with a heading, a link out of here, and somebody to call. */
function expectGoodPage(browser: Browser, status: number): void {
  const { html } = browser.shown
  expect({ url: browser.shown.url, status: browser.shown.status }).toEqual({ url: browser.shown.url, status })
  expect(html).toContain('<html lang="fr-CA">')
  expect(html).toContain('Pour toute demande d’assistance')
  expect(browser.heading()).not.toBe('')
  expect(/<main[\s\S]*<(a|button) [\s\S]*<\/main>/.test(html)).toBe(true)
  expect(browser.text()).not.toMatch(
    /\b(the|error|invalid|(?<!votre |ma )session|not found|request|submit|please|requested)\b/i,
  )
}

function expectEnglish(browser: Browser): void {
  expect(browser.shown.html).toContain('<html lang="en">')
  expect(browser.text()).not.toMatch(/\b(vous|votre|cette|connexion n’est)\b/i)
}

describe('a request that the provider refuses', () => {
  test.each<[string, (client: RelyingParty) => string, number]>([
    ['an unknown application', (client) => client.begin({ client_id: 'inconnue' }).url, 400],
    ['no application', () => `${idp.url}/auth`, 400],
    [
      'an address that is not the application’s',
      (client) => client.begin({ redirect_uri: 'http://localhost:9/ailleurs' }).url,
      400,
    ],
    ['a page that does not exist', () => `${idp.url}/nulle-part`, 404],
    ['a page below the sign-in that does not exist', () => `${idp.url}/interaction/inconnue`, 400],
    ['a step of nothing', () => `${idp.url}/interaction/inconnue/password`, 400],
    ['the end of a sign-in that never was', () => `${idp.url}/auth/inconnue`, 400],
    ['a sign-out with a forged token', () => `${idp.url}/session/end?id_token_hint=x.y.z`, 400],
    [
      'a sign-out to a foreign address',
      () => `${idp.url}/session/end?client_id=eespresso&post_logout_redirect_uri=https://evil.example/`,
      400,
    ],
    ['the token endpoint opened by hand', () => `${idp.url}/token`, 404],
  ])('%s: a French page with a way forward', async (_what, url, status) => {
    const browser = new Browser(idp)
    await browser.open(url(rp))
    expectGoodPage(browser, status)
  })

  test('a page that does not exist is called that', async () => {
    const browser = new Browser(idp)
    await browser.open('/nulle-part')
    expect(browser.heading()).toBe('Cette page n’existe pas')
  })

  test.each(['/nulle-part', '/auth?client_id=inconnue', '/auth/inconnue', '/interaction/x/password'])(
    '%s in English for a browser that speaks English',
    async (url) => {
      const browser = new Browser(idp, { 'Accept-Language': 'en-CA,en;q=0.9' })
      await browser.open(url)
      expectEnglish(browser)
    },
  )

  test('where the application is known, its page leads back to it', async () => {
    const browser = new Browser(idp)
    await browser.open(rp.begin({ redirect_uri: 'http://localhost:9/ailleurs' }).url)
    expect(browser.shown.html).toContain(HOME_OF_APPLICATION)
    expect(browser.text()).toContain('Retourner à eEspresso')
  })

  test('a program gets JSON, not a page', async () => {
    for (const path of ['/nulle-part', '/me', '/interaction/x/password']) {
      const answer = await fetch(`${idp.url}${path}`, {
        headers: { Accept: 'application/json' },
        redirect: 'manual',
      })
      expect({ path, type: answer.headers.get('content-type') }).toMatchObject({
        path,
        type: expect.stringContaining('application/json'),
      })
      expect(await answer.json()).toHaveProperty('error')
    }
  })
})

describe('a sign-in that is over', () => {
  test('after 26 minutes: a French page that leads back to eEspresso, at every address of it', async () => {
    const { browser, person } = await PLACES['at the code'](idp, rp)
    const uid = browser.uid()
    const [url, body] = browser.prepare({ code: '123456' })
    clock.advance({ minutes: 26 })
    for (const open of [
      () => browser.open(`/interaction/${uid}/one-time-code`),
      () => browser.open(`/interaction/${uid}`),
      () => browser.post(url, body),
      () => browser.open(`/auth/${uid}`),
    ]) {
      await open()
      expectGoodPage(browser, 400)
      expect(browser.shown.html).toContain(HOME_OF_APPLICATION)
    }
    await givePassword(browser, rp, person)
    expect(browser.step()).toBe('one-time-code')
  })

  test('after it ended well: the same, with Back', async () => {
    const { browser, phone } = await PLACES['at the code'](idp, rp)
    const uid = browser.uid()
    await browser.submit({ code: phone?.code() ?? '' })
    for (const address of [
      `/interaction/${uid}/one-time-code`,
      `/interaction/${uid}/password`,
      `/auth/${uid}`,
    ]) {
      await browser.open(address)
      expectGoodPage(browser, 400)
      expect(browser.shown.html).toContain(HOME_OF_APPLICATION)
    }
  })

  test('when the cookies are lost: the same', async () => {
    const { browser } = await PLACES['at the code'](idp, rp)
    const uid = browser.uid()
    const [url, body] = browser.prepare({ code: '123456' })
    browser.forgetCookies()
    for (const open of [
      () => browser.open(`/interaction/${uid}`),
      () => browser.post(url, body),
      () => browser.open(`/auth/${uid}`),
    ]) {
      await open()
      expectGoodPage(browser, 400)
      expect(browser.shown.html).toContain(HOME_OF_APPLICATION)
    }
  })

  test('a session that ends while its owner signs in again does not end that sign-in badly (M26)', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await signIn(shared, person, phone, browser)
    clock.advance({ minutes: 10 })
    const { verifier } = await givePassword(browser, rp, person)
    clock.advance({ minutes: 24 })
    await browser.submit({ code: phone.code() })
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
    expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['sub']).toBe(person.id)
  })
})

describe('signing out', () => {
  test('without an application: a question, and two buttons that do what they say', async () => {
    const person = await idp.createPerson()
    const { browser } = await enrolFirst(idp, shared, person)
    await browser.open('/session/end')
    expectGoodPage(browser, 200)
    expect(browser.heading()).toBe('Se déconnecter?')
    await browser.submit({})
    expectGoodPage(browser, 200)
    const stayed = await browser.request(shared.begin({ prompt: 'none' }).url)
    expect(stayed.headers.get('location')).toContain('code=')
    await browser.open('/session/end')
    await browser.submit({ logout: 'yes' })
    expectGoodPage(browser, 200)
    expect(browser.heading()).toBe('Votre session est fermée')
    const gone = await browser.request(shared.begin({ prompt: 'none' }).url)
    expect(gone.headers.get('location')).toContain('error=login_required')
  })

  test('when signed out already: our page, in French or in English', async () => {
    const browser = new Browser(idp)
    await browser.open('/session/end')
    expectGoodPage(browser, 200)
    browser.headers['Accept-Language'] = 'en'
    await browser.open('/session/end')
    expectEnglish(browser)
    expect(browser.heading()).toBe('You are signed out')
  })

  test('a question left open is not answered by the sign-in after it', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await signIn(shared, person, phone, browser)
    await browser.open('/session/end')
    clock.nextStep()
    await givePassword(browser, shared, person, { prompt: 'login', response_mode: 'form_post' })
    await browser.submit({ code: phone.code() })
    expect(browser.hidden('code')).not.toBe('')
    const still = await browser.request(shared.begin({ prompt: 'none' }).url)
    expect(still.headers.get('location')).toContain('code=')
  })

  test('a refused sign-out of nobody ends nothing', async () => {
    const browser = new Browser(idp)
    await browser.open('/session/end')
    await browser.open('/session/end?id_token_hint=x.y.z')
    expectGoodPage(browser, 400)
  })

  test('with another person’s token, it asks first', async () => {
    const other = await enrolFirst(idp, shared, await idp.createPerson())
    const { id_token: hint } = await shared.tokens(other.callback, other.verifier)
    const { browser } = await enrolFirst(idp, shared, await idp.createPerson())
    await browser.open(`/session/end?${new URLSearchParams({ id_token_hint: hint }).toString()}`)
    const still = await browser.request(shared.begin({ prompt: 'none' }).url)
    expect(still.headers.get('location')).toContain('code=')
  })

  test('a link on another site signs nobody out (OIDC-8)', async () => {
    const { browser } = await enrolFirst(idp, shared, await idp.createPerson())
    for (const query of [
      '',
      '?client_id=horaire',
      `?client_id=horaire&post_logout_redirect_uri=${encodeURIComponent(SIGNED_OUT_URI)}`,
    ]) {
      await browser.request(`/session/end${query}`, {
        headers: { 'Sec-Fetch-Site': 'cross-site', 'Referer': 'https://evil.example/' },
      })
    }
    const still = await browser.request(shared.begin({ prompt: 'none' }).url)
    expect(still.headers.get('location')).toContain('code=')
  })

  test('the old session cookie is worth nothing afterwards (SES-4)', async () => {
    const { browser } = await enrolFirst(idp, shared, await idp.createPerson())
    const thief = browser.clone()
    await browser.open('/session/end')
    await browser.submit({ logout: 'yes' })
    const answer = await thief.request(shared.begin({ prompt: 'none' }).url)
    expect(answer.headers.get('location')).toContain('error=login_required')
  })
})

describe('B signs in where A has a session', () => {
  test('it ends at the application as B, with no page in between', async () => {
    const a = await idp.createPerson()
    const b = await createEnrolled(idp)
    const { browser } = await enrolFirst(idp, rp, a)
    const { callback, verifier } = await signIn(rp, b.person, b.phone, browser)
    expect(callback.startsWith(REDIRECT_URI)).toBe(true)
    expect(claimsOf((await rp.tokens(callback, verifier)).id_token)['sub']).toBe(b.person.id)
  })

  test('A’s session is over then, also for a copy of A’s cookies', async () => {
    const { browser } = await enrolFirst(idp, shared, await idp.createPerson())
    const copyOfA = browser.clone()
    const b = await createEnrolled(idp)
    await signIn(shared, b.person, b.phone, browser, { prompt: 'login' })
    const answer = await copyOfA.request(shared.begin({ prompt: 'none' }).url)
    expect(answer.headers.get('location')).toContain('error=login_required')
  })
})

describe('an application that asks for form_post', () => {
  test('gets its code by a page in our look, with a button, and no script of its own', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    const { verifier, state } = await givePassword(browser, rp, person, { response_mode: 'form_post' })
    await browser.submit({ code: phone.code() })
    expectGoodPage(browser, 200)
    expect(browser.shown.html).not.toMatch(/<script(?![^>]* src=)/)
    expect(browser.shown.html).not.toMatch(/ on[a-z]+="/)
    expect(browser.shown.html).toContain(`action="${REDIRECT_URI}"`)
    expect(browser.hidden('state')).toBe(state)
    const tokens = await rp.tokens(`${REDIRECT_URI}?code=${browser.hidden('code')}`, verifier)
    expect(claimsOf(tokens.id_token)['sub']).toBe(person.id)
  })

  test('in English too, and its refusals by the same way', async () => {
    const browser = new Browser(idp, { 'Accept-Language': 'en' })
    await browser.open(rp.begin({ response_mode: 'form_post', prompt: 'none' }).url)
    expectEnglish(browser)
    expect(browser.shown.status).toBe(400)
    expect(browser.hidden('error')).toBe('login_required')
  })

  test('gets what it sent back, whatever signs are in it', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    const state = `"'><script>alert(1)</script>&amp; é`
    await givePassword(browser, rp, person, { response_mode: 'form_post', state })
    await browser.submit({ code: phone.code() })
    expect(browser.shown.html).not.toContain('<script>alert')
    expect(browser.hidden('state')).toBe(state)
  })

  test('whose address looks like our own confirmation of sign-out gets it all the same', async () => {
    const address = 'http://localhost:9/session/end/confirm'
    const odd = await registerRelyingParty(idp, { client_id: 'etrange', redirect_uris: [address] })
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await givePassword(browser, odd, person, { response_mode: 'form_post', redirect_uri: address })
    await browser.submit({ code: phone.code() })
    expect(browser.shown.html).toContain(`action="${address}"`)
  })
})

describe('a failure of ours', () => {
  test('is a French page with a code to give, and nothing of what went wrong', async () => {
    const { browser, phone } = await PLACES['at the code'](idp, rp)
    await failing(idp, 'insert on audit_events', "new.event = 'one-time-code.verified'", () =>
      browser.submit({ code: phone?.code() ?? '' }),
    )
    expectGoodPage(browser, 500)
    expect(browser.shown.html).not.toMatch(/failure made by a test|SQLITE|insert into|at .*\.ts/i)
    expect(browser.shown.html).toContain(browser.shown.headers.get('x-support-code') ?? 'none')
  })

  test('inside the library is one too', async () => {
    const browser = new Browser(idp)
    await failing(idp, 'insert on oidc_artifacts', 'true', () => browser.open(rp.begin().url))
    expectGoodPage(browser, 500)
    expect(browser.shown.html).not.toMatch(/failure made by a test|SQLITE|insert into/i)
  })
})

describe('the pages anybody can open', () => {
  test.each(['/', '/help'])('%s is in French, and in English on a press', async (address) => {
    const browser = new Browser(idp)
    await browser.open(address)
    expectGoodPage(browser, 200)
    await browser.open(`${address}?lang=en`)
    expectEnglish(browser)
    await browser.open(address)
    expectEnglish(browser)
  })

  test('the language switch keeps the person at the step, and the key on the page', async () => {
    const { browser } = await PLACES['at the QR code'](idp, rp)
    const key = browser.key()
    await browser.open(`${browser.shown.url}?lang=en`)
    expectEnglish(browser)
    expect({ step: browser.step(), key: browser.key() }).toEqual({ step: 'enrol', key })
  })
})
