// Where a person stands in a first access: one numbering for all its pages, and the application they are on
// the way to.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { givePassword } from '../support/journey.js'
import { createPhone } from '../support/phone.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { giveTemporaryPassword, PLACES, type Place } from '../support/situations.js'
import { stationsIn } from '../support/stations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp)
const strict = await useIdp({ settings: { ENROLMENT: 'activation-code' } })
const strictRp = await registerRelyingParty(strict)

const stations = (browser: Browser): string => stationsIn(browser.shown.html)

test.each<[Place, string]>([
  ['at the password', ''],
  ['at the QR code', 'Connexion ✓ · Téléphone ● · eEspresso ○'],
  ['at the change of password', 'Connexion ✓ · Mot de passe ● · Téléphone ○ · eEspresso ○'],
  ['at the code', ''],
  ['at the code, with a temporary password', 'Connexion ✓ · Code ● · Mot de passe ○ · eEspresso ○'],
  ['at the change of password, after the code', 'Connexion ✓ · Code ✓ · Mot de passe ● · eEspresso ○'],
])('%s: %s', async (place, expected) => {
  const { browser } = await PLACES[place](idp, rp)
  expect(stations(browser)).toBe(expected)
})

test('activation and change of password are counted from the first page to the last', async () => {
  const person = await giveTemporaryPassword(strict, await strict.createPerson())
  const operator = { name: 'operator:test', clientAddress: 'cli' }
  const account = await strict.account(person.cip)
  const { code } = await strict.services.accountActions.issueActivationCode(account, operator, 'asked', {})
  const browser = new Browser(strict)
  await givePassword(browser, strictRp, person)
  const seen = [stations(browser)]
  await browser.submit({ activationCode: code })
  seen.push(stations(browser))
  await browser.submit({
    newPassword: 'onze-girafes-vertes',
    newPasswordConfirmation: 'onze-girafes-vertes',
  })
  seen.push(stations(browser))
  expect(seen).toEqual([
    'Connexion ✓ · Activation ● · Mot de passe ○ · Téléphone ○ · eEspresso ○',
    'Connexion ✓ · Activation ✓ · Mot de passe ● · Téléphone ○ · eEspresso ○',
    'Connexion ✓ · Activation ✓ · Mot de passe ✓ · Téléphone ● · eEspresso ○',
  ])
})

test('a refusal leaves the person at the same station', async () => {
  const { browser } = await PLACES['at the QR code'](idp, rp)
  await browser.submit({ code: '000000', deviceName: 'Mon iPhone' })
  expect(browser.shown.status).toBe(422)
  expect(stations(browser)).toBe('Connexion ✓ · Téléphone ● · eEspresso ○')
})

describe('every page of a sign-in says where it leads', () => {
  const says = (browser: Browser) => /<p class="to">([\s\S]*?)<\/p>/.exec(browser.shown.html)?.[1]

  test.each(Object.keys(PLACES) as Place[])('%s', async (place) => {
    const { browser } = await PLACES[place](idp, rp)
    expect(says(browser)).toBe('Pour accéder à <b>eEspresso</b>')
  })

  test('at the activation code', async () => {
    const browser = new Browser(strict)
    await givePassword(browser, strictRp, await strict.createPerson())
    expect(browser.step()).toBe('activation')
    expect(says(browser)).toBe('Pour accéder à <b>eEspresso</b>')
  })

  test('on a phone, at the link', async () => {
    const agent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)'
    const browser = new Browser(idp, { 'User-Agent': agent })
    await givePassword(browser, rp, await idp.createPerson())
    expect(createPhone(browser.key()).code()).toMatch(/^\d{6}$/)
    expect(says(browser)).toBe('Pour accéder à <b>eEspresso</b>')
  })
})
