// The demonstration's mailbox: mails as their reader sees them, and nothing in them that could run. Threat: a
// name that is markup, shown beside temporary passwords (WEB-13).

import { expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { OPERATOR } from '../support/people.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()

test('a mail is shown as its reader sees it, in a frame where nothing runs, and as text', async () => {
  const name = '<script>alert(1)</script> "Tremblay'
  await idp.services.accounts.create({ cip: 'tram1234', name, email: 'marie@exemple.ca' }, OPERATOR, 'mail')
  const [mail] = await idp.readMail()
  const browser = new Browser(idp)
  await browser.open('/dev/mail')
  const { html, headers } = browser.shown
  const frame = /<iframe([\s\S]*?)><\/iframe>/.exec(html)?.[1] ?? ''
  expect(frame).toMatch(/ sandbox(=""| |$)/) // without a word: no script, no form, no window, no origin
  const [, srcdoc = ''] = / srcdoc="([^"]*)"/.exec(frame) ?? []
  expect(srcdoc.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&')).toBe(mail?.html)
  expect(browser.text()).toContain(mail?.subject)
  expect(html).toContain('<pre>')
  // The frame inherits the policy: styles of the mail itself, and still no script but ours.
  const policy = headers.get('content-security-policy') ?? ''
  expect(policy).toContain("style-src 'self' 'unsafe-inline'")
  expect(policy).toContain("script-src 'self';")
  await browser.open('/')
  expect(browser.shown.headers.get('content-security-policy')).not.toContain('unsafe-inline')
})

test('a program gets the mails as they are', async () => {
  const browser = new Browser(idp, { Accept: 'application/json' })
  const mails = (await (await browser.request('/dev/mail')).json()) as { at: number; subject: string }[]
  expect(mails[0]?.at).toBeLessThanOrEqual(clock.now())
  expect(mails[0]?.subject).toContain('mot de passe temporaire')
})
