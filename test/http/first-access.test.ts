// The hospital's procedure without a browser: first access, later access, and what a person may do in
// between.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { enrolFirst, givePassword, signIn } from '../support/journey.js'
import { createPhone } from '../support/phone.js'
import { claimsOf, registerRelyingParty, REDIRECT_URI, SIGNED_OUT_URI } from '../support/relying-party.js'
import { stationsIn } from '../support/stations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

describe('the first access', () => {
  test('CIP and password, QR code, code, name: eEspresso gets a token that says both factors were verified', async () => {
    const person = await idp.createPerson()
    const browser = new Browser(idp)
    const { url, verifier, nonce } = rp.begin()

    await browser.open(url)
    expect(browser.text()).toContain('Pour accéder à eEspresso')
    expect(browser.heading()).toBe('Connexion')

    await browser.submit({ cip: ` ${person.cip.toUpperCase()} `, password: person.password })
    expect(browser.heading()).toBe('Configurer la double authentification')
    expect(browser.shown.html).toContain('id="totp-qr"')

    const verifiedAfter = Math.floor(clock.now() / 1000)
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)

    const tokens = await rp.tokens(browser.shown.url, verifier)
    const claims = claimsOf(tokens.id_token)
    expect(claims).toMatchObject({
      iss: idp.url,
      aud: 'eespresso',
      nonce,
      amr: ['pwd', 'otp', 'mfa'],
      acr: 'https://refeds.org/profile/mfa',
      sub: person.id,
    })
    expect(claims['auth_time']).toBeGreaterThanOrEqual(verifiedAfter)
    expect(await rp.userinfo(tokens.access_token)).toMatchObject({
      sub: person.id,
      name: 'Marie Tremblay',
      preferred_username: person.cip,
      cip: person.cip,
      email: 'marie@exemple.ca',
      locale: 'fr-CA',
    })
  })

  test('the next access asks for password and code, and for both again each time', async () => {
    const person = await idp.createPerson()
    const { browser, phone } = await enrolFirst(idp, rp, person)
    for (const access of [1, 2]) {
      const { callback, verifier } = await signIn(rp, person, phone, browser)
      expect({ access, claims: claimsOf((await rp.tokens(callback, verifier)).id_token) }).toMatchObject({
        access,
        claims: { sub: person.id },
      })
    }
  })

  test('a temporary password comes by mail, must be replaced first, and serves no more afterwards', async () => {
    const created = await idp.services.accounts.create(
      { cip: 'tram1234', name: 'Marie Tremblay', email: 'marie.tremblay@exemple.ca' },
      { name: 'operator:test', clientAddress: 'cli' },
      'mail',
    )
    expect(created.ok).toBe(true)
    const [mail] = await idp.readMail()
    expect(mail?.to).toBe('marie.tremblay@exemple.ca')
    const temporary = /Mot de passe temporaire\u00a0:\n(\S+)\n/.exec(mail?.text ?? '')?.[1] ?? ''
    expect([...temporary].length).toBeGreaterThanOrEqual(14)
    expect(mail?.text).toContain('eEspresso\u00a0: http://localhost:9/')

    const browser = new Browser(idp)
    const { verifier } = await givePassword(browser, rp, { cip: 'tram1234', password: temporary })
    expect(browser.heading()).toBe('Choisir votre mot de passe')

    await browser.submit({ newPassword: 'tram1234-tremblay', newPasswordConfirmation: 'autre chose' })
    expect(browser.shown.status).toBe(422)
    expect(browser.refusal()).toContain('Le mot de passe ne doit pas contenir votre CIP.')
    expect(browser.refusal()).toContain('Le mot de passe ne doit pas contenir votre nom.')
    expect(browser.refusal()).toContain('Les deux mots de passe ne sont pas identiques.')

    await browser.submit({ newPassword: temporary, newPasswordConfirmation: temporary })
    expect(browser.refusal()).toContain('différent de celui que vous avez reçu')

    await browser.submit({
      newPassword: 'onze-girafes-vertes',
      newPasswordConfirmation: 'onze-girafes-vertes',
    })
    expect(browser.heading()).toBe('Configurer la double authentification')
    expect(stationsIn(browser.shown.html)).toBe('Connexion ✓ · Mot de passe ✓ · Téléphone ● · eEspresso ○')
    const phone = createPhone(browser.key())
    await browser.submit({ code: phone.code(), deviceName: 'Mon iPhone' })
    expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['sub']).toBe(
      (await idp.account('tram1234')).id,
    )

    const later = new Browser(idp)
    await givePassword(later, rp, { cip: 'tram1234', password: temporary })
    expect(later.shown.status).toBe(422)
  })

  test('signing out at eEspresso signs out here, with no page in between', async () => {
    const person = await idp.createPerson()
    const { browser, callback, verifier } = await enrolFirst(idp, rp, person)
    const { id_token: idToken } = await rp.tokens(callback, verifier)
    const query = new URLSearchParams({
      id_token_hint: idToken,
      post_logout_redirect_uri: SIGNED_OUT_URI,
      state: 'fr',
    })
    await browser.open(`/session/end?${query.toString()}`)
    expect(browser.shown.url).toBe(`${SIGNED_OUT_URI}?state=fr`)
    const response = await browser.request(rp.begin({ prompt: 'none' }).url)
    expect(response.headers.get('location')).toContain('error=login_required')
  })

  test('a restart between any two steps loses nothing', async () => {
    const person = await idp.createPerson()
    const browser = new Browser(idp)
    const { url, verifier } = rp.begin()
    await browser.open(url)
    await idp.restart()
    await browser.submit({ cip: person.cip, password: person.password })
    const key = browser.key()
    await idp.restart()
    await browser.open(browser.shown.url)
    expect(browser.key()).toBe(key)
    await browser.submit({ code: createPhone(key).code(), deviceName: 'Mon iPhone' })
    await idp.restart()
    expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['sub']).toBe(person.id)
  })
})
