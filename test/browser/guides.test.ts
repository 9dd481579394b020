// The guides of docs/guides, followed in Chromium by the names they give; on the way their pictures and those
// of the README are taken, and each guide is printed. `npm run guides` keeps what was made: in the words of one
// organisation, where its settings and APPLICATION_URL stand in the environment.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { packageRoot } from '../../src/config/package-root.js'
import { translator, type Locale, type MessageKey } from '../../src/i18n.js'
import { launchChromium, openPage } from '../support/chromium.js'
import { clock } from '../support/clock.js'
import { startDemo, type Demo } from '../support/demo.js'
import { guideFile, GUIDES, namesIn, printedGuide } from '../support/guides.js'
import { createPhone } from '../support/phone.js'
import { describeWith } from '../support/requirements.js'

const APPLICATION_URL = process.env['APPLICATION_URL'] ?? 'https://paie.exemple.ca/'
const OWN_WORDS = [
  'ORGANISATION_NAME',
  'ORGANISATION_NAME_EN',
  'ORGANISATION_SHORT_NAME',
  'SUPPORT_PHONES',
  'SUPPORT_PHONES_EN',
  'PASSWORD_MIN_LENGTH',
  'PASSWORD_MAX_LENGTH',
]
const EXAMPLE = {
  ORGANISATION_NAME_EN: 'Demonstration CIUSSS',
  SUPPORT_PHONES_EN:
    'Internal : extension 13232; Sherbrooke and area : 819-829-3232; Toll-free : 1-833-829-3232',
}
/** As wide as the set-up page likes; lower than any page. */
const WINDOW: BrowserContextOptions = { viewport: { width: 900, height: 400 } }

describeWith(['chromium'], 'the guides', () => {
  const isKept = process.env['PICTURES'] === '1'
  const root = isKept ? packageRoot() : mkdtempSync(join(tmpdir(), 'laissez-passer-guides-'))
  const settings = ownWords()
  let demo: Demo
  let chromium: Browser

  beforeAll(async () => {
    for (const folder of ['docs/pictures', 'docs/guides/pictures'])
      mkdirSync(join(root, folder), { recursive: true })
    demo = await startDemo(settings)
    chromium = await launchChromium()
  })
  afterAll(async () => {
    await chromium.close()
    await demo.stop()
    if (!isKept) rmSync(root, { recursive: true })
  })

  test.each(['fr-CA', 'en'] as const)('in %s leads to eEspresso, and fits on one sheet', async (locale) => {
    const { page, complaints, close } = await openPage(chromium, { ...WINDOW, locale })
    await follow(page, locale, async (name) => {
      await page.evaluate(blurQrCode)
      const path = join(root, 'docs/guides/pictures', `${GUIDES[locale].mark}-${name}.png`)
      await page.screenshot({ path, fullPage: true, clip: await page.evaluate(whatIsFilledIn) })
    })
    expect(complaints).toEqual([])

    await page.goto('about:blank') // where no policy of ours forbids the sheet its style
    await page.setContent(printedGuide(locale, demo.idp.config, APPLICATION_URL, root))
    const pdf = await page.pdf({ path: join(root, guideFile(locale, 'pdf')), preferCSSPageSize: true })
    expect(pdf.toString('latin1').match(/\/Type \/Page\b/g)).toHaveLength(1)
    await close()
  })

  test('the pictures of the README are of the first access, light and dark', async () => {
    const { page, complaints, close } = await openPage(chromium, WINDOW)
    await follow(page, 'fr-CA', async (name) => {
      if (name === 'code') return
      for (const [colorScheme, suffix] of [
        ['light', ''],
        ['dark', '-dark'],
      ] as const) {
        await page.emulateMedia({ colorScheme })
        const path = join(root, 'docs/pictures', `${name}${suffix}.png`)
        await page.screenshot({ path, fullPage: true, clip: await page.evaluate(whatIsAboveTheFoot) })
      }
    })
    expect(complaints).toEqual([])
    await close()
  })

  /** The first access and the next one, by the names of the guide; `look` is called at what it shows. */
  async function follow(page: Page, locale: Locale, look: (name: string) => Promise<void>): Promise<void> {
    const t = translator(locale)
    const named = (key: MessageKey): string => {
      expect(namesIn(locale)).toContain(t(key))
      return t(key)
    }
    const fill = (key: MessageKey, value: string) => page.getByLabel(named(key), { exact: true }).fill(value)
    const press = (key: MessageKey) => page.getByRole('button', { name: named(key), exact: true }).click()
    const identify = async () => {
      await page.goto(demo.eEspresso)
      await look('sign-in')
      await fill('field.cip', person.cip)
      await fill('field.password', person.password)
      await press('password.submit')
    }

    const person = await demo.idp.createPerson({ name: 'Marie Tremblay', cip: `trem${2345 + people++}` })
    await identify()
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(named('enrol.title'))
    await look('enrolment')
    const phone = createPhone((await page.locator('#totp-key').textContent())?.replaceAll(/\s/g, '') ?? '')
    await page.getByLabel(named('enrol.code')).fill(phone.code())
    await page.getByLabel(named('enrol.device-name')).fill(t('enrol.device-name-ios'))
    await press('enrol.submit')
    await page.waitForURL(`${demo.eEspresso}/**`)

    await page.context().clearCookies()
    clock.advance({ days: 1 })
    await identify()
    await look('code')
    await fill('code.label', phone.code())
    await press('code.submit')
    await page.waitForURL(`${demo.eEspresso}/**`)
  }
  let people = 0
})

/** The card down to its button: what follows is no part of the procedure, and costs paper. */
function whatIsFilledIn(): { x: number; y: number; width: number; height: number } {
  const card = document.querySelector('.card')?.getBoundingClientRect() ?? new DOMRect()
  const button = document.querySelector('.card button.primary')?.getBoundingClientRect() ?? card
  return { x: card.x, y: card.y + scrollY, width: card.width, height: button.bottom + 28 - card.y }
}

/** The numbers below would only make the picture heavier. */
function whatIsAboveTheFoot(): { x: number; y: number; width: number; height: number } {
  const foot = document.querySelector('footer')?.getBoundingClientRect()
  return { x: 0, y: 0, width: innerWidth, height: (foot?.y ?? innerHeight) + scrollY }
}

/** Whoever holds the sheet must scan the code on the screen, and no other. */
function blurQrCode(): void {
  const image = document.querySelector<HTMLElement>('#totp-qr')
  if (image) image.style.filter = 'contrast(0.3) blur(8px)'
}

/** Those of the environment; where it has none, the example’s. */
function ownWords(): Record<string, string> {
  const own = OWN_WORDS.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return own.length > 0 ? Object.fromEntries(own) : EXAMPLE
}
