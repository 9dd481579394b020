// Whoever comes to a sign-in that is over, or that this browser did not begin, is told what is true and led
// on (PRIV-3). The threat in leading on: to an address of somebody else's, or round and round.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { createEnrolled } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { PLACES } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const LOGIN = 'http://localhost:9/login?tenant=estrie'

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { initiate_login_uri: LOGIN, sign_in_every_time: true })
const unled = await registerRelyingParty(idp, { client_id: 'horaire', client_name: 'Horaire' })

/** Where the page leads to. */
const wayOn = ({ shown: { html } }: Browser): URL => {
  const href = /<a class="primary" href="([^"]*)"/.exec(html)?.[1]
  if (href === undefined) throw new Error(`no way on: ${html.slice(0, 500)}`)
  return new URL(href.replaceAll('&amp;', '&'))
}

function expectLedOn(browser: Browser): void {
  expect(browser.shown.status).toBe(200)
  expect(browser.shown.html).not.toContain('<title>Erreur')
  const url = wayOn(browser)
  expect(`${url.origin}${url.pathname}`).toBe('http://localhost:9/login')
  expect(Object.fromEntries(url.searchParams)).toEqual({ tenant: 'estrie', iss: idp.url })
}

describe('an address of a sign-in that is over', () => {
  test('as a favourite: a page that leads on by itself, and says what to keep instead', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    const uid = browser.uid()
    clock.advance({ hours: 3 })
    for (const address of [`/interaction/${uid}/password`, `/interaction/${uid}`, `/auth/${uid}`]) {
      await browser.open(address)
      expectLedOn(browser)
      expect(browser.shown.html).toContain('data-continues')
      expect(browser.shown.html).toMatch(
        /<noscript><meta http-equiv="refresh" content="5; url=http:\/\/localhost:9/,
      )
      expect(browser.text()).toContain('favoris? Gardez-y plutôt cette adresse')
      expect(browser.shown.html).toContain('href="http://localhost:9/"')
    }
  })

  test('with Back after a sign-in that ended well', async () => {
    const { browser, phone } = await PLACES['at the code'](idp, rp)
    const uid = browser.uid()
    await browser.submit({ code: phone?.code() ?? '' })
    await browser.open(`/interaction/${uid}/one-time-code`)
    expectLedOn(browser)
  })

  test('in English', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    const uid = browser.uid()
    clock.advance({ hours: 3 })
    await browser.open(`/interaction/${uid}/password?lang=en`)
    expect(browser.text()).toContain('We are taking you back to eEspresso')
  })

  test('of an application that names no such address: as before, a problem with a way back', async () => {
    const { browser } = await PLACES['at the password'](idp, unled)
    const uid = browser.uid()
    clock.advance({ hours: 3 })
    await browser.open(`/interaction/${uid}/password`)
    expect(browser.shown.status).toBe(400)
    expect(browser.text()).toContain('Retourner à Horaire')
    expect(browser.shown.html).not.toContain('data-continues')
  })

  test('a program gets JSON', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    const uid = browser.uid()
    clock.advance({ hours: 3 })
    const answer = await browser.request(`/interaction/${uid}/password`, {
      headers: { Accept: 'application/json' },
    })
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 400,
      body: { error: 'interaction-not-found' },
    })
  })

  test('leads to no address but the registered one, whatever the request or the cookie says', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    const uid = browser.uid()
    clock.advance({ hours: 3 })
    const evil = encodeURIComponent('https://evil.example/')
    await browser.open(
      `/interaction/${uid}/password?initiate_login_uri=${evil}&iss=${evil}&target_link_uri=${evil}&login_hint=x`,
    )
    expectLedOn(browser)
    expect(browser.shown.html).not.toMatch(/(href="|url=)https?:[^"]*evil/)
    const forged = Buffer.from(
      JSON.stringify([[uid.slice(0, 8), 'https://evil.example', Date.now() * 2]]),
    ).toString('base64url')
    const stranger = new Browser(idp)
    stranger.setCookie('laissez-passer-way-back', `${forged}.x`)
    await stranger.open(`/interaction/inconnue/password`)
    expect(stranger.shown.html).not.toContain('evil')
  })
})

