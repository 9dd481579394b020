// On paper: what is read, black on white. Threat: a secret that lies in a printer's tray.

import { execFileSync } from 'node:child_process'
import { inflateSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import type { Page } from 'playwright-core'
import { Browser as PlainBrowser } from '../support/browser.js'
import { PHONE, takeOver } from '../support/chromium.js'
import { useDemoInChromium } from '../support/demo-in-chromium.js'
import { givePassword } from '../support/journey.js'
import { describeWith } from '../support/requirements.js'

/** Every code that a camera finds. */
function scan(picture: Buffer): string {
  try {
    return execFileSync('zbarimg', ['--raw', '--quiet', '-'], { input: picture }).toString()
  } catch {
    return '' // it found none
  }
}

/** The streams of a PDF as text, and what stands between them: links too. */
function insideOf(pdf: Buffer): string {
  const bytes = pdf.toString('latin1')
  const streams = [...bytes.matchAll(/stream\r?\n([\s\S]*?)\r?\nendstream/g)].map(([, stream = '']) => {
    try {
      return inflateSync(Buffer.from(stream, 'latin1')).toString('latin1')
    } catch {
      return stream
    }
  })
  return bytes + streams.join('')
}

describeWith(['chromium', 'zbarimg'], 'on paper', () => {
  const stage = useDemoInChromium()

  async function toSetUp(page: Page): Promise<void> {
    const browser = new PlainBrowser(stage.demo.idp)
    const callback = { redirect_uri: `${stage.demo.eEspresso}/callback` }
    await givePassword(browser, stage.demo.rp, await stage.demo.idp.createPerson(), callback)
    await takeOver(page, browser)
    for (const fold of await page.locator('details').all()) await fold.locator('summary').click()
  }

  test.each([
    ['on a computer', {}],
    ['on a phone', PHONE],
  ])('the secret never prints: %s', async (_where, options) => {
    const { page, close } = await stage.open(options)
    try {
      await toSetUp(page)
      const key = (await page.locator('#totp-key').innerText()).trim()
      expect(scan(await page.screenshot({ fullPage: true }))).toContain('otpauth://')
      await page.emulateMedia({ media: 'print' })
      expect(scan(await page.screenshot({ fullPage: true }))).not.toContain('otpauth://')
      for (const id of ['totp-qr', 'totp-key', 'totp-link'])
        expect({ id, isSeen: await page.locator(`#${id}`).isVisible() }).toEqual({ id, isSeen: false })
      expect(await page.locator('main').innerText()).not.toContain(key)
      expect(insideOf(await page.pdf())).not.toContain('otpauth')
    } finally {
      await page.emulateMedia({ media: null })
      await close()
    }
  })

  test('a PDF of another page does hold its links, so that the check above can fail', async () => {
    const { page, close } = await stage.open()
    await page.goto(`${stage.demo.idp.url}/help`)
    expect(insideOf(await page.pdf())).toContain('apps.apple.com')
    await close()
  })

  test('in place of the QR code the page says that it does not print', async () => {
    const { page, close } = await stage.open()
    try {
      await toSetUp(page)
      const said = page.getByText('Le code QR ne s’imprime pas')
      expect(await said.isVisible()).toBe(false)
      await page.emulateMedia({ media: 'print' })
      expect(await said.isVisible()).toBe(true)
    } finally {
      await page.emulateMedia({ media: null })
      await close()
    }
  })

  test('black on white in the dark too, without what can only be pressed', async () => {
    const { page, close } = await stage.open()
    try {
      await toSetUp(page)
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
      const colours = await page.evaluate(() =>
        ['body', '.band', '.card'].map((selector) => {
          const style = getComputedStyle(document.querySelector(selector) ?? document.body)
          return `${style.color} on ${style.backgroundColor}`
        }),
      )
      expect(new Set(colours)).toEqual(new Set(['rgb(0, 0, 0) on rgb(255, 255, 255)']))
      expect(await page.locator('button:visible, a.switch:visible, a.primary:visible').count()).toBe(0)
      expect(await page.getByRole('heading', { level: 1 }).isVisible()).toBe(true)
      expect(await page.getByText('819').isVisible()).toBe(true)
    } finally {
      await page.emulateMedia({ media: null, colorScheme: null })
      await close()
    }
  })
})
