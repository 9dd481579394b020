// Threat: two people at one computer of the ward, one after the other (SES-6). Who has left leaves nothing
// behind, and no page says of the one who stays what is not so.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { enrolFirst, givePassword, signIn } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { PLACES } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp()
const rp = await registerRelyingParty(idp)
const thirdParty = await registerRelyingParty(idp, { client_id: 'tiers', consent: 'ask' })

describe('after « Ce n’est pas vous? »', () => {
  test('the code that was given counts no more: an overheard temporary password sets nothing', async () => {
    const { browser, person, phone } = await PLACES['at the change of password, after the code'](idp, rp)
    await browser.submit({}, { form: '/restart' })
    await browser.submit({ cip: person.cip, password: person.password })
    expect(browser.step()).toBe('one-time-code')
    await browser.submit({ code: phone?.code() ?? '' })
    expect(browser.shown.status).toBe(422) // used, for this sign-in too
    clock.nextStep()
    await browser.submit({ code: phone?.code() ?? '' })
    expect(browser.step()).toBe('change-password')
  })

  test('nor does the activation code: the password alone binds no phone', async () => {
    const { person } = await createEnrolled(idp)
    const { code } = await idp.services.accountActions.resetSecondFactor(
      await idp.account(person.cip),
      operator,
      'lost',
    )
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    await browser.submit({ activationCode: code })
    expect(browser.step()).toBe('enrol')
    await browser.submit({}, { form: '/restart' })
    await browser.submit({ cip: person.cip, password: person.password })
    expect(browser.step()).toBe('activation')
    await browser.submit({ activationCode: code })
    expect(browser.step()).toBe('enrol')
  })
})

describe('a question for consent left on the screen', () => {
  const LEAVE = {
    'another person has signed in': async (browser: Browser) => {
      const { person, phone } = await createEnrolled(idp)
      await signIn(rp, person, phone, browser, { prompt: 'login' })
      expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
    },
    'the person has signed out': async (browser: Browser) => {
      await browser.open('/session/end')
      await browser.submit({ logout: 'yes' })
    },
  }
  test.each(Object.keys(LEAVE) as (keyof typeof LEAVE)[])(
    'and %s: nobody can say yes in their name',
    async (how) => {
      const person = await idp.createPerson()
      const { browser } = await enrolFirst(idp, rp, person)
      await browser.open(thirdParty.begin().url)
      expect(browser.step()).toBe('consent')
      const [url, body] = browser.prepare({ decision: 'allow' })
      await LEAVE[how](browser)
      expect((await browser.post(url, body)).status).toBe(400)
      expect(browser.shown.html).toContain('href="http://localhost:9/"')
      expect(await idp.services.consents.list(await idp.account(person.cip))).toEqual([])
    },
  )
})

describe('« Garder ma session ouverte »', () => {
  test('never ends on a page that says the contrary', async () => {
    const { browser } = await enrolFirst(idp, rp, await idp.createPerson())
    await browser.open('/session/end')
    await browser.submit({})
    expect(browser.heading()).toBe('Votre session est toujours ouverte')
    await browser.open('/session/end')
    await browser.submit({ logout: 'yes' })
    expect(browser.heading()).toBe('Votre session est fermée')
  })
})