describe('a password posted after too long a time', () => {
  test('is said not to have been looked at; one button leads on, and the CIP goes along', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    clock.advance({ minutes: 26 })
    await browser.submit({ cip: ` ${person.cip} `, password: person.password })
    expect(browser.heading()).toBe('Cette page est restée ouverte trop longtemps')
    expect(browser.text()).toContain('votre mot de passe n’a pas été vérifié')
    expect(browser.shown.html).not.toContain(person.password)
    expect(browser.shown.html).not.toContain('data-continues')
    expect(
      [...browser.shown.html.matchAll(/<main[\s\S]*<\/main>/g)].join('').match(/<(a|button) /g),
    ).toHaveLength(1)
    expect(wayOn(browser).searchParams.get('login_hint')).toBe(person.cip)
  })

  test('takes no password along that was typed into the wrong field', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    clock.advance({ minutes: 26 })
    await browser.submit({ cip: 'MonMotDePasse!Secret2026', password: 'x' })
    expect(browser.heading()).toBe('Cette page est restée ouverte trop longtemps')
    expect(wayOn(browser).searchParams.has('login_hint')).toBe(false)
    expect(browser.shown.html).not.toContain('Secret2026')
  })

  test('once more at the sign-in page, the CIP stands in its field', async () => {
    const { person } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await browser.open(rp.begin({ login_hint: person.cip }).url)
    expect(browser.shown.html).toContain(`value="${person.cip}"`)
  })
})

describe('a sign-in under way, opened by a browser that brings no cookie', () => {
  test('and keeps none: it is asked once, then told so', async () => {
    const { browser } = await PLACES['at the password'](idp, rp)
    const address = `/interaction/${browser.uid()}/password`
    const refusing = new Browser(idp)
    const asked = await refusing.request(address)
    expect(asked.status).toBe(303)
    const again = asked.headers.get('location') ?? ''
    expect(new URL(again, idp.url).pathname).toBe(address)
    refusing.forgetCookies()
    await refusing.open(again)
    expect(refusing.shown.status).toBe(400)
    expect(refusing.heading()).toBe('Votre navigateur refuse les témoins')
    expect(refusing.text()).toContain('permettez les témoins de ce site')
    expect(refusing.shown.html).not.toContain('data-continues')
    refusing.forgetCookies()
    expect((await refusing.request(again)).status).toBe(400)
  })

  test('from the application’s request on: two redirects, and no more', async () => {
    const refusing = new Browser(idp)
    let url = rp.begin().url
    const seen: number[] = []
    for (let hops = 0; hops < 8 && url !== ''; hops += 1) {
      refusing.forgetCookies()
      const answer = await refusing.request(url)
      seen.push(answer.status)
      url = answer.headers.get('location') ?? ''
    }
    expect(seen).toEqual([303, 303, 400])
  })

  test('and keeps some: it was begun in another one', async () => {
    const { browser } = await PLACES['at the QR code'](idp, rp)
    const other = new Browser(idp)
    await other.open(`/interaction/${browser.uid()}/enrol?lang=fr-CA`)
    expect(other.shown.status).toBe(400)
    expect(other.heading()).toBe('Cette page a été ouverte dans un autre navigateur')
    expect(other.text()).toContain('Retourner à eEspresso')
    expect(other.shown.html).not.toContain('totp-key')
    // The one that began it goes on.
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
    expect(browser.shown.url).toContain('code=')
  })

  test('looking is no visit: what nobody has opened is kept two minutes all the same', async () => {
    const browser = new Browser(idp)
    const { headers } = await browser.request(rp.begin().url)
    const other = new Browser(idp)
    await other.open(headers.get('location') ?? '')
    expect(other.heading()).toBe('Cette page a été ouverte dans un autre navigateur')
    clock.advance({ minutes: 3 })
    await other.open(headers.get('location') ?? '')
    expect(other.heading()).toBe('Cette connexion n’est plus en cours')
  })
})

describe('a wait', () => {
  test('stands as text, with what a script needs to count it down', async () => {
    const { browser, person } = await PLACES['at the password'](idp, rp)
    for (let count = 1; count <= 6; count += 1)
      await browser.submit({ cip: person.cip, password: 'pas le bon' })
    expect(browser.shown.status).toBe(429)
    const seconds = browser.shown.headers.get('retry-after')
    expect(browser.shown.html).toMatch(
      new RegExp(`role="timer" aria-live="off" data-wait-seconds="${seconds}">[^<]*(min|s)<`),
    )
    expect(browser.shown.html).toContain('data-wait-over="L’attente est terminée.')
  })
})
