// What axe-core finds on a page, in words. It runs beside the page, through the debugger, so the page's own
// policy (CSP) stays in force.

import axe from 'axe-core'
import type { Page } from 'playwright-core'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

type Found = { id: string; nodes: { target: unknown; failureSummary?: string }[] }

/** Every rule in light colours; then contrast once more in the dark. */
export async function findBarriers(page: Page): Promise<string[]> {
  await page.evaluate(axe.source)
  await page.emulateMedia({ colorScheme: 'light' })
  const inLight = await run(page, { type: 'tag', values: RULES })
  await page.emulateMedia({ colorScheme: 'dark' })
  const inDark = await run(page, { type: 'rule', values: ['color-contrast'] })
  await page.emulateMedia({ colorScheme: 'light' })
  return [...inLight.map((text) => `light: ${text}`), ...inDark.map((text) => `dark: ${text}`)]
}

async function run(page: Page, runOnly: { type: 'tag' | 'rule'; values: string[] }): Promise<string[]> {
  const violations = await page.evaluate(async (only) => {
    const { axe: inPage } = globalThis as unknown as {
      axe: { run: (options: object) => Promise<{ violations: Found[] }> }
    }
    return (await inPage.run({ runOnly: only, resultTypes: ['violations'] })).violations
  }, runOnly)
  return violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id} at ${String(node.target)}: ${node.failureSummary ?? ''}`),
  )
}
