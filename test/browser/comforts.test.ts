// What people do besides the straight way: a phone, no script, no mouse, a double click, Back, another's
// screen.

import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { ANDROID, OTHER_PHONE, PHONE, setClock } from '../support/chromium.js'
import { clock } from '../support/clock.js'
import { until } from '../support/until.js'
import { useDemoInChromium } from '../support/demo-in-chromium.js'
import { bindPhone, type Person } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { describeWith } from '../support/requirements.js'

const MINUTE = 60_000

describeWith(['chromium'], 'a person in front of the pages', () => {
  const stage = useDemoInChromium()

  const { withSomebody } = stage

  const heading = (page: Page) => page.getByRole('heading', { level: 1 }).innerText()
  const greeting = async (page: Page) => {
    // `waitForURL` would throw: a double click ends the navigation that its first click has begun.
    await until(() => page.url() === `${stage.demo.eEspresso}/`)
    return heading(page)
  }
  const key = async (page: Page) =>
    ((await page.locator('#totp-key').textContent()) ?? '').replaceAll(' ', '')

  async function identify(page: Page, { cip, password }: Person): Promise<void> {
    await page.goto(stage.demo.eEspresso)
    await page.getByLabel('Nom d’utilisateur (CIP)').fill(cip)
    await page.getByLabel('Mot de passe', { exact: true }).fill(password)
    await page.getByRole('button', { name: 'Connexion', exact: true }).click()
  }
  async function toEnrolment(page: Page): Promise<void> {
    await identify(page, await stage.demo.idp.createPerson())
    await page.locator('#totp-key').waitFor({ state: 'attached' })
  }
  async function fillEnrolment(page: Page): Promise<void> {
    await page.locator('#code').fill(createPhone(await key(page)).code())
    await page.locator('#deviceName').fill('Mon iPhone')
  }

  test('on a phone the link to the application comes first and the QR code is folded away', () =>
    withSomebody(async ({ page }) => {
      await toEnrolment(page)
      const link = page.locator('#totp-link')
      const qr = page.locator('#totp-qr')
      expect(await link.getAttribute('href')).toMatch(/^otpauth:\/\/totp\/.*secret=/)
      expect({ link: await link.isVisible(), qr: await qr.isVisible() }).toEqual({ link: true, qr: false })
      await page.getByText('Afficher le code QR').tap()
      expect(await qr.isVisible()).toBe(true)
      expect((await link.boundingBox())?.y).toBeLessThan((await qr.boundingBox())?.y ?? 0)
      await fillEnrolment(page)
      await page.getByRole('button', { name: 'Enregistrer' }).tap()
      expect(await greeting(page)).toBe('Bonjour Marie Tremblay')
    }, PHONE))

  test('on a phone «Ouvrir Google Authenticator» is in sight at once, and nothing speaks of a computer', () =>
    withSomebody(async ({ page }) => {
      await page.setViewportSize({ width: 390, height: 664 })
      await toEnrolment(page)
      expect(await heading(page)).toBe('Ajoutez ce compte à Google Authenticator')
      const open = page.getByRole('link', { name: 'Ouvrir Google Authenticator' })
      expect(await open.getAttribute('id')).toBe('totp-link')
      const box = await open.boundingBox()
      expect((box?.y ?? Infinity) + (box?.height ?? 0)).toBeLessThanOrEqual(664)
      expect(await page.getByText('Revenez ensuite à cette page.').isVisible()).toBe(true)
      expect(await page.locator('main').innerText()).not.toMatch(/ordinateur|scanner/i)
      expect(await page.getByRole('button', { name: 'Enregistrer' }).count()).toBe(1)

      await page.getByText('Rien ne s’ouvre?').tap()
      const folded = await page.locator('details[open]').innerText()
      expect(folded).toContain('Type de clé\u00a0: basée sur l’heure.')
      expect(folded).toMatch(/Nom du compte\u00a0: p[a-z0-9]+ \([^\n]+\)\n/)
      expect(await page.locator('#totp-key').isVisible()).toBe(true)
      expect(await page.getByRole('button', { name: 'Copier la clé' }).isVisible()).toBe(true)
    }, PHONE))

  test.each([
    ['an iPhone', PHONE, 'Mon iPhone', ['Ouvrir l’App Store']],
    ['an Android phone', ANDROID, 'Mon Android', ['Ouvrir Google Play']],
    ['another phone', OTHER_PHONE, '', ['Ouvrir l’App Store', 'Ouvrir Google Play']],
  ])('%s is offered its own store, and a name that may stay', (_, phone, proposed, stores) =>
    withSomebody(async ({ page }) => {
      await toEnrolment(page)
      expect(await page.locator('.install a').allInnerTexts()).toEqual(stores)
      expect(await page.locator('#deviceName').inputValue()).toBe(proposed)
      await page.locator('#deviceName').fill('')
      await page.getByRole('button', { name: 'Enregistrer' }).tap()
      await page.locator('#error-summary').waitFor()
      expect(await page.locator('#deviceName').inputValue()).toBe('')
    }, phone),
  )

  test.each([
    [390, 664],
    [320, 568],
  ])('after a refusal on a phone of %d × %d the field to correct is in sight', (width, height) =>
    withSomebody(async ({ page }) => {
      await page.setViewportSize({ width, height })
      const isInSight = async () => {
        await page.locator('#error-summary:focus').waitFor()
        const box = await page.locator('[aria-invalid]').first().boundingBox()
        return box !== null && box.y >= 0 && box.y + box.height <= height
      }
      const press = (name: string) => page.getByRole('button', { name, exact: true }).tap()

      await page.goto(stage.demo.eEspresso)
      await press('Connexion')
      expect(await isInSight()).toBe(true)
      const person = await stage.demo.idp.createPerson()
      await identify(page, person)
      await page.locator('#code').fill('000000')
      await press('Enregistrer')
      expect(await isInSight()).toBe(true)
      await page.locator('#code').fill('')
      await page.locator('#deviceName').fill('')
      await press('Enregistrer')
      expect(await isInSight()).toBe(true)

      // What the refusal has folded away is there to begin again.
      await page.getByText('Ajouter de nouveau le compte').tap()
      expect(await page.locator('#totp-link').isVisible()).toBe(true)
      await fillEnrolment(page)
      await press('Enregistrer')
      await greeting(page)
      await press('Se déconnecter')
      await page.getByText('Vous êtes déconnecté d’eEspresso').waitFor()
      await identify(page, person)
      await press('Continuer')
      expect(await isInSight()).toBe(true)
    }, PHONE),
  )

  test('whoever has no Google Authenticator yet gets it by small QR codes that never stand beside the real one', () =>
    withSomebody(async ({ page }) => {
      await toEnrolment(page)
      const real = page.locator('#totp-qr')
      const stores = page.locator('.stores img')
      expect(await stores.first().isVisible()).toBe(false)
      await page.getByText('Je ne l’ai pas encore').click()
      expect(await stores.count()).toBe(2)
      const qr = await real.boundingBox()
      for (const store of await stores.all()) {
        const box = await store.boundingBox()
        expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(qr?.y ?? 0)
        expect(box?.width).toBeLessThan((qr?.width ?? 0) * 0.75)
      }
    }))

  test('help comes back to the page it was opened from, in the other language too', () =>
    withSomebody(async ({ page }) => {
      await toEnrolment(page)
      const before = { address: page.url(), key: await key(page) }
      await page.getByRole('link', { name: 'Obtenir de l’aide' }).click()
      expect(await heading(page)).toBe('Aide')
      await page.getByRole('link', { name: 'English' }).click()
      await page.getByRole('link', { name: 'Back to the sign-in' }).click()
      expect({ address: page.url(), key: await key(page) }).toEqual(before)
    }))

  test('without script: first access and the next one', () =>
    withSomebody(
      async ({ page }) => {
        const person = await stage.demo.idp.createPerson()
        await identify(page, person)
        expect(
          await page.locator('button[data-shows], button[data-copies]').filter({ visible: true }).count(),
        ).toBe(0)
        const phone = createPhone(await key(page))
        await fillEnrolment(page)
        await page.getByRole('button', { name: 'Enregistrer' }).click()
        expect(await greeting(page)).toBe('Bonjour Marie Tremblay')
        await page.getByRole('button', { name: 'Se déconnecter' }).click()

        clock.nextStep()
        await identify(page, person)
        await page.locator('#code').fill(phone.code())
        await page.getByRole('button', { name: 'Continuer' }).click()
        expect(await greeting(page)).toBe('Bonjour Marie Tremblay')
      },
      { javaScriptEnabled: false },
    ))

  test('with the keyboard alone: the first field is ready, Tab goes from top to bottom, a refusal is read first', () =>
    withSomebody(async ({ page }) => {
      const person = await stage.demo.idp.createPerson()
      await page.goto(stage.demo.eEspresso)
      const { keyboard } = page
      expect(await focused(page)).toBe('cip')
      await keyboard.type(person.cip)
      await keyboard.press('Tab')
      expect(await focused(page)).toBe('password')
      await keyboard.type('pas le bon')
      await keyboard.press('Enter')
      await page.locator('#error-summary:focus').waitFor()
      expect(await page.locator('#cip').inputValue()).toBe(person.cip)

      expect(await tab(page, 3)).toEqual(['cip', 'password', 'Afficher'])
      await keyboard.press('Shift+Tab')
      await keyboard.type(person.password)
      await keyboard.press('Enter')
      await page.locator('#totp-qr').waitFor()

      expect(await tab(page, 4)).toEqual([
        'Aller au contenu',
        'English',
        'Je ne l’ai pas encore',
        'Je ne peux pas scanner le code',
      ])
      await keyboard.press('Space')
      expect(await tab(page, 4)).toEqual(['Copier la clé', 'code', 'deviceName', 'Enregistrer'])
      await keyboard.press('Enter')
      await page.locator('#error-summary:focus').waitFor()

      // Each message leads to its field.
      expect(await tab(page, 1)).toEqual(['Inscrivez le code à usage unique.'])
      await keyboard.press('Enter')
      expect(await focused(page)).toBe('code')
      expect(await page.locator('#code').getAttribute('aria-invalid')).toBe('true')
      expect(
        await page
          .locator('#code')
          .evaluate((field) =>
            (field.getAttribute('aria-describedby') ?? '')
              .split(' ')
              .map((id) => document.getElementById(id)?.textContent),
          ),
      ).toEqual(['Six chiffres, affichés par Google Authenticator.', 'Inscrivez le code à usage unique.'])
      const code = createPhone(await key(page)).code()
      await keyboard.type(`${code.slice(0, 3)} ${code.slice(3)}`)
      await keyboard.press('Tab')
      await keyboard.type('Mon iPhone')
      await keyboard.press('Enter')
      expect(await greeting(page)).toBe('Bonjour Marie Tremblay')
    }))

  test('a double click ends as well as one click, on «Connexion», «Enregistrer» and «Continuer»', () =>
    withSomebody(async ({ page }) => {
      const person = await stage.demo.idp.createPerson()
      const doubleClick = (name: string) => page.getByRole('button', { name, exact: true }).dblclick()
      await page.goto(stage.demo.eEspresso)
      await page.locator('#cip').fill(person.cip)
      await page.locator('#password').fill(person.password)
      await doubleClick('Connexion')
      await page.locator('#totp-qr').waitFor()
      const phone = createPhone(await key(page))
      await fillEnrolment(page)
      await doubleClick('Enregistrer')
      expect(await greeting(page)).toBe('Bonjour Marie Tremblay')

      await page.getByRole('button', { name: 'Se déconnecter' }).click()
      clock.nextStep()
      await identify(page, person)
      await page.locator('#code').fill(phone.code())
      await doubleClick('Continuer')
      expect(await greeting(page)).toBe('Bonjour Marie Tremblay')
    }))

  test('Back after the enrolment shows no secret, and a way on', () =>
    withSomebody(async ({ page }) => {
      await toEnrolment(page)
      const secret = await key(page)
      await fillEnrolment(page)
      await page.getByRole('button', { name: 'Enregistrer' }).click()
      await greeting(page)
      await page.goBack()
      expect(page.url()).toContain(stage.demo.idp.url)
      const source = await page.content()
      expect(source.replaceAll(' ', '')).not.toContain(secret)
      expect(source).not.toContain('otpauth')
      expect(await heading(page)).toBe('Cette connexion n’est plus en cours')
      await page.getByRole('link', { name: 'Retourner à eEspresso' }).click()
      expect(await heading(page)).toBe('Bonjour Marie Tremblay')
    }))

  test('Back after signing out shows nothing of the person', () =>
    withSomebody(async ({ page }) => {
      const person = await stage.demo.idp.createPerson()
      const phone = await bindPhone(stage.demo.idp, person)
      clock.nextStep()
      await identify(page, person)
      await page.locator('#code').fill(phone.code())
      await page.getByRole('button', { name: 'Continuer' }).click()
      await greeting(page)
      await page.getByRole('button', { name: 'Se déconnecter' }).click()
      await page.getByText('Vous êtes déconnecté d’eEspresso').waitFor()
      for (let steps = 0; steps < 4; steps += 1) {
        await page.goBack()
        expect(await page.locator('body').innerText()).not.toMatch(/Marie|Tremblay|Bulletin de paie/)
        expect(await page.content()).not.toContain(person.cip)
      }
    }))

  test('whoever finds another person’s sign-in on the screen leaves it with one button', () =>
    withSomebody(async ({ page }) => {
      await toEnrolment(page)
      expect(await page.getByText('Connexion de Marie Tremblay.').isVisible()).toBe(true)
      await page.getByRole('button', { name: 'Ce n’est pas vous?' }).click()
      expect(await heading(page)).toBe('Connexion')
      expect(await page.locator('#cip').inputValue()).toBe('')
      await page.goBack()
      expect(await page.locator('#totp-key').count()).toBe(0)
    }))

  test('the key is copied without its spaces, and a code is pasted with one', () =>
    withSomebody(async ({ page, context }) => {
      await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stage.demo.idp.url })
      await toEnrolment(page)
      await page.getByText('Je ne peux pas scanner le code').click()
      const copy = page.locator('[data-copies]')
      expect(await copy.innerText()).toBe('Copier la clé')
      await copy.click()
      await page.getByRole('button', { name: 'Copiée' }).waitFor()
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(await key(page))

      const code = createPhone(await key(page)).code()
      await page.evaluate(
        (text) => navigator.clipboard.writeText(text),
        `${code.slice(0, 3)} ${code.slice(3)}`,
      )
      await page.locator('#code').focus()
      await page.keyboard.press('Control+V')
      await page.locator('#deviceName').fill('Mon iPhone')
      await page.getByRole('button', { name: 'Enregistrer' }).click()
      expect(await greeting(page)).toBe('Bonjour Marie Tremblay')
    }))

  test('a password can be shown and hidden, and leaves the page hidden', () =>
    withSomebody(async ({ page }) => {
      await page.goto(stage.demo.eEspresso)
      const field = page.locator('#password')
      await field.fill('trois-chats')
      await page.getByRole('button', { name: 'Afficher le mot de passe' }).click()
      expect(await field.getAttribute('type')).toBe('text')
      await page.getByRole('button', { name: 'Masquer le mot de passe' }).click()
      expect(await field.getAttribute('type')).toBe('password')
      await page.getByRole('button', { name: 'Afficher le mot de passe' }).click()
      const typeWhenSent = field.evaluate(
        (input: HTMLInputElement) =>
          new Promise((resolve) => input.form?.addEventListener('submit', () => resolve(input.type))),
      )
      await page.getByRole('button', { name: 'Connexion', exact: true }).click()
      expect(await typeWhenSent).toBe('password')
    }))

  test('password managers and phones know what each field is for', () =>
    withSomebody(async ({ page }) => {
      const attributes = (id: string, names: string[]) =>
        page
          .locator(`#${id}`)
          .evaluate((field, wanted) => wanted.map((name) => field.getAttribute(name)), names)
      await page.goto(stage.demo.eEspresso)
      expect(await attributes('cip', ['autocomplete', 'autocapitalize'])).toEqual(['username', 'none'])
      expect(await attributes('password', ['autocomplete', 'type'])).toEqual(['current-password', 'password'])
      await toEnrolment(page)
      expect(await attributes('code', ['autocomplete', 'inputmode'])).toEqual(['one-time-code', 'numeric'])
    }))

  const shownDifference = async (page: Page, offBy: number): Promise<string> => {
    await setClock(page, offBy)
    await toEnrolment(page)
    const difference = page.locator('#clock-difference')
    return (await difference.isVisible()) ? difference.innerText() : ''
  }

  test.each([
    [
      12 * MINUTE,
      'L’heure de cet ordinateur est fausse\u00a0: elle avance d’environ 12\u00a0minutes. Fiez-vous',
    ],
    [-180 * MINUTE, 'L’heure de cet ordinateur est fausse\u00a0: elle retarde d’environ 3\u00a0heures.'],
    [20_000, ''],
    [-20_000, ''],
  ])('a computer whose clock is off by %i ms is told so on the enrolment page', (offBy, text) =>
    withSomebody(async ({ page }) => {
      const shown = await shownDifference(page, offBy)
      expect(text === '' ? shown : shown.slice(0, text.length)).toBe(text)
    }),
  )

  test('a phone whose clock is off is told that its codes will be refused', () =>
    withSomebody(async ({ page }) => {
      expect(await shownDifference(page, 4 * MINUTE)).toContain(
        'elle avance d’environ 4\u00a0minutes, et ses codes seront refusés.',
      )
    }, PHONE))

  test('the server’s clock ticks on the enrolment page', () =>
    withSomebody(async ({ page, context }) => {
      await page.clock.install()
      await toEnrolment(page)
      const shown = page.locator('#server-time')
      const at = Number(await shown.getAttribute('data-at'))
      const format = new Intl.DateTimeFormat('fr-CA', {
        hour: 'numeric',
        minute: '2-digit',
        second: '2-digit',
        timeZone: 'America/Toronto',
      })
      const expected = [0, 1, 2, 3].map((second) => format.format(at + 60_000 + second * 1000))
      await page.clock.runFor(61_000)
      expect(expected).toContain(await shown.innerText())
      expect(await page.locator('#server-time-still').isVisible()).toBe(false)
      await context.close() // this clock cannot be given back
    }))
})

/** The id of what has the focus, or its text. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement
    return element === null ? '' : element.id !== '' ? element.id : (element.textContent ?? '').trim()
  })
}

async function tab(page: Page, times: number): Promise<string[]> {
  const passed: string[] = []
  for (let count = 0; count < times; count += 1) {
    await page.keyboard.press('Tab')
    passed.push(await focused(page))
  }
  return passed
}
