// Somebody with two phones, on the pages: what the code page says, and where each phone's code leads. What
// the rules are is test/services/several-devices.test.ts's.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { addDevice, type Device } from '../support/devices.js'
import { givePassword } from '../support/journey.js'
import type { Person } from '../support/people.js'
import { wrongCode } from '../support/phone.js'
import { claimsOf, registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { giveTemporaryPassword } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

type Owner = { person: Person; iphone: Device; tablet: Device }

async function createTwoPhones(): Promise<Owner> {
  const person = await idp.createPerson()
  const iphone = await addDevice(idp.services, person.id, 'Mon iPhone')
  const tablet = await addDevice(idp.services, person.id, 'Ma tablette')
  clock.nextStep()
  return { person, iphone, tablet }
}

async function standAtTheCode({ person }: Pick<Owner, 'person'>, language = 'fr-CA') {
  const browser = new Browser(idp, { 'Accept-Language': language })
  const { verifier } = await givePassword(browser, rp, person)
  expect(browser.step()).toBe('one-time-code')
  return { browser, verifier }
}

const disable = ({ person }: Pick<Owner, 'person'>, device: Device) =>
  idp.services.store.secondFactors.disable(person.id, [device.id], clock.now())

describe('the code page names the devices', () => {
  test('both, in the person’s language', async () => {
    const owner = await createTwoPhones()
    const french = await standAtTheCode(owner)
    expect(french.browser.text()).toContain(
      'Le code de l’un de vos appareils\u00a0: «\u00a0Mon iPhone\u00a0» ou «\u00a0Ma tablette\u00a0»',
    )
    const english = await standAtTheCode(owner, 'en')
    expect(english.browser.text()).toContain(
      'The code from one of your devices: “Mon iPhone” or “Ma tablette”',
    )
  })

  test('the one whose code serves, as with one phone', async () => {
    const owner = await createTwoPhones()
    await disable(owner, owner.iphone)
    const { browser } = await standAtTheCode(owner)
    expect(browser.text()).toContain('Appareil\u00a0: Ma tablette')
    expect(browser.text()).not.toContain('Mon iPhone')
  })
})

test.each(['iphone', 'tablet'] as const)('the code of %s leads back to the application', async (which) => {
  const owner = await createTwoPhones()
  const { browser, verifier } = await standAtTheCode(owner)
  await browser.submit({ code: owner[which].code() })
  expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
  expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['sub']).toBe(owner.person.id)
})

test('both disabled: the password leads to the code, no code leads on, and no phone can be bound', async () => {
  const owner = await createTwoPhones()
  await disable(owner, owner.iphone)
  await disable(owner, owner.tablet)
  const { browser } = await standAtTheCode(owner)
  await browser.open(`/interaction/${browser.uid()}/enrol`)
  expect(browser.step()).toBe('one-time-code')
  await browser.submit({ code: owner.tablet.code() })
  expect(browser.refusal()).toContain('Vos appareils ont été désactivés après trop de codes inexacts.')
})

test('a wrong code at the second to last point suspends both, and says so', async () => {
  const owner = await createTwoPhones()
  await idp.services.store.attempts.add(
    `code-points-in-30-days:${owner.person.id}`,
    clock.now(),
    3_600_000,
    false,
    { points: 48 },
  )
  const { browser } = await standAtTheCode(owner)
  await browser.submit({ code: wrongCode(owner.iphone, owner.tablet) })
  expect(browser.heading()).toBe('Connexion')
  expect(browser.refusal()).toContain('Vos appareils ont été désactivés')
})

test('« Ce n’est pas vous? » gives up the code of whichever phone: the next password needs its own', async () => {
  const owner = await createTwoPhones()
  const person = await giveTemporaryPassword(idp, owner.person)
  const { browser } = await standAtTheCode({ person })
  await browser.submit({ code: owner.tablet.code() })
  expect(browser.step()).toBe('change-password')
  await browser.submit({}, { form: '/restart' })
  await browser.submit({ cip: person.cip, password: person.password })
  expect(browser.step()).toBe('one-time-code')
})
