// What time does to a page, and a page to time: more of it, a wait that ends, Back and Reload, a favourite, a
// browser that takes no cookies.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { Browser as PlainBrowser } from '../support/browser.js'
import { CHROMIUM, FLAGS, launchChromium, openPage, takeOver } from '../support/chromium.js'
import { clock } from '../support/clock.js'
import { startDemo, type Demo } from '../support/demo.js'
import { givePassword } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { registerRelyingParty, type RelyingParty } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'

describeWith(['chromium'], 'time', () => {
  let demo: Demo
  let window: Browser
  let led: RelyingParty

  beforeAll(async () => {
    demo = await startDemo()
    led = await registerRelyingParty(demo.idp, {
      client_id: 'led',
      client_uri: demo.eEspresso,
      initiate_login_uri: `${demo.eEspresso}/login`,
    })
    window = await launchChromium()
  })
  afterAll(async () => {
    await window.close()
    await demo.stop()
  })

  /** `isTimeFaked`: the page's own clock stands still until it is run; it cannot be given back. */
  async function withSomebody(
    story: (page: Page) => Promise<void>,
    { isTimeFaked = false, ...options }: BrowserContextOptions & { isTimeFaked?: boolean } = {},
  ): Promise<void> {
    const { page, context, complaints, close } = await openPage(window, options)
    try {
      if (isTimeFaked) await page.clock.install()
      await story(page)
      expect(complaints).toEqual([])
    } finally {
      await (isTimeFaked ? context.close() : close())
    }
  }

  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText()
  const said = (page: Page) => page.locator('.time-left output')

  async function toCode(page: Page): Promise<void> {
    const { person } = await createEnrolled(demo.idp)
    const browser = new PlainBrowser(demo.idp)
    await givePassword(browser, led, person)
    await takeOver(page, browser)
  }
  async function toEnrolment(page: Page): Promise<void> {
    const browser = new PlainBrowser(demo.idp)
    await givePassword(browser, led, await demo.idp.createPerson())
    await takeOver(page, browser)
  }
  const toSignIn = (page: Page) => page.goto(led.begin().url)
  async function refuse(page: Page): Promise<void> {
    await page.locator('#cip').fill('gagj2345')
    await page.locator('#password').fill('pas le bon')
    await page.getByRole('button', { name: 'Connexion', exact: true }).click()
    await page.locator('#error-summary').waitFor()
  }

  test('five minutes before its end a sign-in says so, and is prolonged without losing what was typed', () =>
    withSomebody(
      async (page) => {
        await toEnrolment(page)
        await page.locator('#deviceName').fill('Mon iPhone')
        await page.locator('#code').fill('123')
        await page.clock.runFor('19:50')
        expect(await said(page).textContent()).toBe('')
        await page.clock.runFor('00:20')
        expect(await said(page).textContent()).toMatch(/^Il reste moins de 5\sminutes\./)
        const button = page.getByRole('button', { name: 'Prolonger' })
        expect(await button.boundingBox()).toMatchObject({ height: expect.any(Number) })
        expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44)

        clock.advance({ minutes: 20 })
        const before = page.url()
        await button.click()
        await page.getByRole('status').filter({ hasText: 'Vous avez jusqu’à' }).waitFor()
        expect(page.url()).toBe(before)
        expect(await page.locator('#deviceName').inputValue()).toBe('Mon iPhone')
        expect(await page.locator('#code').inputValue()).toBe('123')

        // Its new end: the key does not stay on the screen.
        await page.clock.runFor('20:10')
        expect(await said(page).textContent()).toMatch(/^Il reste moins de 5\sminutes\./)
        clock.advance({ minutes: 26 })
        const isReloaded = page.waitForEvent('load')
        await page.clock.runFor('05:00')
        await isReloaded
        expect(await heading(page)).toBe('Cette connexion n’est plus en cours')
        expect(await page.locator('#totp-key').count()).toBe(0)
        await page.clock.runFor('00:10')
        expect(await heading(page)).toBe('Cette connexion n’est plus en cours')
      },
      { isTimeFaked: true },
    ))

  test('a sign-in page that nobody has touched leads on by one button at its end; a typed one stays', () =>
    withSomebody(
      async (page) => {
        await toSignIn(page)
        await page.locator('#cip').fill('gagj2345')
        clock.advance({ minutes: 26 })
        await page.clock.runFor('26:00')
        expect(await page.locator('#cip').inputValue()).toBe('gagj2345')
        await page.locator('#password').fill('trop-tard')
        await page.getByRole('button', { name: 'Connexion', exact: true }).click()
        await page.getByRole('link', { name: 'Recommencer' }).click()
        expect(await page.locator('#cip').inputValue()).toBe('gagj2345')

        await toSignIn(page)
        clock.advance({ minutes: 26 })
        const isReloaded = page.waitForEvent('load')
        await page.clock.runFor('26:00')
        await isReloaded
        expect(await heading(page)).toBe('Cette connexion n’est plus en cours')
      },
      { isTimeFaked: true },
    ))

  test('without script a button prolongs it', () =>
    withSomebody(
      async (page) => {
        await toCode(page)
        clock.advance({ minutes: 20 })
        const isAnswered = page.waitForEvent('load')
        await page.getByRole('button', { name: 'Prolonger' }).click()
        await isAnswered
        clock.advance({ minutes: 20 })
        await page.reload()
        expect(await heading(page)).toBe('Code à usage unique')
      },
      { javaScriptEnabled: false },
    ))

  test('Reload and Back after a refusal show the page, not an error of the browser', () =>
    withSomebody(async (page) => {
      await toSignIn(page)
      await refuse(page)
      const response = await page.reload()
      expect(response?.status()).toBe(200)
      expect(await heading(page)).toBe('Connexion')
      await refuse(page)
      await page.getByRole('link', { name: 'Mot de passe oublié?' }).click()
      await page.waitForURL('**/help*')
      await page.goBack()
      expect(await heading(page)).toBe('Connexion')
      expect(await page.locator('#cip').count()).toBe(1)
    }))

  test('the language switch keeps CIP and device name, once, and no password or code', () =>
    withSomebody(async (page) => {
      await toSignIn(page)
      await page.locator('#cip').fill('gagj2345')
      await page.locator('#password').fill('un-secret')
      await page.locator('#sharedComputer').check()
      await page.getByRole('link', { name: 'English' }).click()
      await page.waitForURL('**lang=en')
      expect(await page.locator('#cip').inputValue()).toBe('gagj2345')
      expect(await page.locator('#sharedComputer').isChecked()).toBe(true)
      expect(await page.locator('#password').inputValue()).toBe('')
      expect(await page.evaluate(() => JSON.stringify(sessionStorage))).toBe('{}')
      await page.reload()
      expect(await page.locator('#cip').inputValue()).toBe('')
      await toEnrolment(page)
      await page.locator('#deviceName').fill('Ma tablette')
      await page.locator('#code').fill('123456')
      await page.locator('a.switch').click()
      await page.waitForURL('**lang=**')
      expect(await page.locator('#deviceName').inputValue()).toBe('Ma tablette')
      expect(await page.locator('#code').inputValue()).toBe('')
    }))

  test('a wait counts down in silence, and says once that it is over', () =>
    withSomebody(
      async (page) => {
        await toSignIn(page)
        for (let count = 1; count <= 6; count += 1) await refuse(page)
        const number = page.locator('[data-wait-seconds]')
        const seconds = Number(await number.getAttribute('data-wait-seconds'))
        expect(await number.getAttribute('aria-live')).toBe('off')
        const begins = await number.innerText()
        await page.clock.runFor(11_000)
        expect(await number.innerText()).not.toBe(begins)
        expect(await number.innerText()).toMatch(/^\d+\u00a0(s|min.*)$/)
        await page.clock.runFor(seconds * 1000)
        expect(await page.locator('#error-summary').innerText()).toBe(
          'L’attente est terminée. Vous pouvez essayer de nouveau.',
        )
      },
      { isTimeFaked: true },
    ))

  test('a favourite leads on to the application by itself; Back and Reload do not', () =>
    withSomebody(async (page) => {
      const leading = page.getByText('Nous vous ramenons à eEspresso dans un instant.')
      await toSignIn(page)
      const favourite = page.url()
      clock.advance({ minutes: 26 })
      await page.goto(favourite)
      expect(await leading.isVisible()).toBe(true)
      await page.reload()
      expect(await leading.isVisible()).toBe(false)
      await page.goto(`${demo.idp.url}/help`)
      await page.goBack()
      expect({ url: page.url(), isLeading: await leading.isVisible() }).toEqual({
        url: favourite,
        isLeading: false,
      })

      await page.goto(favourite)
      expect(await page.locator('main').innerText()).toContain('favoris')
      await page.locator('#cip').waitFor() // the application has asked for a sign-in
      expect(page.url()).not.toBe(favourite)
    }))

  test('a browser that refuses cookies is told so, and how to allow them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'chromium-'))
    mkdirSync(join(folder, 'Default'))
    const blocked = { profile: { default_content_setting_values: { cookies: 2 } } }
    writeFileSync(join(folder, 'Default', 'Preferences'), JSON.stringify(blocked))
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: CHROMIUM,
      args: FLAGS,
      locale: 'fr-CA',
    })
    try {
      const page = await context.newPage()
      const complaints: string[] = []
      page.on('pageerror', (error) => void complaints.push(error.message))
      await toSignIn(page)
      expect(await heading(page)).toBe('Votre navigateur refuse les témoins')
      expect(complaints).toEqual([])
      expect(await context.cookies()).toEqual([])
    } finally {
      await context.close()
      rmSync(folder, { recursive: true })
    }
  })
})
