// Every page and every refused state: axe finds nothing in light or dark; in both languages nothing scrolls
// sideways at 320 px, at 200 % zoom or with letters twice as large, a thumb hits what can be pressed, the
// language is declared, the page's own policy (CSP) blocks nothing; the Nu HTML checker finds no fault.
// GALLERY=<folder> keeps pictures of them all.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page, Response } from 'playwright-core'
import { findBarriers } from '../support/axe.js'
import { Browser as PlainBrowser } from '../support/browser.js'
import { ANDROID, launchChromium, openPage, PHONE, setClock, takeOver } from '../support/chromium.js'
import { clock } from '../support/clock.js'
import { startDemo, type Demo } from '../support/demo.js'
import { holdHashes } from '../support/held-hashes.js'
import { findMarkupFaults } from '../support/html-checker.js'
import { givePassword } from '../support/journey.js'
import { beyondTheEdge, qrCodeWidth, smallTargets, withLargeLetters } from '../support/layout.js'
import { bindPhone, createEnrolled, OPERATOR, type Person } from '../support/people.js'
import { createPhone, wrongCode } from '../support/phone.js'
import { registerRelyingParty, type RelyingParty } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { failing } from '../support/situations.js'

const GALLERY = process.env['GALLERY']
// The longest that settings and forms take: what fits with these fits with any.
const LONG_ORGANISATION =
  'Centre intégré universitaire de santé et de services sociaux de l’Estrie – Centre hospitalier universitaire'
const ORGANISATION = {
  ORGANISATION_NAME: LONG_ORGANISATION,
  ORGANISATION_SHORT_NAME: 'CIUSSS de l’Estrie – CHUS',
  SUPPORT_PHONES_EN:
    'Internal : extension 13232; Sherbrooke and area : 819-829-3232; Toll-free : 1-833-829-3232',
  // The last one is closed but for a minute of the day.
  SUPPORT_HOURS:
    'De l’interne : lun-dim 00:00-24:00; Sherbrooke et environs : lun-ven 07:00-21:00, sam-dim 08:00-16:00; ' +
    'Sans frais : lun-ven 08:30-08:31',
}
/** Until a page says that one waits: longer than any hash here takes. */
const PATIENCE_MS = 5_000
const LONG_NAME = 'Téléphone-de-Marie-Antoinette-Tremblay-Bouchard-50'

/** A QR code narrower than this is no more read by a phone that is held at arm’s length. */
const SCANNED_FROM_AFAR = 160

type State = {
  name: string
  /** Leads a fresh browser to the state. */
  reach: (page: Page, locale: string) => Promise<unknown>
  isRefused?: boolean
  /**
   * Our script does not arrive: the page as it is without it. (With script switched off altogether axe could
   * not run either.)
   */
  isUnscripted?: boolean
  /**
   * Asks for itself again and again: here it stands still, or it would be gone while it is looked at. (Axe
   * minds that it does: it takes reading time from those who need it. This page has nothing to read twice.)
   */
  isRefreshing?: boolean
  /** Ends what `reach` has begun. */
  leave?: () => Promise<void>
  browser?: BrowserContextOptions
}

