// Whole journeys in one word, for tests whose subject lies beyond them.

import { Browser } from './browser.js'
import { clock } from './clock.js'
import type { Idp } from './idp.js'
import type { Person } from './people.js'
import { createPhone, type Phone } from './phone.js'
import type { RelyingParty } from './relying-party.js'
import { until } from './until.js'

/** From the application to the page after the password. */
export async function givePassword(
  browser: Browser,
  rp: RelyingParty,
  person: Pick<Person, 'cip' | 'password'>,
  parameters: Record<string, string> = {},
) {
  const request = rp.begin(parameters)
  await browser.open(request.url)
  await browser.submit({ cip: person.cip, password: person.password })
  return request
}

/** Where a real hash is computed, its turn may come after the page that waits. */
export const leaveWaitingPage = (browser: Browser): Promise<void> =>
  until(async () => {
    if (browser.step() !== 'waiting') return true
    await browser.open(browser.shown.url)
    return false
  })

/** The same, and beyond the line where there is one. */
export async function passPassword(...words: Parameters<typeof givePassword>) {
  const request = await givePassword(...words)
  await leaveWaitingPage(words[0])
  return request
}

/** First access: password, QR code, code, name. Ends back at the application. */
export async function enrolFirst(
  idp: Pick<Idp, 'url'>,
  rp: RelyingParty,
  person: Person,
  browser = new Browser(idp),
): Promise<{ browser: Browser; phone: Phone; callback: string; verifier: string; nonce: string }> {
  const { verifier, nonce } = await passPassword(browser, rp, person)
  const phone = createPhone(browser.key())
  await browser.submit({ code: phone.code(), deviceName: 'Mon iPhone' })
  return { browser, phone, callback: browser.shown.url, verifier, nonce }
}

/** A later access: password and a fresh code. Ends back at the application. */
export async function signIn(
  rp: RelyingParty,
  person: Person,
  phone: Phone,
  browser: Browser,
  parameters: Record<string, string> = {},
) {
  const request = await passPassword(browser, rp, person, parameters)
  clock.nextStep()
  await browser.submit({ code: phone.code() })
  return { ...request, callback: browser.shown.url }
}
