// A QR code scanned, then the page lost: whoever comes back is shown another one, and their phone has an
// entry whose codes serve nothing. Said before the mistake, recognised after it, in both languages. What may
// be tried by it: test/services/earlier-enrolments.test.ts.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { addDevice } from '../support/devices.js'
import { enrolFirst, givePassword } from '../support/journey.js'
import { createEnrolled, OPERATOR, type Person } from '../support/people.js'
import { createPhone, type Phone } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { failuresOf } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp({ settings: { ORGANISATION_NAME: 'CIUSSS' } })
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)

async function standAtTheQrCode(person: Person, headers: Record<string, string> = {}): Promise<Browser> {
  const browser = new Browser(idp, headers)
  await givePassword(browser, rp, person)
  expect(browser.step()).toBe('enrol')
  return browser
}

/** As the authenticator shows it: issuer and account of the link on the page. */
function entryOf(browser: Browser): string {
  const link = /href="(otpauth:[^"]*)"/.exec(browser.shown.html)?.[1] ?? ''
  return decodeURIComponent(new URL(link.replaceAll('&amp;', '&')).pathname.replace(/^\/+(totp\/)?/, ''))
}

/** On our pages no line ends inside the hour. */
const onPage = (entry: string): string => entry.replaceAll(' h ', '\u00a0h\u00a0')

const notice = (browser: Browser): string =>
  /<p id="earlier-entries"[^>]*>(.*?)<\/p>/s.exec(browser.shown.html)?.[1]?.replace(/<[^>]*>/g, '') ?? ''

describe('the entry in the authenticator', () => {
  test('bears day and hour, which stay over a reload, a refusal, another language and a later hour', async () => {
    const person = await idp.createPerson()
    const browser = await standAtTheQrCode(person)
    const entry = entryOf(browser)
    expect(entry).toMatch(new RegExp(`^CIUSSS:${person.cip} \\(\\d{1,2} \\S+ \\d{1,2} h \\d{2}\\)$`, 'u'))
    clock.advance({ minutes: 3 })
    await browser.open(browser.shown.url)
    expect(entryOf(browser)).toBe(entry)
    await browser.submit({ code: '000000', deviceName: 'Mon iPhone' })
    expect({ status: browser.shown.status, entry: entryOf(browser) }).toEqual({ status: 422, entry })
    await browser.open(`${browser.shown.url}?lang=en`)
    expect(browser.shown.html).toContain('lang="en"')
    expect(entryOf(browser)).toBe(entry)
    expect(notice(browser)).toBe('')
  })

  test('of the next visit bears another, and the page says which one to delete first', async () => {
    const person = await idp.createPerson()
    const before = entryOf(await standAtTheQrCode(person)).replace('CIUSSS:', '')
    clock.advance({ minutes: 7 })
    const browser = await standAtTheQrCode(person)
    expect(entryOf(browser)).not.toContain(before)
    expect(notice(browser)).toBe(
      'Vous avez déjà commencé. Si Google Authenticator contient l’inscription ' +
        `«\u00a0CIUSSS\u00a0: ${onPage(before)}\u00a0», supprimez-la d’abord, puis suivez les étapes de cette page.`,
    )
    await browser.open(`${browser.shown.url}?lang=en`)
    expect(notice(browser)).toBe(
      `You have already started. If Google Authenticator has the entry “CIUSSS: ${onPage(before)}”, ` +
        'delete it first, then follow the steps on this page.',
    )
  })
})

describe('the page that asks for a code names the entry to look for', () => {
  const hint = async (person: Person): Promise<string> => {
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    return /<p class="hint" id="code-hint">(.*?)<\/p>/s.exec(browser.shown.html)?.[1] ?? ''
  }

  test('by its mark, whichever QR codes were shown besides; without it when that is not remembered', async () => {
    const person = await idp.createPerson()
    await standAtTheQrCode(person)
    clock.advance({ minutes: 7 })
    const browser = await standAtTheQrCode(person)
    const entry = entryOf(browser).replace(':', '\u00a0: ')
    clock.advance({ minutes: 7 })
    await standAtTheQrCode(person)
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
    expect(isBack(browser)).toBe(true)
    clock.nextStep()
    const device = 'Appareil\u00a0: Mon iPhone. Dans Google Authenticator\u00a0: '
    expect(await hint(person)).toBe(`${device}«\u00a0${onPage(entry)}\u00a0».`)
    clock.advance({ days: 91 })
    expect(await hint(person)).toBe(`${device}«\u00a0CIUSSS\u00a0: ${person.cip}\u00a0».`)
  })

  test('of several devices their names alone', async () => {
    const { person } = await createEnrolled(idp)
    await addDevice(idp.services, person.id, 'Ma tablette')
    expect(await hint(person)).toContain('«\u00a0Ma tablette\u00a0»')
    expect(await hint(person)).not.toContain(person.cip)
  })
})