describeWith(['chromium'], 'every page', () => {
  let demo: Demo
  let chromium: Browser
  let formPostClient: RelyingParty
  let ledClient: RelyingParty
  let thirdParty: RelyingParty
  let closedClient: RelyingParty

  beforeAll(async () => {
    demo = await startDemo(ORGANISATION, { passwordPatienceMs: PATIENCE_MS })
    formPostClient = await registerRelyingParty(demo.idp, {
      client_id: 'form-post',
      client_name: 'Horaires et remplacements',
      redirect_uris: [`${demo.eEspresso}/nowhere`],
      client_uri: demo.eEspresso,
    })
    ledClient = await registerRelyingParty(demo.idp, {
      client_id: 'led',
      client_name: 'Horaires et remplacements',
      client_uri: demo.eEspresso,
      initiate_login_uri: `${demo.eEspresso}/login`,
    })
    thirdParty = await registerRelyingParty(demo.idp, {
      client_id: 'third-party',
      client_name: 'Covoiturage Estrie',
      consent: 'ask',
      redirect_uris: [`${demo.eEspresso}/nowhere`],
    })
    closedClient = await registerRelyingParty(demo.idp, {
      client_id: 'closed',
      client_name: 'Horaires et remplacements',
      redirect_uris: [`${demo.eEspresso}/nowhere`],
      required_groups: ['chefs'],
    })
    chromium = await launchChromium()
  })
  afterAll(async () => {
    await chromium.close()
    await demo.stop()
  })

  // By field names, which are the same in both languages; and by the page itself, for Playwright's own hands
  // cost more than the page. (How a person fills it in: first-access.test.ts, comforts.test.ts.)
  const fill = async (page: Page, fields: Record<string, string>) => {
    const isLoaded = page.waitForEvent('load')
    await page.evaluate((values) => {
      for (const input of document.querySelectorAll('input'))
        if (input.type !== 'hidden' && input.name in values) input.value = values[input.name] ?? ''
      document.querySelector<HTMLElement>('button.primary')?.click()
    }, fields)
    await isLoaded
  }
  const typePassword = async (page: Page, { cip, password }: Pick<Person, 'cip' | 'password'>) => {
    await page.goto(demo.eEspresso)
    await fill(page, { cip, password })
  }
  const provider = (path: string) => (page: Page) => page.goto(`${demo.idp.url}${path}`)

  /** A sign-in up to the page after the password, by a browser that draws nothing. */
  const afterPassword = async (
    locale: string,
    person: Pick<Person, 'cip' | 'password'>,
    rp: RelyingParty = demo.rp,
    parameters: Record<string, string> = {},
  ) => {
    const browser = new PlainBrowser(demo.idp, { 'Accept-Language': locale })
    await givePassword(browser, rp, person, { redirect_uri: `${demo.eEspresso}/callback`, ...parameters })
    return browser
  }
  const toEnrolment = async (page: Page, locale: string) => {
    const person = await demo.idp.createPerson({ name: 'Marie-Antoinette de la Bruère-Tremblay' })
    await takeOver(page, await afterPassword(locale, person))
  }
  /** Somebody who scanned a QR code and lost the page, ten minutes ago; the lost phone's code of now. */
  const toEnrolmentAgain = async (page: Page, locale: string) => {
    const person = await demo.idp.createPerson({ cip: `gagj${Math.random().toString().slice(2, 6)}` })
    const lost = createPhone((await afterPassword(locale, person)).key())
    clock.advance({ minutes: 10 })
    await takeOver(page, await afterPassword(locale, person))
    return lost.code()
  }
  const toActivation = async (page: Page, locale: string) => {
    const person = await demo.idp.createPerson()
    await demo.idp.services.accountActions.resetSecondFactor(
      await demo.idp.account(person.cip),
      OPERATOR,
      'lost',
    )
    await takeOver(page, await afterPassword(locale, person))
  }
  const atTheCode = async (locale: string, rp?: RelyingParty, parameters?: Record<string, string>) => {
    const { person, phone } = await createEnrolled(demo.idp, {}, LONG_NAME)
    return { person, phone, browser: await afterPassword(locale, person, rp, parameters) }
  }
  const toCode = async (page: Page, locale: string) => {
    const { browser, ...somebody } = await atTheCode(locale)
    await takeOver(page, browser)
    return somebody
  }
  /** Somebody who ticked « Se souvenir de moi », at the next sign-in. */
  const toGreeting = async (page: Page, locale: string) => {
    const { browser, phone } = await atTheCode(locale)
    await browser.submit({ code: phone.code(), rememberMe: 'yes' })
    await browser.open(demo.rp.begin({ redirect_uri: `${demo.eEspresso}/callback` }).url)
    await takeOver(page, browser)
  }
  const signedIn = async (page: Page, locale: string) => {
    const { browser, phone } = await atTheCode(locale)
    await browser.submit({ code: phone.code() })
    await browser.open('/')
    await takeOver(page, browser)
  }
  const toConfirmation = async (page: Page, locale: string) => {
    await signedIn(page, locale)
    await page.goto(demo.rp.begin({ prompt: 'login', redirect_uri: `${demo.eEspresso}/callback` }).url)
  }
  const toNewPassword = async (page: Page, locale: string) => {
    const cip = `t${Math.random().toString(36).slice(2)}`
    const created = await demo.idp.services.accounts.create(
      { cip, name: 'Isabelle Bouchard', email: 'isabelle@exemple.ca' },
      OPERATOR,
      'print',
    )
    if (!created.ok) throw new Error(created.fault)
    await takeOver(page, await afterPassword(locale, { cip, password: created.temporaryPassword }))
  }
  /** The last of so many wrong codes is typed in the page. */
  const failCodes = async (page: Page, locale: string, times: number) => {
    const { browser, person, phone } = await atTheCode(locale)
    for (let count = 1; count < times; count += 1) await browser.submit({ code: wrongCode(phone) })
    await takeOver(page, browser)
    await fill(page, { code: wrongCode(phone) })
    return person
  }
  /**
   * The database fails at the very end of a sign-in: the person sees a problem, then finds everything
   * verified.
   */
  const interruptedAtTheEnd = async (page: Page, locale: string) => {
    const { phone } = await toCode(page, locale)
    await failing(demo.idp, 'insert on oidc_artifacts', "new.model = 'Interaction'", () =>
      fill(page, { code: phone.code() }),
    )
  }

  let held: ReturnType<typeof holdHashes> | undefined
  const toLine = async (page: Page, locale: string) => {
    const person = await demo.idp.createPerson()
    held = holdHashes(demo.idp.services)
    await takeOver(page, await afterPassword(locale, person))
  }
  const leaveLine = async () => {
    await held?.release()
    held?.stop()
  }

  const inEEspresso = (path: string) => async (page: Page, locale: string) => {
    const { person, phone } = await createEnrolled(demo.idp, {}, LONG_NAME)
    await typePassword(page, person)
    await fill(page, { code: phone.code() })
    await page.goto(`${demo.eEspresso}${path}?lang=${locale}`)
    return { person, phone }
  }
  const pressIn = async (page: Page) => {
    const isLoaded = page.waitForEvent('load')
    await page.locator('main button').click()
    await isLoaded
  }
  /** Both factors once more, then the form. */
  const toDeposit = async (page: Page, locale: string) => {
    const { person, phone } = await inEEspresso('/file')(page, locale)
    clock.nextStep()
    await pressIn(page)
    await fill(page, { cip: person.cip, password: person.password })
    await fill(page, { code: phone.code() })
  }

  /** Whichever address this machine's browser comes from has begun too much. */
  const tooManyRequests = async (page: Page) => {
    const keys = ['127.0.0.1', '::/64'].map((network) => `requests-source:${network}`)
    const blockedUntil = clock.now() + 60_000
    const row = { failures: 20_001, blockedUntil, windowStartedAt: clock.now(), expiresAt: blockedUntil }
    await demo.idp
      .db('attempts')
      .insert(keys.map((key) => ({ key, ...row })))
      .onConflict('key')
      .merge()
    await page.goto(demo.eEspresso)
    await demo.idp.db('attempts').whereIn('key', keys).delete()
  }

  const beginElsewhere = async (locale: string) => {
    const browser = new PlainBrowser(demo.idp, { 'Accept-Language': locale })
    return browser.open(ledClient.begin().url)
  }
  /** Once more, so that the page stands still. */
  const comeTooLate = async (page: Page, locale: string) => {
    const browser = new PlainBrowser(demo.idp, { 'Accept-Language': locale })
    const { url } = await browser.open(ledClient.begin().url)
    clock.advance({ minutes: 26 })
    await takeOver(page, browser)
    await page.goto(url)
    await page.reload()
  }

  const STATES: State[] = [
    { name: 'home', reach: provider('/') },
    { name: 'help', reach: provider('/help') },
    { name: 'help-from-sign-in', reach: provider('/help?return=/interaction/one/enrol') },
    { name: 'not-found', reach: provider('/nowhere'), isRefused: true },
    { name: 'interaction-over', reach: provider('/interaction/unknown/password'), isRefused: true },
    { name: 'sign-in-over', reach: (page, locale) => comeTooLate(page, locale) },
    {
      name: 'sign-in-too-late',
      async reach(page, locale) {
        const browser = new PlainBrowser(demo.idp, { 'Accept-Language': locale })
        await browser.open(ledClient.begin().url)
        await takeOver(page, browser)
        clock.advance({ minutes: 26 })
        await fill(page, { cip: 'gagj2345', password: 'trop-tard' })
      },
    },
    {
      name: 'cookies-refused',
      async reach(page, locale) {
        const { url } = await beginElsewhere(locale)
        await page.goto(`${url}?cookies=asked`)
      },
      isRefused: true,
    },
    {
      name: 'other-browser',
      reach: async (page, locale) => page.goto((await beginElsewhere(locale)).url),
      isRefused: true,
    },
    {
      name: 'unknown-application',
      reach: provider('/auth?client_id=nobody&response_type=code'),
      isRefused: true,
    },
    { name: 'too-many-requests', reach: tooManyRequests, isRefused: true },
    { name: 'internal-problem', reach: interruptedAtTheEnd, isRefused: true },
    { name: 'sign-in', reach: (page) => page.goto(demo.eEspresso) },
    {
      name: 'sign-in-shared-computer',
      async reach(page) {
        await page.goto(demo.eEspresso)
        await page.locator('#sharedComputer').check()
      },
    },
    {
      name: 'sign-in-nothing-typed',
      reach: (page) => typePassword(page, { cip: '', password: '' }),
      isRefused: true,
    },
    {
      name: 'sign-in-refused',
      reach: (page) => typePassword(page, { cip: 'gagj2345', password: 'pas le bon' }),
      isRefused: true,
    },
    {
      name: 'sign-in-waiting',
      async reach(page, locale) {
        const unknown = { cip: `w${Math.random().toString(36).slice(2)}`, password: 'pas le bon' }
        const browser = await afterPassword(locale, unknown)
        for (let count = 2; count <= 5; count += 1) await browser.submit(unknown)
        await takeOver(page, browser)
        await fill(page, unknown)
      },
      isRefused: true,
    },
    { name: 'sign-in-greeted', reach: toGreeting },
    {
      name: 'sign-in-greeted-refused',
      async reach(page, locale) {
        await toGreeting(page, locale)
        await fill(page, { password: 'pas le bon' })
      },
      isRefused: true,
    },
    { name: 'sign-in-in-line', reach: toLine, isRefreshing: true, leave: leaveLine },
    {
      name: 'sign-in-too-many',
      async reach(page, locale) {
        await toLine(page, locale)
        await demo.idp.services.waitingPlaces.end()
        await page.reload()
      },
      isRefreshing: true,
      isRefused: true,
      leave: leaveLine,
    },
    { name: 'confirm-identity', reach: toConfirmation },
    {
      name: 'confirm-identity-refused',
      reach: (page, locale) =>
        toConfirmation(page, locale).then(() => fill(page, { password: 'pas le bon' })),
      isRefused: true,
    },
    { name: 'new-password', reach: toNewPassword },
    {
      name: 'new-password-refused',
      async reach(page, locale) {
        await toNewPassword(page, locale)
        await fill(page, { newPassword: 'bouchard', newPasswordConfirmation: 'autre' })
      },
      isRefused: true,
      isUnscripted: true,
    },
    {
      name: 'new-password-too-known',
      async reach(page, locale) {
        await toNewPassword(page, locale)
        await fill(page, { newPassword: 'motdepasse1234', newPasswordConfirmation: 'motdepasse1234' })
      },
      isRefused: true,
    },
    {
      name: 'new-password-typed',
      async reach(page, locale) {
        await toNewPassword(page, locale)
        await page.locator('#newPassword').fill('bouchard es')
        await page.locator('button[data-shows]').click()
      },
    },
    {
      name: 'new-password-kept-back',
      async reach(page, locale) {
        await toNewPassword(page, locale)
        await page.locator('#newPassword').fill('isabelle bouchard de Magog')
        await page.locator('#newPasswordConfirmation').fill('autre')
        await page.locator('button.primary').click()
      },
    },
    { name: 'activation', reach: toActivation },
    {
      name: 'activation-refused',
      reach: (page, locale) =>
        toActivation(page, locale).then(() => fill(page, { activationCode: '7K3M-Q9TD' })),
      isRefused: true,
    },
    { name: 'enrolment', reach: toEnrolment },
    {
      name: 'enrolment-key',
      async reach(page, locale) {
        await toEnrolment(page, locale)
        await page.locator('details:has(#totp-key) summary').click()
      },
    },
    {
      name: 'enrolment-not-yet',
      async reach(page, locale) {
        await toEnrolment(page, locale)
        await page.locator('.stores summary').click()
      },
    },
    {
      name: 'enrolment-refused',
      async reach(page, locale) {
        await toEnrolment(page, locale)
        await fill(page, { code: '12', deviceName: '' })
      },
      isRefused: true,
    },
    {
      name: 'enrolment-wrong-code',
      async reach(page, locale) {
        await toEnrolment(page, locale)
        await fill(page, { code: '000000', deviceName: LONG_NAME })
      },
      isRefused: true,
    },
    { name: 'enrolment-phone', reach: toEnrolment, browser: PHONE },
    {
      name: 'enrolment-again',
      async reach(page, locale) {
        const code = await toEnrolmentAgain(page, locale)
        await fill(page, { code, deviceName: 'Mon iPhone' })
      },
      isRefused: true,
    },
    { name: 'enrolment-again-phone', reach: toEnrolmentAgain, browser: PHONE },
    {
      name: 'enrolment-clock',
      async reach(page, locale) {
        await toEnrolment(page, locale)
        await setClock(page, 12 * 60_000)
        await page.reload()
      },
    },
    {
      name: 'enrolment-phone-folds',
      async reach(page, locale) {
        await toEnrolment(page, locale)
        for (const fold of await page.locator('details').all()) await fold.locator('summary').click()
      },
      browser: ANDROID,
    },
    {
      name: 'enrolment-phone-refused',
      async reach(page, locale) {
        await toEnrolment(page, locale)
        await fill(page, { code: '000000', deviceName: '' })
      },
      isRefused: true,
      browser: PHONE,
    },
    { name: 'enrolment-without-script', reach: toEnrolment, isUnscripted: true },
    {
      name: 'enrolment-time-short',
      async reach(page, locale) {
        await toEnrolment(page, locale)
        clock.advance({ minutes: 21 })
        await page.reload()
      },
    },
    { name: 'code', reach: toCode },
    {
      name: 'code-missing',
      reach: (page, locale) => toCode(page, locale).then(() => fill(page, { code: '' })),
      isRefused: true,
    },
    { name: 'code-wrong', reach: (page, locale) => failCodes(page, locale, 1), isRefused: true },
    {
      name: 'code-clock',
      async reach(page, locale) {
        const { phone } = await toCode(page, locale)
        await fill(page, { code: phone.code({ offsetSeconds: -150 }) })
      },
      isRefused: true,
    },
    {
      name: 'code-earlier',
      async reach(page, locale) {
        const person = await demo.idp.createPerson()
        const lost = createPhone((await afterPassword(locale, person)).key())
        clock.advance({ minutes: 10 })
        await bindPhone(demo.idp, person, LONG_NAME)
        clock.nextStep()
        await takeOver(page, await afterPassword(locale, person))
        await fill(page, { code: lost.code() })
      },
      isRefused: true,
    },
    { name: 'code-too-many', reach: (page, locale) => failCodes(page, locale, 5), isRefused: true },
    {
      name: 'code-waiting',
      async reach(page, locale) {
        const { browser, person, phone } = await atTheCode(locale)
        for (let count = 1; count <= 5; count += 1) await browser.submit({ code: wrongCode(phone) })
        await takeOver(page, await afterPassword(locale, person))
      },
    },
    {
      name: 'code-suspended',
      async reach(page, locale) {
        const { person, phone } = await createEnrolled(demo.idp, {}, LONG_NAME)
        const account = await demo.idp.account(person.cip)
        for (let count = 0; count < 19; count += 1) {
          await demo.idp.services.signIns.verifyCode(
            { account, signIn: 'another', visitor: { clientAddress: 'test', browserIds: [] } },
            wrongCode(phone),
            undefined,
          )
          clock.advance({ minutes: 16 })
        }
        await takeOver(page, await afterPassword(locale, person))
        await fill(page, { code: wrongCode(phone) })
      },
      isRefused: true,
    },
    {
      name: 'done',
      async reach(page, locale) {
        await interruptedAtTheEnd(page, locale)
        await page.goto(page.url())
      },
    },
    {
      name: 'form-post-without-script',
      async reach(page, locale) {
        const { browser, phone } = await atTheCode(locale, formPostClient, {
          response_mode: 'form_post',
          redirect_uri: `${demo.eEspresso}/nowhere`,
        })
        await takeOver(page, browser)
        await fill(page, { code: phone.code() })
      },
      isUnscripted: true,
    },
    {
      name: 'access',
      async reach(page, locale) {
        const parameters = { redirect_uri: `${demo.eEspresso}/nowhere` }
        const { browser, phone } = await atTheCode(locale, closedClient, parameters)
        await takeOver(page, browser)
        await fill(page, { code: phone.code() })
      },
      isRefused: true,
    },
    {
      name: 'consent',
      async reach(page, locale) {
        const { browser, phone } = await atTheCode(locale, thirdParty, {
          redirect_uri: `${demo.eEspresso}/nowhere`,
        })
        await browser.submit({ code: phone.code() })
        await takeOver(page, browser)
      },
    },
    {
      name: 'sign-out',
      reach: (page, locale) => signedIn(page, locale).then(() => provider('/session/end')(page)),
    },
    {
      name: 'signed-out',
      async reach(page, locale) {
        await signedIn(page, locale)
        await provider('/session/end?client_id=eespresso')(page)
        await page.locator('button.primary').click()
      },
    },
    {
      name: 'dev-mail',
      async reach(page, locale) {
        const cip = `t${Math.random().toString(36).slice(2)}`
        const person = { cip, name: 'Isabelle Bouchard', email: 'isabelle@exemple.ca' }
        await demo.idp.services.accounts.create(
          { ...person, locale: locale === 'en' ? 'en' : 'fr-CA' },
          OPERATOR,
          'mail',
        )
        await demo.idp.readMail()
        await provider('/dev/mail')(page)
      },
    },
    { name: 'eespresso', reach: inEEspresso('/') },
    { name: 'eespresso-schedule', reach: inEEspresso('/schedule') },
    { name: 'eespresso-file', reach: inEEspresso('/file') },
    { name: 'eespresso-confirm', reach: inEEspresso('/direct-deposit') },
    { name: 'eespresso-deposit', reach: toDeposit },
    {
      name: 'eespresso-deposit-refused',
      reach: (page, locale) => toDeposit(page, locale).then(() => pressIn(page)),
      isRefused: true,
    },
    { name: 'eespresso-problem', reach: (page) => page.goto(`${demo.eEspresso}/callback?state=unknown`) },
    { name: 'eespresso-signed-out', reach: (page) => page.goto(`${demo.eEspresso}/signed-out`) },
  ]

  /** Every page as the server sent it, for the checker, which comes last. */
  const markup = new Map<string, string>()

  describe.each(['fr-CA', 'en'])('%s', (locale) => {
    test.each(STATES)('$name', async (state) => {
      const { name, reach, leave, isRefused = false, isUnscripted = false, isRefreshing = false } = state
      const { page, complaints, close } = await openPage(chromium, { ...state.browser, locale })
      const documents = watchDocuments(page)
      try {
        if (isUnscripted)
          await page.route(/\/(page|time|new-password)\.js$/, (route) =>
            route.fulfill({ contentType: 'text/javascript', body: '' }),
          )
        if (isRefreshing)
          await page.route('**/waiting', async (route) => {
            const response = await route.fetch({ maxRedirects: 0 })
            const body = (await response.text()).replace(/<meta http-equiv="refresh"[^>]*>/, '')
            await route.fulfill({ response, body })
          })
        await reach(page, locale)
        for (const [index, html] of (await documents.read()).entries())
          markup.set(`${locale} ${name} ${index}`, html)
        expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale)
        expect(/^(Erreur|Error)/.test(await page.evaluate(() => document.title))).toBe(isRefused)
        // Axe looks at what both languages have in common.
        expect(locale === 'fr-CA' ? await findBarriers(page) : []).toEqual([])
        for (const width of [1280, 640, 320]) {
          await page.setViewportSize({ width, height: 740 })
          expect({ width, ...(await layoutOf(page)) }).toEqual({ width, ...GOOD_LAYOUT })
        }
        for (const width of [320, 390, 768, 1280]) {
          const largeLetters = await withLargeLetters(page, { width, height: 740 }, () => layoutOf(page))
          expect({ width, largeLetters }).toEqual({ width, largeLetters: GOOD_LAYOUT })
        }
        if (GALLERY !== undefined) await keepPictures(page, join(GALLERY, locale), name)
        expect(complaints).toEqual([])
      } finally {
        documents.stop()
        await close()
        await leave?.()
      }
    })
  })

  describeWith(['java'], 'the Nu HTML checker', () => {
    test('finds nothing in any of them, and does find what is broken on purpose', async () => {
      markup.set('broken', '<!doctype html><html lang="en"><title>Broken</title><p><table></i></table>')
      expect(await findMarkupFaults(markup)).toEqual([expect.stringContaining('(broken: ')])
    })
  })
})

