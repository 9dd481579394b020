// Every page and every refused state: axe finds nothing in light or dark; in both languages nothing scrolls
// sideways at 320 px or at 200 % zoom, the language is declared, the page's own policy (CSP) blocks nothing.
// GALLERY=<folder> keeps pictures of them all.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { findBarriers } from '../support/axe.js'
import { launchChromium, PHONE, openPage } from '../support/chromium.js'
import { clock } from '../support/clock.js'
import { startDemo, type Demo } from '../support/demo.js'
import { wrongCode } from '../support/phone.js'
import { registerRelyingParty, type RelyingParty } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { failing } from '../support/situations.js'

const GALLERY = process.env['GALLERY']
// The longest that settings and forms take: what fits with these fits with any.
const LONG_ORGANISATION = 'Centre intégré universitaire de santé et de services sociaux'
const LONG_NAME = 'Téléphone-de-Marie-Antoinette-Tremblay-Bouchard-50'

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
  browser?: BrowserContextOptions
}

describeWith(['chromium'], 'every page', () => {
  let demo: Demo
  let chromium: Browser
  let formPostClient: RelyingParty
  let thirdParty: RelyingParty

  beforeAll(async () => {
    demo = await startDemo({ ORGANISATION_NAME: LONG_ORGANISATION })
    formPostClient = await registerRelyingParty(demo.idp, {
      client_id: 'form-post',
      client_name: 'Horaires et remplacements',
      redirect_uris: [`${demo.eEspresso}/nowhere`],
      client_uri: demo.eEspresso,
    })
    thirdParty = await registerRelyingParty(demo.idp, {
      client_id: 'third-party',
      client_name: 'Covoiturage Estrie',
      consent: 'ask',
      redirect_uris: [`${demo.eEspresso}/nowhere`],
    })
    chromium = await launchChromium()
  })
  afterAll(async () => {
    await chromium.close()
    await demo.stop()
  })

  // By field names, which are the same in both languages.
  const fill = async (page: Page, fields: Record<string, string>) => {
    for (const [name, value] of Object.entries(fields))
      await page.locator(`input[name="${name}"]:visible`).fill(value)
    await page.locator('button.primary').click()
  }
  const provider = (path: string) => (page: Page) => page.goto(`${demo.idp.url}${path}`)
  const signIn = async (page: Page, { cip, password }: { cip: string; password: string }) => {
    await page.goto(demo.eEspresso)
    await fill(page, { cip, password })
  }
  const toEnrolment = async (page: Page) =>
    signIn(page, await demo.idp.createPerson({ name: 'Marie-Antoinette de la Bruère-Tremblay' }))
  const toActivation = async (page: Page) => {
    const person = await demo.idp.createPerson()
    await demo.idp.services.accountActions.resetSecondFactor(
      await demo.idp.account(person.cip),
      { name: 'operator:test', clientAddress: 'cli' },
      'lost',
    )
    await signIn(page, person)
  }
  const toCode = async (page: Page) => {
    const person = await demo.idp.createPerson()
    const phone = await demo.enrol(person, LONG_NAME)
    await signIn(page, person)
    return { person, phone }
  }
  const toEEspresso = async (page: Page) => {
    const { phone } = await toCode(page)
    await fill(page, { code: phone.code() })
  }
  const toNewPassword = async (page: Page) => {
    const cip = `t${Math.random().toString(36).slice(2)}`
    const created = await demo.idp.services.accounts.create(
      { cip, name: 'Isabelle Bouchard', email: 'isabelle@exemple.ca' },
      { name: 'operator:test', clientAddress: 'cli' },
      'print',
    )
    if (!created.ok) throw new Error(created.fault)
    await signIn(page, { cip, password: created.temporaryPassword })
  }
  const failCodes = async (page: Page, times: number) => {
    const { person, phone } = await toCode(page)
    for (let count = 0; count < times; count += 1) await fill(page, { code: wrongCode(phone) })
    return { person, phone }
  }
  /**
   * The database fails at the very end of a sign-in: the person sees a problem, then finds everything
   * verified.
   */
  const interruptedAtTheEnd = async (page: Page) => {
    const { phone } = await toCode(page)
    await failing(demo.idp, 'insert on oidc_artifacts', "new.model = 'Interaction'", () =>
      fill(page, { code: phone.code() }),
    )
  }

  const STATES: State[] = [
    { name: 'home', reach: provider('/') },
    { name: 'help', reach: provider('/help') },
    { name: 'not-found', reach: provider('/nowhere'), isRefused: true },
    { name: 'interaction-over', reach: provider('/interaction/unknown/password'), isRefused: true },
    {
      name: 'unknown-application',
      reach: provider('/auth?client_id=nobody&response_type=code'),
      isRefused: true,
    },
    { name: 'internal-problem', reach: interruptedAtTheEnd, isRefused: true },
    { name: 'sign-in', reach: (page) => page.goto(demo.eEspresso) },
    {
      name: 'sign-in-nothing-typed',
      reach: (page) => signIn(page, { cip: '', password: '' }),
      isRefused: true,
    },
    {
      name: 'sign-in-refused',
      reach: (page) => signIn(page, { cip: 'gagj2345', password: 'pas le bon' }),
      isRefused: true,
    },
    {
      name: 'sign-in-waiting',
      async reach(page) {
        await page.goto(demo.eEspresso)
        const cip = `w${Math.random().toString(36).slice(2)}`
        for (let count = 0; count < 6; count += 1) await fill(page, { cip, password: 'pas le bon' })
      },
      isRefused: true,
    },
    { name: 'new-password', reach: toNewPassword },
    {
      name: 'new-password-refused',
      async reach(page) {
        await toNewPassword(page)
        await fill(page, { newPassword: 'bouchard', newPasswordConfirmation: 'autre' })
      },
      isRefused: true,
    },
    { name: 'activation', reach: toActivation },
    {
      name: 'activation-refused',
      reach: (page) => toActivation(page).then(() => fill(page, { activationCode: '7K3M-Q9TD' })),
      isRefused: true,
    },
    { name: 'enrolment', reach: toEnrolment },
    {
      name: 'enrolment-key',
      async reach(page) {
        await toEnrolment(page)
        await page.locator('details:has(#totp-key) summary').click()
      },
    },
    {
      name: 'enrolment-refused',
      async reach(page) {
        await toEnrolment(page)
        await fill(page, { code: '12', deviceName: '' })
      },
      isRefused: true,
    },
    {
      name: 'enrolment-wrong-code',
      async reach(page) {
        await toEnrolment(page)
        await fill(page, { code: '000000', deviceName: LONG_NAME })
      },
      isRefused: true,
    },
    { name: 'enrolment-phone', reach: toEnrolment, browser: PHONE },
    { name: 'enrolment-without-script', reach: toEnrolment, isUnscripted: true },
    { name: 'code', reach: toCode },
    {
      name: 'code-missing',
      reach: (page) => toCode(page).then(() => fill(page, { code: '' })),
      isRefused: true,
    },
    { name: 'code-wrong', reach: (page) => failCodes(page, 1), isRefused: true },
    {
      name: 'code-clock',
      async reach(page) {
        const { phone } = await toCode(page)
        await fill(page, { code: phone.code({ offsetSeconds: -150 }) })
      },
      isRefused: true,
    },
    { name: 'code-too-many', reach: (page) => failCodes(page, 5), isRefused: true },
    {
      name: 'code-waiting',
      async reach(page) {
        const { person } = await failCodes(page, 5)
        await signIn(page, person)
      },
    },
    {
      name: 'code-suspended',
      async reach(page) {
        const { person, phone } = await toCode(page)
        const account = await demo.idp.account(person.cip)
        for (let count = 0; count < 19; count += 1) {
          await demo.idp.services.signIns.verifyCode(
            { account, signIn: 'another', visitor: { clientAddress: 'test', browserId: undefined } },
            wrongCode(phone),
            undefined,
          )
          clock.advance({ minutes: 16 })
        }
        await signIn(page, person)
        await fill(page, { code: wrongCode(phone) })
      },
      isRefused: true,
    },
    {
      name: 'done',
      async reach(page) {
        await interruptedAtTheEnd(page)
        await page.goto(page.url())
      },
    },
    {
      name: 'form-post-without-script',
      async reach(page) {
        const person = await demo.idp.createPerson()
        const phone = await demo.enrol(person)
        await page.goto(
          formPostClient.begin({ response_mode: 'form_post', redirect_uri: `${demo.eEspresso}/nowhere` }).url,
        )
        await fill(page, { cip: person.cip, password: person.password })
        await fill(page, { code: phone.code() })
      },
      isUnscripted: true,
    },
    {
      name: 'consent',
      async reach(page) {
        const person = await demo.idp.createPerson()
        const phone = await demo.enrol(person)
        await page.goto(thirdParty.begin({ redirect_uri: `${demo.eEspresso}/nowhere` }).url)
        await fill(page, { cip: person.cip, password: person.password })
        await fill(page, { code: phone.code() })
      },
    },
    {
      name: 'sign-out',
      async reach(page) {
        await toEEspresso(page)
        await provider('/session/end')(page)
      },
    },
    {
      name: 'signed-out',
      async reach(page) {
        await toEEspresso(page)
        await provider('/session/end?client_id=eespresso')(page)
        await page.locator('button.primary').click()
      },
    },
    { name: 'dev-mail', reach: (page) => demo.idp.readMail().then(() => provider('/dev/mail')(page)) },
    {
      name: 'eespresso',
      reach: (page, locale) => toEEspresso(page).then(() => page.goto(`${demo.eEspresso}/?lang=${locale}`)),
    },
    { name: 'eespresso-problem', reach: (page) => page.goto(`${demo.eEspresso}/callback?state=unknown`) },
    { name: 'eespresso-signed-out', reach: (page) => page.goto(`${demo.eEspresso}/signed-out`) },
  ]

  for (const locale of ['fr-CA', 'en']) {
    test.each(STATES)(
      `$name (${locale})`,
      async ({ name, reach, isRefused = false, isUnscripted = false, browser }) => {
        const { page, complaints, close } = await openPage(chromium, { ...browser, locale })
        try {
          if (isUnscripted)
            await page.route('**/page.js', (route) =>
              route.fulfill({ contentType: 'text/javascript', body: '' }),
            )
          await reach(page, locale)
          expect(await page.locator('html').getAttribute('lang')).toBe(locale)
          expect(/^(Erreur|Error)/.test(await page.title())).toBe(isRefused)
          // Axe looks at what both languages have in common.
          expect(locale === 'fr-CA' ? await findBarriers(page) : []).toEqual([])
          for (const width of [640, 320]) {
            await page.setViewportSize({ width, height: 740 })
            expect({ width, beyond: await beyondTheEdge(page) }).toEqual({ width, beyond: [] })
          }
          if (GALLERY !== undefined) await keepPictures(page, join(GALLERY, locale), name)
          expect(complaints).toEqual([])
        } finally {
          await close()
        }
      },
    )
  }
})

/** What makes the page wider than its window. */
function beyondTheEdge(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map((element) => element.outerHTML.slice(0, 80))
  })
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
}