describe('a code of the QR code that was scanned before the page was lost', () => {
  async function loseThePage(person: Person): Promise<{ lost: Phone; mark: string }> {
    const browser = await standAtTheQrCode(person)
    const mark = /\((.*)\)/.exec(entryOf(browser))?.[1] ?? ''
    clock.advance({ minutes: 40 })
    return { lost: createPhone(browser.key()), mark }
  }

  test('is recognised on the page with the new one, which then serves', async () => {
    const person = await idp.createPerson()
    const { lost, mark } = await loseThePage(person)
    const browser = await standAtTheQrCode(person)
    await browser.submit({ code: lost.code(), deviceName: 'Mon iPhone' })
    expect(browser.shown.status).toBe(422)
    expect(browser.refusal()).toBe(
      `Ce code vient d’un code QR scanné plus tôt (${onPage(mark)}). Dans Google Authenticator, supprimez cette ` +
        'ancienne inscription, puis scannez le code QR de cette page et inscrivez le nouveau code.',
    )
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
    expect(isBack(browser)).toBe(true)
  })

  test('on a phone says to add the account, since there is nothing to scan', async () => {
    const person = await idp.createPerson()
    const { lost } = await loseThePage(person)
    const browser = await standAtTheQrCode(person, { 'Sec-CH-UA-Mobile': '?1' })
    await browser.submit({ code: lost.code(), deviceName: 'Mon iPhone' })
    expect(browser.refusal()).toContain('puis ajoutez votre compte par cette page')
  })

  test('is recognised at a later sign-in, opens nothing and makes nobody wait', async () => {
    const person = await idp.createPerson()
    const { lost, mark } = await loseThePage(person)
    const { phone } = await enrolFirst(idp, rp, person)
    clock.nextStep()
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    for (let time = 1; time <= 6; time += 1) {
      await browser.submit({ code: lost.code() })
      expect({ status: browser.shown.status, step: browser.step() }).toEqual({
        status: 422,
        step: 'one-time-code',
      })
    }
    expect(browser.refusal()).toBe(
      `Ce code vient d’un code QR scanné plus tôt (${onPage(mark)}). Dans Google Authenticator, supprimez cette ` +
        'ancienne inscription, puis inscrivez le code de l’inscription la plus récente.',
    )
    expect(await failuresOf(idp, `code-account:${person.id}`)).toBe(0)
    await browser.submit({ code: phone.code() })
    expect(isBack(browser)).toBe(true)
  })

  test('after a reset, a code of the device that was removed names it on the page with the QR code', async () => {
    const person = await idp.createPerson()
    const { phone: old } = await enrolFirst(idp, rp, person)
    const account = await idp.account(person.cip)
    const { code: activationCode } = await idp.services.accountActions.resetSecondFactor(
      account,
      OPERATOR,
      'perdu',
    )
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    await browser.submit({ activationCode })
    expect(browser.step()).toBe('enrol')
    await browser.submit({ code: old.code(), deviceName: 'Mon iPhone' })
    expect(browser.refusal()).toContain(
      'Ce code vient d’un appareil qui a été retiré\u00a0: Mon iPhone. Dans Google Authenticator, supprimez',
    )
  })

  test('tells nothing to somebody else with another account', async () => {
    const { lost } = await loseThePage(await idp.createPerson())
    const browser = await standAtTheQrCode(await idp.createPerson())
    expect(notice(browser)).toBe('')
    await browser.submit({ code: lost.code(), deviceName: 'Mon iPhone' })
    expect(browser.refusal()).toContain('Ce code est inexact.')
  })
})