/** The page on the screen as it came, and what stands in its frames (a mail). */
function watchDocuments(page: Page): { read: () => Promise<string[]>; stop: () => void } {
  let latest: Response | undefined
  const collect = (response: Response) => {
    if (response.request().isNavigationRequest() && ![302, 303].includes(response.status())) latest = response
  }
  page.on('response', collect)
  return {
    async read() {
      const framed = await page
        .locator('iframe')
        .evaluateAll((frames) => frames.map((frame) => frame.getAttribute('srcdoc') ?? ''))
      return [(await latest?.text()) ?? '', ...framed]
    },
    stop: () => void page.off('response', collect),
  }
}

type Layout = { beyond: string[]; tooSmall: string[]; isQrCodeTooSmall: boolean }

const GOOD_LAYOUT: Layout = { beyond: [], tooSmall: [], isQrCodeTooSmall: false }

async function layoutOf(page: Page): Promise<Layout> {
  const [beyond, tooSmall, qrCode] = await Promise.all([
    beyondTheEdge(page),
    smallTargets(page),
    qrCodeWidth(page),
  ])
  return { beyond, tooSmall, isQrCodeTooSmall: qrCode !== undefined && qrCode < SCANNED_FROM_AFAR }
}

async function keepPictures(page: Page, folder: string, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of [320, 768, 1280]) {
      await page.setViewportSize({ width, height: 740 })
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true })
    }
  }
  for (const width of [320, 1280])
    await withLargeLetters(page, { width, height: 3000 }, () =>
      page.screenshot({ path: join(folder, `${name}-${width}-large.png`) }),
    )
}
