// What a page says to programs rather than to eyes: the colour around it, its icon, its headings, its times.

import { describe, expect, test } from '@jest/globals'
import { PLACES, type Place } from '../support/situations.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp()
const rp = await registerRelyingParty(idp)
const accented = await useIdp({ settings: { ACCENT_COLOUR: '#7a1f5c' } })

const home = async (url: string) => (await fetch(url)).text()
const colours = (html: string) =>
  [...html.matchAll(/name="theme-color" content="([^"]*)" media="\(prefers-color-scheme: (\w+)\)"/g)].map(
    ([, colour, scheme]) => `${scheme} ${colour}`,
  )

describe('the browser’s frame', () => {
  test('has the colour of the band, in light and dark', async () => {
    const html = await home(idp.url)
    expect(colours(html)).toEqual(['light #142a40', 'dark #0a1118'])
    const sheet = /href="([^"]*style\.css)"/.exec(html)?.[1] ?? ''
    const style = await home(`${idp.url}${sheet}`)
    expect([...style.matchAll(/--band: (#\w+);/g)].map(([, colour]) => colour)).toEqual([
      '#142a40',
      '#0a1118',
    ])
  })

  test('follows the organisation’s own accent', async () => {
    const html = await home(accented.url)
    const sheet = /href="([^"]*accent\.css)"/.exec(html)?.[1] ?? ''
    const bands = [...(await home(`${accented.url}${sheet}`)).matchAll(/--band: (#?\w+);/g)]
    expect(colours(html).map((one) => one.split(' ')[1])).toEqual(bands.map(([, colour]) => colour))
    expect(bands).toHaveLength(2)
  })

  test('a telephone gets an icon for its home screen', async () => {
    const icon = /rel="apple-touch-icon" href="([^"]*)"/.exec(await home(idp.url))?.[1] ?? ''
    const response = await fetch(`${idp.url}${icon}`)
    const bytes = Buffer.from(await response.arrayBuffer())
    expect(response.headers.get('content-type')).toBe('image/png')
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([180, 180])
  })
})

const levels = (html: string) => [...html.matchAll(/<h([1-6])[ >]/g)].map(([, level]) => Number(level))
const textsOf = (html: string, tag: string) =>
  [...html.matchAll(new RegExp(`<${tag}[^>]*>([\\s\\S]*?)</${tag}>`, 'g'))].map(([, inside = '']) =>
    inside.replace(/<[^>]+>/g, ''),
  )

describe('headings', () => {
  test.each(Object.keys(PLACES) as Place[])('%s: one of the first level, none skipped', async (place) => {
    const { browser } = await PLACES[place](idp, rp)
    const [first, ...others] = levels(browser.shown.html)
    expect(first).toBe(1)
    expect(others.filter((level) => level !== 2)).toEqual([])
  })

  test('those of the set-up page list its steps in order', async () => {
    const { browser } = await PLACES['at the QR code'](idp, rp)
    expect(textsOf(browser.shown.html, 'h2')).toEqual([
      'Ouvrez Google Authenticator',
      'Touchez «\u00a0Scanner un code QR\u00a0»',
      'Pointez la caméra sur le code QR de cette page',
      'Inscrivez le code à usage unique',
      'Nom de l’appareil mobile',
    ])
  })
})

test('every hour on a page is one to programs too', async () => {
  const pages = [(await PLACES['at the QR code'](idp, rp)).browser.shown.html, await home(`${idp.url}/help`)]
  for (const html of pages) {
    const hours = html.replace(/<time [^>]*dateTime?="[^"]*"[^>]*>[^<]*<\/time>/gi, '<time>')
    expect(html).toMatch(/<time [^>]*datetime="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"/i)
    expect(textsOf(hours, 'main').join()).not.toMatch(/\d\u00a0h\u00a0\d/)
  }
})
