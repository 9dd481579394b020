// What a person does at an application: signs in with password and code, reads what it shows, signs out.

import { expect } from '@jest/globals'
import { generateSync } from 'otplib'
import type { Page } from 'playwright-core'
import { until } from './programs.js'
import type { Person, Stage } from './stage.js'

/** From the provider's sign-in page back to the application: a first access, so the phone is enrolled too. */
export async function signIn(page: Page, { cip, password }: Person): Promise<void> {
  await page.waitForURL(/\/interaction\/[^/]+\/password/)
  await page.fill('[name=cip]', cip)
  await page.fill('[name=password]', password)
  await page.click('main button[type=submit]:not([name])')
  await page.waitForURL(/\/interaction\/[^/]+\/enrol/)
  const key = await page.locator('#totp-key').textContent()
  await page.fill('[name=deviceName]', 'Mon iPhone')
  await page.fill('[name=code]', generateSync({ secret: (key ?? '').replaceAll(/\s/g, '') }))
  await page.click('form:has([name=code]) button[type=submit]')
}

/**
 * Waits for an address of the application; where it does not come, the failure says what is shown instead.
 */
export async function expectArrivedAt(page: Page, stage: Stage, path: string): Promise<void> {
  await page.waitForURL(`${stage.application()}${path}`).catch(async (error: unknown) => {
    const text = await page.locator('body').textContent()
    throw new Error(`${page.url()} shows «${text}»\n${stage.output()}`, { cause: error })
  })
}

/** Back at the application, which shows whom it knows: CIP and name as JSON. */
export async function expectSignedIn(page: Page, stage: Stage, { cip, name }: Person): Promise<void> {
  await page.waitForURL((url) => url.origin === stage.application())
  await page.waitForFunction(() => document.body.textContent?.trim() !== '')
  const text = (await page.locator('body').textContent()) ?? ''
  if (!text.includes('{')) throw new Error(`${page.url()} shows «${text}»\n${stage.output()}`)
  expect(JSON.parse(text)).toEqual({ cip, name })
}

/** Posts an empty form from the page on the screen, as a button there would. */
export async function press(page: Page, path: string): Promise<void> {
  await Promise.all([
    page.waitForEvent('framenavigated'),
    page.evaluate((action) => {
      const form = document.createElement('form')
      Object.assign(form, { method: 'post', action })
      document.body.append(form)
      form.submit()
    }, path),
  ])
}

/** The application knows nobody, and neither does the provider: its address leads to the password. */
export async function expectSignedOut(page: Page, stage: Stage): Promise<void> {
  await page.goto(stage.application())
  await page.waitForURL((url) => url.origin === stage.issuer())
  expect(new URL(page.url()).pathname).toMatch(/^\/interaction\/[^/]+\/password$/)
}

/** The operator ends the person's sessions: the application hears of it, and asks for a sign-in again. */
export async function expectToldOfSignOut(page: Page, stage: Stage, { cip }: Person): Promise<void> {
  await stage.operate('account', 'sign-out', cip, '--reason', 'Poste laissé ouvert')
  await until(async () => {
    await page.goto(stage.application())
    return new URL(page.url()).origin === stage.issuer()
  })
  await expectSignedOut(page, stage)
}
