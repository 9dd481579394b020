// Threat: « Prolonger » is on its way, asked for by a page in the background, while the person ends the
// sign-in or gives it up: what it has read before must not come back (FLOW-5).

import { afterEach, expect, jest, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { givePassword } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })
afterEach(() => void jest.restoreAllMocks())

/** Somebody at the code, whose time can be prolonged. */
async function standAtTheCode() {
  const { person, phone } = await createEnrolled(idp)
  const browser = new Browser(idp)
  await givePassword(browser, rp, person)
  clock.advance({ minutes: 20 })
  return { browser, phone }
}

/** Posts without going where the answer leads, as the page's script does. */
function post(browser: Browser, fields: Record<string, string>, form: string): Promise<Response> {
  const [url, body] = browser.prepare(fields, form)
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' }
  return browser.request(url, { method: 'POST', body, headers })
}

/** Meanwhile: after « Prolonger » has read the sign-in, and before it writes. */
async function prolongMeanwhile(browser: Browser, act: () => Promise<unknown>): Promise<void> {
  const find = idp.services.accounts.findTrusted
  let isMet = false
  jest.spyOn(idp.services.accounts, 'findTrusted').mockImplementationOnce(async (id) => {
    isMet = true
    const found = await find(id)
    await act()
    return found
  })
  await post(browser, {}, '/prolong')
  expect(isMet).toBe(true)
}

test('a sign-in that ends meanwhile has ended: the person goes on to the application', async () => {
  const { browser, phone } = await standAtTheCode()
  await prolongMeanwhile(browser, () => post(browser, { code: phone.code() }, '/one-time-code'))
  await browser.open(`/interaction/${browser.uid()}`)
  expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
})

test('a sign-in that is given up meanwhile is given up: the next person finds nobody’s code page', async () => {
  const { browser } = await standAtTheCode()
  await prolongMeanwhile(browser, () => post(browser, {}, '/restart'))
  await browser.open(`/interaction/${browser.uid()}`)
  expect(browser.step()).toBe('password')
})
