// The demonstration and a Chromium before it, for all tests of a suite: `const stage = useDemoInChromium()`.

import { afterAll, beforeAll, expect } from '@jest/globals'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { launchChromium, openPage, type OpenPage } from './chromium.js'
import { startDemo, type Demo } from './demo.js'

export function useDemoInChromium() {
  let demo: Demo
  let chromium: Browser
  beforeAll(async () => {
    demo = await startDemo()
    chromium = await launchChromium()
  })
  afterAll(async () => {
    await chromium.close()
    await demo.stop()
  })
  const open = (options?: BrowserContextOptions): Promise<OpenPage> => openPage(chromium, options)
  return {
    get demo() {
      return demo
    },
    open,

    /** A browser of one's own; what its console complains of fails the test. */
    async withSomebody(
      story: (somebody: OpenPage) => Promise<void>,
      options?: BrowserContextOptions,
    ): Promise<void> {
      const somebody = await open(options)
      try {
        await story(somebody)
        expect(somebody.complaints).toEqual([])
      } finally {
        await somebody.close()
      }
    },
  }
}
