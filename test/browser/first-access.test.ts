// The hospital's printed procedure, word for word, in Chromium: the QR code is read from the picture on the
// screen, the code comes from a program that knows nothing of ours.

import { execFileSync } from 'node:child_process'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import type { OpenPage } from '../support/chromium.js'
import { clock } from '../support/clock.js'
import { useDemoInChromium } from '../support/demo-in-chromium.js'
import { describeWith } from '../support/requirements.js'
import { stationsIn } from '../support/stations.js'

/** What a phone's camera sees. */
async function scan(page: Page): Promise<string> {
  return execFileSync('zbarimg', ['--raw', '--quiet', '-'], {
    input: await page.screenshot({ fullPage: true }),
    stdio: ['pipe', 'pipe', 'ignore'],
  })
    .toString()
    .trim()
}

/** What Google Authenticator shows after it. */
function codeFor(otpauthLink: string): string {
  const secret = new URL(otpauthLink).searchParams.get('secret') ?? ''
  return execFileSync('oathtool', [
    '--totp',
    '--base32',
    '--now',
    `@${Math.floor(clock.now() / 1000)}`,
    secret,
  ])
    .toString()
    .trim()
}

describeWith(['chromium', 'zbarimg', 'oathtool'], 'the printed procedure', () => {
  const stage = useDemoInChromium()
  let somebody: OpenPage
  let page: Page

  const heading = () => page.getByRole('heading', { level: 1 }).innerText()
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  beforeEach(async () => {
    somebody = await stage.open()
    page = somebody.page
  })
  afterEach(async () => {
    await somebody.close()
    expect(somebody.complaints).toEqual([])
  })

  async function identify(cip: string, password: string): Promise<void> {
    await page.getByLabel('Nom d’utilisateur (CIP)').fill(cip)
    await page.getByLabel('Mot de passe', { exact: true }).fill(password)
    await press('Connexion')
  }

  test('first access, sign out, and the next access with CIP, password and code alone', async () => {
    const { cip, password } = await stage.demo.idp.createPerson({ name: 'Marie Tremblay' })

    // Étapes 1 et 2: the address of eEspresso, then CIP and password.
    await page.goto(stage.demo.eEspresso)
    expect(await page.getByText('Pour accéder à').innerText()).toBe('Pour accéder à eEspresso')
    await identify(cip, password)

    // Étapes 3 à 5: the page that completes the configuration names what the telephone shows.
    expect(await heading()).toBe('Configurer la double authentification')
    expect(await page.getByText('doivent être à la même heure').isVisible()).toBe(true)
    expect(await page.getByText('touchez « Commencer »').isVisible()).toBe(true)
    expect(await page.getByRole('heading', { name: 'Touchez « Scanner un code QR »' }).isVisible()).toBe(true)
    const scanned = await scan(page)
    expect(scanned).toMatch(/^otpauth:\/\/totp\//)
    expect(decodeURIComponent(scanned)).toContain(`CIUSSS de démonstration:${cip}`)

    // Étapes 6 et 7.
    await page.getByLabel('Inscrivez le code à usage unique').fill(codeFor(scanned))
    await page.getByLabel('Nom de l’appareil mobile').fill('Mon iPhone')
    await press('Enregistrer')

    // «Vous avez maintenant accès à votre eEspresso.»
    expect(new URL(page.url()).origin).toBe(stage.demo.eEspresso)
    expect(await heading()).toBe('Bonjour Marie Tremblay')
    expect(await page.getByRole('heading', { name: 'Bulletin de paie' }).isVisible()).toBe(true)
    expect(await page.getByRole('status').innerText()).toContain(
      'vous avez maintenant accès à votre eEspresso',
    )

    await press('Se déconnecter')
    expect(await heading()).toBe('Vous êtes déconnecté d’eEspresso')

    // «Lors de vos prochains accès»: another day, CIP, password, code.
    clock.advance({ days: 1 })
    await page.goto(stage.demo.eEspresso)
    await identify(cip, password)
    expect(await heading()).toBe('Code à usage unique')
    expect(await page.getByText('Appareil\u00a0: Mon iPhone').isVisible()).toBe(true)
    await page.getByLabel('Code affiché par Google Authenticator').fill(codeFor(scanned))
    await press('Continuer')
    expect(await heading()).toBe('Bonjour Marie Tremblay')
    expect(await page.getByRole('status').count()).toBe(0)
  })

  test('the QR code is read on a narrow screen and in the dark as well', async () => {
    const { cip, password } = await stage.demo.idp.createPerson()
    await page.emulateMedia({ colorScheme: 'dark' })
    await page.goto(stage.demo.eEspresso)
    await identify(cip, password)
    const onTheDesk = await scan(page)
    await page.setViewportSize({ width: 320, height: 600 })
    expect(await scan(page)).toBe(onTheDesk)
    await page.emulateMedia({ colorScheme: 'light' })
    expect(await scan(page)).toBe(onTheDesk)
  })

  test('the stores’ QR codes, unfolded, lead to Google Authenticator, and the real one is still read', async () => {
    const { cip, password } = await stage.demo.idp.createPerson()
    await page.goto(stage.demo.eEspresso)
    await identify(cip, password)
    const before = await scan(page)
    await page.getByText('Je ne l’ai pas encore').click()
    expect((await scan(page)).split('\n').toSorted()).toEqual([
      'https://apps.apple.com/app/google-authenticator/id388497605',
      'https://play.google.com/store/apps/details?id=com.google.android.apps.authenticator2',
      before,
    ])
  })

  test('a temporary password is replaced before anything else', async () => {
    const created = await stage.demo.idp.services.accounts.create(
      { cip: 'boui3456', name: 'Isabelle Bouchard', email: 'isabelle@exemple.ca' },
      { name: 'operator:test', clientAddress: 'cli' },
      'print',
    )
    const temporaryPassword = 'temporaryPassword' in created ? created.temporaryPassword : ''
    await page.goto(stage.demo.eEspresso)
    await identify('boui3456', temporaryPassword)
    expect(await heading()).toBe('Choisir votre mot de passe')
    expect(stationsIn(await page.content())).toBe('Connexion ✓ · Mot de passe ● · Téléphone ○ · eEspresso ○')

    const summary = page.getByRole('alert')
    const choose = async (newPassword: string, confirmation = newPassword) => {
      await page.getByLabel('Nouveau mot de passe', { exact: true }).fill(newPassword)
      await page.getByLabel('Nouveau mot de passe, encore une fois').fill(confirmation)
      await press('Enregistrer le mot de passe')
    }
    await choose(temporaryPassword)
    expect(await summary.innerText()).toContain('différent de celui que vous avez reçu')
    // What the page knows itself is said without a journey, and nothing that was typed is lost.
    const messages = async () => (await page.locator('.message').allInnerTexts()).join(' ')
    await choose('court', 'autre')
    expect(await messages()).toContain('trop court\u00a0: au moins 14 caractères')
    expect(await messages()).toContain('Les deux mots de passe ne sont pas identiques.')
    expect(await page.getByLabel('Nouveau mot de passe', { exact: true }).inputValue()).toBe('court')
    await choose('isabelle bouchard')
    expect(await messages()).toContain('ne doit pas contenir votre nom')

    await choose('onze-girafes-vertes')
    expect(await heading()).toBe('Configurer la double authentification')
    expect(stationsIn(await page.content())).toBe('Connexion ✓ · Mot de passe ✓ · Téléphone ● · eEspresso ○')
    await page.getByLabel('Inscrivez le code à usage unique').fill(codeFor(await scan(page)))
    await page.getByLabel('Nom de l’appareil mobile').fill('Mon iPhone')
    await press('Enregistrer')
    expect(await heading()).toBe('Bonjour Isabelle Bouchard')
  })

  test('in English from the browser’s preference, to the end', async () => {
    const { cip, password } = await stage.demo.idp.createPerson({ name: 'Sam Roy' })
    await somebody.close()
    somebody = await stage.open({ locale: 'en-CA' })
    page = somebody.page
    await page.goto(stage.demo.eEspresso)
    expect(await page.locator('html').getAttribute('lang')).toBe('en')
    await page.getByLabel('User name (CIP)').fill(cip)
    await page.getByLabel('Password', { exact: true }).fill(password)
    await press('Sign in')
    expect(await heading()).toBe('Set up two-factor authentication')
    await page.getByLabel('Enter the one-time code').fill(codeFor(await scan(page)))
    await page.getByLabel('Name of the mobile device').fill('My iPhone')
    await press('Save')
    expect(await heading()).toContain('Sam Roy')
  })

  test('the language switch keeps the person, and the QR code, where they are', async () => {
    const { cip, password } = await stage.demo.idp.createPerson()
    await page.goto(stage.demo.eEspresso)
    await identify(cip, password)
    const before = { address: page.url(), link: await scan(page) }
    await page.getByRole('link', { name: 'English' }).click()
    expect(await heading()).toBe('Set up two-factor authentication')
    expect(page.url()).toBe(`${before.address}?lang=en`)
    expect(await scan(page)).toBe(before.link)

    await page.getByRole('link', { name: 'Français' }).click()
    expect(await heading()).toBe('Configurer la double authentification')
    await page.getByRole('link', { name: 'English' }).click()
    await page.getByLabel('Enter the one-time code').fill(codeFor(before.link))
    await page.getByLabel('Name of the mobile device').fill('My iPhone')
    await press('Save')
    expect(await heading()).toBe('Hello Marie Tremblay')
  })
})
