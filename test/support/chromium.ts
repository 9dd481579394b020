// Debian's own Chromium, as a person uses it: one browser for each test file, a tidy window for each test.
// What no page of ours may do (a blocked script or style, an error in the console, a request to elsewhere) is
// collected and fails the test that asks.

import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Page,
} from 'playwright-core'
import type { Browser as PlainBrowser } from './browser.js'
import { clock } from './clock.js'
import { PATIENCE_MS } from './until.js'

export const CHROMIUM = '/usr/bin/chromium'

export const FLAGS = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-gpu',
  '--disable-quic',
]

/** The window of a computer. */
const DESK = { width: 1180, height: 900 }

export const PHONE: BrowserContextOptions = {
  viewport: { width: 360, height: 740 },
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  isMobile: true,
  hasTouch: true,
}

export const ANDROID: BrowserContextOptions = {
  ...PHONE,
  userAgent:
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36',
}

export const OTHER_PHONE: BrowserContextOptions = {
  ...PHONE,
  userAgent: 'Mozilla/5.0 (Mobile; rv:141.0) Gecko/141.0 Firefox/141.0',
  extraHTTPHeaders: { 'Sec-CH-UA-Mobile': '?1' },
}

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: FLAGS })

export type OpenPage = {
  page: Page
  context: BrowserContext
  complaints: string[]
  close: () => Promise<void>
}

/** The page that another browser, which draws nothing, was led to; with that browser's cookies. */
export async function takeOver(page: Page, browser: PlainBrowser): Promise<void> {
  await setClock(page)
  const cookies = browser.cookies()
  await page.context().addCookies(cookies.map((cookie) => ({ ...cookie, domain: 'localhost' })))
  await page.goto(browser.shown.url)
}

/** From the next page on the computer's clock is right, by the clock of the tests, or off by so much. */
export async function setClock(page: Page, offBy = 0): Promise<void> {
  const offset = clock.now() - (performance.timeOrigin + performance.now()) + offBy
  await page.addInitScript((ahead) => {
    // The same window may have been set before: the latest holds.
    const computer: DateConstructor & { trueNow?: () => number } = Date
    const trueNow = (computer.trueNow ??= Date.now.bind(Date))
    Date.now = () => trueNow() + ahead
  }, offset)
}

type Window = { page: Page; context: BrowserContext; complaints: string[] }

/**
 * Windows that nobody sits at just now, by their options: opening one costs more than most tests do in it.
 */
const free = new WeakMap<Browser, Map<string, Window[]>>()

/**
 * A person at a computer of their own, in French unless told otherwise. `close` takes every trace of them
 * away.
 */
export async function openPage(browser: Browser, options: BrowserContextOptions = {}): Promise<OpenPage> {
  const windows = free.get(browser) ?? new Map<string, Window[]>()
  free.set(browser, windows)
  const kind = JSON.stringify(options)
  const window = windows.get(kind)?.pop() ?? (await openWindow(browser, options))
  window.complaints = []
  await setClock(window.page)
  return {
    ...window,
    async close() {
      if (window.page.isClosed()) return
      await tidy(window, options)
      windows.set(kind, [...(windows.get(kind) ?? []), window])
    },
  }
}

async function openWindow(browser: Browser, options: BrowserContextOptions): Promise<Window> {
  const context = await browser.newContext({
    locale: 'fr-CA',
    viewport: DESK,
    reducedMotion: 'reduce',
    ...options,
  })
  context.setDefaultTimeout(PATIENCE_MS)
  const window: Window = { page: await context.newPage(), context, complaints: [] }
  const complain = (text: string) => void window.complaints.push(text)
  window.page.on('pageerror', (error) => complain(error.message))
  window.page.on('console', (message) => {
    // A refusal (4xx) is an answer like any other; Chromium reports it as an error of the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complain(message.text())
  })
  window.page.on('request', (request) => {
    if (!/^(http:\/\/localhost[:/]|data:)/.test(request.url())) complain(`request to ${request.url()}`)
  })
  return window
}

/** As a new window, but for the last page: the next one takes its place, in the process that runs already. */
async function tidy({ page, context }: Window, options: BrowserContextOptions): Promise<void> {
  await page.unrouteAll()
  await page.emulateMedia({ colorScheme: null })
  await page.setViewportSize(options.viewport ?? DESK)
  await context.clearCookies()
  await context.clearPermissions()
}
