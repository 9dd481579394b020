// What can be measured of a page as it is drawn: whether it is wider than its window, whether a thumb hits
// what can be pressed, and the same with letters twice as large.

import type { Page, ViewportSize } from 'playwright-core'

/** What makes the page wider than its window. */
export function beyondTheEdge(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement
    if (scrollWidth <= clientWidth) return []
    return [...document.querySelectorAll('body *')]
      .filter((element) => element.getBoundingClientRect().right > clientWidth + 1)
      .map((element) => element.outerHTML.slice(0, 80))
  })
}

/** What can be pressed and is lower than 44 px, but for links within a sentence (WCAG 2.5.5). */
export function smallTargets(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const isInSentence = (element: Element): boolean =>
      element.matches('a') &&
      [...(element.closest('p, pre')?.childNodes ?? [])].some(
        (node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '',
      ) &&
      element.closest('strong') === null
    return [...document.querySelectorAll('a, button, summary, input:not([type=hidden])')]
      .map((element) =>
        element.matches('[type=checkbox]') ? (element.nextElementSibling ?? element) : element,
      )
      .filter((element) => element.checkVisibility() && !element.matches('.skip') && !isInSentence(element))
      .map((element) => ({
        height: element.getBoundingClientRect().height,
        is: element.outerHTML.slice(0, 80),
      }))
      .filter(({ height }) => height < 44)
      .map(({ height, is }) => `${height} px: ${is}`)
  })
}

/**
 * `look` at a page as it is in such a window for whoever chose letters twice as large in the browser's
 * settings. (A picture of the full page changes the window, and the letters with it.)
 */
export async function withLargeLetters<T>(
  page: Page,
  window: ViewportSize,
  look: () => Promise<T>,
): Promise<T> {
  await page.setViewportSize(window)
  const session = await page.context().newCDPSession(page)
  const setLetters = (standard: number) => session.send('Page.setFontSizes', { fontSizes: { standard } })
  await setLetters(32)
  try {
    const size = await page.evaluate(() => getComputedStyle(document.documentElement).fontSize)
    if (Number.parseFloat(size) < 32) throw new Error(`the letters are not twice as large: ${size}`)
    return await look()
  } finally {
    await setLetters(16)
    await session.detach()
  }
}

/** The width of the QR code that binds the phone, where one is seen. */
export const qrCodeWidth = (page: Page): Promise<number | undefined> =>
  page.evaluate(() => {
    const code = document.querySelector('#totp-qr')
    return code?.checkVisibility() === true ? code.getBoundingClientRect().width : undefined
  })
