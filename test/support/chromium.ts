// Debian's own Chromium, as a person uses it: one browser for each test file, a fresh profile for each test.
// What no page of ours may do (a blocked script or style, an error in the console, a request to elsewhere) is
// collected and fails the test that asks.

import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'

const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-gpu',
  '--disable-quic',
]
const PATIENCE_MS = 10_000

/** The window of a computer. */
export const DESK = { width: 1180, height: 900 }

export const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  isMobile: true,
  hasTouch: true,
}

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: FLAGS })

export type OpenPage = {
  page: Page
  context: BrowserContext
  complaints: string[]
  close: () => Promise<void>
}

/** A person at a computer of their own, in French unless told otherwise. */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const context = await browser.newContext({
    locale: 'fr-CA',
    viewport: DESK,
    reducedMotion: 'reduce',
    ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // A refusal (4xx) is an answer like any other; Chromium reports it as an error of the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text())
  })
  page.on('request', (request) => {
    if (!/^(http:\/\/localhost[:/]|data:)/.test(request.url())) complaints.push(`request to ${request.url()}`)
  })
  return { page, context, complaints, close: () => context.close() }
}
