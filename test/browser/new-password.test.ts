// The page of the new password, as a person types: the rules ticked, what breaks one kept back with all that
// was typed, and a reader that is told at a pause, not at each key.

import { expect, test } from '@jest/globals'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { Browser as PlainBrowser } from '../support/browser.js'
import { PHONE, takeOver, type OpenPage } from '../support/chromium.js'
import { useDemoInChromium } from '../support/demo-in-chromium.js'
import { givePassword } from '../support/journey.js'
import { describeWith } from '../support/requirements.js'
import { giveTemporaryPassword } from '../support/situations.js'

const GOOD = 'onze-girafes-vertes'
const TOO_KNOWN = 'motdepasse1234'

describeWith(['chromium'], 'choosing a password', () => {
  const stage = useDemoInChromium()

  async function choosing(
    story: (page: Page, posts: string[], somebody: OpenPage) => Promise<void>,
    options?: BrowserContextOptions,
  ): Promise<void> {
    const somebody = await stage.open(options)
    try {
      const person = await giveTemporaryPassword(stage.demo.idp, await stage.demo.idp.createPerson())
      const browser = new PlainBrowser(stage.demo.idp)
      await givePassword(browser, stage.demo.rp, person, { redirect_uri: `${stage.demo.eEspresso}/callback` })
      await takeOver(somebody.page, browser)
      const posts: string[] = []
      const note = (request: { method: () => string; url: () => string }) => {
        if (request.method() === 'POST') posts.push(new URL(request.url()).pathname)
      }
      somebody.page.on('request', note)
      await story(somebody.page, posts, somebody)
      somebody.page.off('request', note)
      expect(somebody.complaints).toEqual([])
    } finally {
      await somebody.close()
    }
  }

  const password = (page: Page) => page.locator('#newPassword')
  const confirmation = (page: Page) => page.locator('#newPasswordConfirmation')
  const save = (page: Page) => page.getByRole('button', { name: 'Enregistrer le mot de passe' }).click()
  const states = async (page: Page): Promise<Record<string, string>> => {
    const rules = await page
      .locator('#rules [data-rule]')
      .evaluateAll((items) => items.map((item) => Object.entries((item as HTMLElement).dataset)))
    return Object.fromEntries(
      rules.map((entries) => {
        const { rule = '', state = '' } = Object.fromEntries(entries)
        return [rule, state]
      }),
    )
  }
  const counter = (page: Page) => page.locator('.counter').innerText()
  const rule = (page: Page, name: string) => page.locator(`#rules [data-rule="${name}"]`).textContent()

  test('each rule is ticked as one types, in signs and in words, and the characters are counted', () =>
    choosing(async (page) => {
      expect(await counter(page)).toBe('0 sur 14')
      expect(new Set(Object.values(await states(page)))).toEqual(new Set(['open']))
      await password(page).fill('trois chats')
      expect(await counter(page)).toBe('11 sur 14')
      expect(await states(page)).toEqual({
        length: 'open',
        cip: 'met',
        name: 'met',
        organisation: 'met',
        same: 'open',
      })
      await password(page).fill('marie 🐈🐈🐈🐈🐈🐈🐈🐈')
      expect(await counter(page)).toBe('14\u00a0caractères')
      expect(await states(page)).toMatchObject({ length: 'met', name: 'unmet' })
      expect(await rule(page, 'name')).toBe('À corriger\u00a0: Sans votre nom.')
      await password(page).fill('onze girafes vertes et bleues')
      expect(await counter(page)).toBe('29, au plus 20')
      await password(page).fill(GOOD)
      await confirmation(page).fill(GOOD)
      expect(new Set(Object.values(await states(page)))).toEqual(new Set(['met']))
      expect(await rule(page, 'same')).toBe('Respectée\u00a0: Le même dans les deux cases.')
    }))

  test('what breaks a rule is not sent: the first field at fault has the focus, and all that was typed is there', () =>
    choosing(async (page, posts) => {
      await save(page)
      expect(await page.locator('#newPassword-error').innerText()).toBe('Choisissez un mot de passe.')
      await password(page).fill('marie tremblay')
      await confirmation(page).fill('autre')
      await save(page)
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('newPassword')
      expect(await password(page).getAttribute('aria-describedby')).toBe('rules newPassword-error')
      expect(await page.locator('#newPassword-error').innerText()).toBe(
        'Le mot de passe ne doit pas contenir votre nom.',
      )
      expect(await confirmation(page).getAttribute('aria-describedby')).toBe('newPasswordConfirmation-error')
      expect([await password(page).inputValue(), await confirmation(page).inputValue()]).toEqual([
        'marie tremblay',
        'autre',
      ])

      await password(page).fill(GOOD)
      expect(await page.locator('#newPassword-error').count()).toBe(0)
      expect(await password(page).getAttribute('aria-invalid')).toBeNull()
      await save(page)
      expect(await page.evaluate(() => document.activeElement?.id)).toBe('newPasswordConfirmation')
      expect(posts).toEqual([])

      await confirmation(page).fill(GOOD)
      await save(page)
      await page.locator('#totp-key').waitFor({ state: 'attached' })
      expect(posts).toHaveLength(1)
    }))

  test('what the server alone knows is said by the server', () =>
    choosing(async (page) => {
      await password(page).fill(TOO_KNOWN)
      await confirmation(page).fill(TOO_KNOWN)
      await save(page)
      expect(await page.locator('#error-summary').innerText()).toContain('Ce mot de passe est trop connu')
      await password(page).fill('onze')
      expect(await page.locator('#newPassword-error').innerText()).toContain('trop court')
    }))

  test('one switch shows both, also after a fault, and they leave hidden', () =>
    choosing(async (page) => {
      const types = () =>
        Promise.all([password(page), confirmation(page)].map((field) => field.getAttribute('type')))
      expect(await page.getByRole('button', { name: /^Afficher/ }).count()).toBe(1)
      await page.getByRole('button', { name: 'Afficher les deux mots de passe' }).click()
      expect(await types()).toEqual(['text', 'text'])
      await password(page).fill('court')
      await save(page)
      expect(await types()).toEqual(['text', 'text'])
      await page.getByRole('button', { name: 'Masquer les deux mots de passe' }).click()
      expect(await types()).toEqual(['password', 'password'])
      await page.getByRole('button', { name: 'Afficher les deux mots de passe' }).click()
      await password(page).fill(GOOD)
      await confirmation(page).fill(GOOD)
      const sent = password(page).evaluate(
        (input: HTMLInputElement) =>
          new Promise((resolve) => input.form?.addEventListener('submit', () => resolve(input.type))),
      )
      await save(page)
      expect(await sent).toBe('password')
    }))

  test('a reader is told once at a pause, not at each key', () =>
    choosing(async (page) => {
      await page.clock.install()
      await page.reload()
      await page.evaluate(() => {
        const status = document.querySelector('output.spoken')
        const said: string[] = []
        Object.assign(window, { said })
        if (status !== null)
          new MutationObserver(() => said.push(status.textContent)).observe(status, { childList: true })
      })
      const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said)
      await password(page).pressSequentially('marie en vac')
      expect(await said()).toEqual([])
      await page.clock.runFor(2000)
      expect(await said()).toEqual(['12 sur 14. Le mot de passe ne doit pas contenir votre nom.'])
      await password(page).fill(GOOD)
      await confirmation(page).fill(GOOD)
      await page.clock.runFor(2000)
      expect((await said()).at(-1)).toBe('Les deux mots de passe sont identiques.')
      expect(await said()).toHaveLength(2)
    }))

  test('without script the page is whole: the rules are read, a refusal is the server’s', async () => {
    await choosing(
      async (page) => {
        expect(await page.locator('#rules li').allInnerTexts()).toEqual([
          'De 14 à 20 caractères; les espaces et les accents comptent.',
          'Sans votre CIP.',
          'Sans votre nom.',
          'Sans le nom de l’établissement.',
          'Le même dans les deux cases.',
          'Vérifié à l’enregistrement\u00a0: ni courant, ni celui que vous avez reçu.',
        ])
        expect(await page.locator('button[data-shows]').isVisible()).toBe(false)
        await password(page).fill('marie')
        await save(page)
        await page.locator('#error-summary').waitFor()
      },
      { javaScriptEnabled: false },
    )
  })

  test.each([
    [390, 664],
    [320, 568],
  ])('after a refusal on a phone of %d × %d the first field at fault is in sight', (width, height) =>
    choosing(async (page) => {
      await page.setViewportSize({ width, height })
      const isInSight = async () => {
        const box = await page.locator('[aria-invalid]').first().boundingBox()
        return box !== null && box.y >= 0 && box.y + box.height <= height
      }
      await password(page).fill(TOO_KNOWN)
      await confirmation(page).fill(TOO_KNOWN)
      await save(page)
      await page.locator('#error-summary:focus').waitFor()
      expect(await isInSight()).toBe(true)
      await password(page).fill('marie')
      await save(page)
      expect(await isInSight()).toBe(true)
    }, PHONE),
  )
})
