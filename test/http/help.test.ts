// The help page and its way back. Threat: a link to our help page that leads on to somebody else’s.

import { expect, test } from '@jest/globals'
import { PLACES, type Place } from '../support/situations.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp)

const wayBack = (html: string): string | undefined =>
  /<a class="secondary" href="([^"]*)">Revenir à la connexion</.exec(html)?.[1]

test('whoever comes from the set-up page is led back to it', async () => {
  const { browser } = await PLACES['at the QR code'](idp, rp)
  const setUp = { url: browser.shown.url, key: browser.key() }
  const help = /href="(\/help\?return=[^"#]*)#first"/.exec(browser.shown.html)?.[1] ?? ''
  await browser.open(help)
  await browser.open(wayBack(browser.shown.html) ?? '')
  expect({ url: browser.shown.url, key: browser.key() }).toEqual(setUp)
})

test.each<[Place, string]>([
  ['at the password', 'password'],
  ['at the code', 'device'],
  ['at the QR code', 'first'],
])('%s the help page opens where it helps, and leads back', async (place, section) => {
  const { browser } = await PLACES[place](idp, rp)
  const { url } = browser.shown
  const [, help = '', anchor = ''] = /href="(\/help[^"#]*)#([a-z]+)"/.exec(browser.shown.html) ?? []
  await browser.open(help)
  expect(browser.shown.html).toContain(`<section id="${anchor}">`)
  expect(anchor).toBe(section)
  await browser.open(wayBack(browser.shown.html) ?? '')
  expect(browser.shown.url).toBe(url)
})

test('a code refused for the phone’s clock leads to the clock, and back', async () => {
  const { browser, phone } = await PLACES['at the code'](idp, rp)
  const { url } = browser.shown
  await browser.submit({ code: phone?.code({ offsetSeconds: -150 }) ?? '' })
  const [help = ''] = /\/help\?[^"]*#clock/.exec(browser.shown.html) ?? []
  await browser.open(help)
  expect(wayBack(browser.shown.html)).toBe(new URL(url).pathname)
})

test('it begins with the first access, and its contents lead to every section in order', async () => {
  const html = await (await fetch(`${idp.url}/help?lang=fr-CA`)).text()
  const sections = [...html.matchAll(/<section id="([a-z]+)">/g)].map(([, id]) => id)
  const links = [...html.matchAll(/<a href="#([a-z]+)">/g)].map(([, id]) => id)
  expect(sections).toEqual(['first', 'password', 'device', 'clock'])
  expect(links).toEqual(sections)
})

test('without a sign-in there is no way back', async () => {
  expect(wayBack(await (await fetch(`${idp.url}/help?lang=fr-CA`)).text())).toBeUndefined()
})

test.each([
  'https://evil.example/',
  '//evil.example/interaction/abc/enrol',
  '/\\evil.example/interaction/abc/enrol',
  'javascript:alert(1)',
  '/interaction/abc/enrol?next=https://evil.example',
  '/interaction/abc/enrol#x',
  '/interaction/../auth/enrol',
  '/interaction/abc/enrol\n',
  '/interaction/abc/enrol/../../session/end',
  '/session/end',
  `/interaction/${'a'.repeat(65)}/enrol`,
])('the way back never leads to %j', async (target) => {
  const address = `${idp.url}/help?lang=fr-CA&return=${encodeURIComponent(target)}`
  expect(wayBack(await (await fetch(address)).text())).toBeUndefined()
})

test('of two ways back none is taken', async () => {
  const address = `${idp.url}/help?lang=fr-CA&return=/interaction/abc/enrol&return=/interaction/abc/enrol`
  expect(wayBack(await (await fetch(address)).text())).toBeUndefined()
})
