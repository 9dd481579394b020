// What an operator says of the organisation, as people meet it: names, whom to call and when, logo, accent.

import { afterAll, afterEach, describe, expect, test } from '@jest/globals'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../src/config/config.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { startIdp, type Idp } from '../support/idp.js'
import { givePassword } from '../support/journey.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { PLACES } from '../support/situations.js'
import { MASTER_KEYS } from '../support/settings.js'

const NAME = 'Centre intégré universitaire de santé et de services sociaux de l’Estrie'
const folder = mkdtempSync(join(tmpdir(), 'organisation-'))
const logo = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}

afterAll(() => rmSync(folder, { recursive: true }))

let idp: Idp | undefined
afterEach(async () => {
  await idp?.stop()
  idp = undefined
  clock.reset()
})

async function home(settings: Record<string, string>): Promise<Browser> {
  idp = await startIdp({ settings })
  const browser = new Browser(idp)
  await browser.open('/')
  return browser
}

const faultsOf = (settings: Record<string, string>): string[] => {
  try {
    readConfig({ ISSUER_URL: 'https://acces.exemple.ca', MASTER_KEYS, ...settings })
    return []
  } catch (error) {
    return (error as Error).message.split('\n')
  }
}

describe('the name', () => {
  test('stands on the page in full and in short, and in English where there is one', async () => {
    const settings = {
      ORGANISATION_NAME: NAME,
      ORGANISATION_NAME_EN: 'Eastern Townships health network',
      ORGANISATION_SHORT_NAME: 'CIUSSSE-CHUS',
    }
    const browser = await home(settings)
    expect(browser.text()).toContain(`${NAME} CIUSSSE-CHUS`)
    expect(browser.shown.html).toContain('<title>Vos applications – CIUSSSE-CHUS</title>')
    await browser.open('/?lang=en')
    expect(browser.text()).toContain('Eastern Townships health network CIUSSSE-CHUS')
    expect(browser.text()).not.toContain(NAME)
  })

  test('in short is the one in the person’s Google Authenticator', async () => {
    const browser = await home({ ORGANISATION_NAME: NAME, ORGANISATION_SHORT_NAME: 'CIUSSSE-CHUS' })
    const rp = await registerRelyingParty(idp as Idp)
    await givePassword(browser, rp, await (idp as Idp).createPerson())
    expect(browser.step()).toBe('enrol')
    expect(browser.shown.html).toContain('issuer=CIUSSSE-CHUS')
  })

  test('is in no new password, in either language or short', async () => {
    idp = await startIdp({
      settings: {
        ORGANISATION_NAME: 'Réseau Lanaudière',
        ORGANISATION_NAME_EN: 'Townships Network',
        ORGANISATION_SHORT_NAME: 'RLVQX',
      },
    })
    const { browser } = await PLACES['at the change of password'](idp, await registerRelyingParty(idp))
    for (const newPassword of ['mes lanaudière 58', 'my townships 5813', 'mes rlvqx 58 chats']) {
      await browser.submit({ newPassword, newPasswordConfirmation: newPassword })
      expect(browser.refusal()).toContain('Le mot de passe ne doit pas contenir le nom de l’établissement.')
    }
  })

  test('above sixty characters wants a short one, and above a hundred and twenty is refused', () => {
    expect(faultsOf({ ORGANISATION_NAME: 'x'.repeat(60) })).toEqual([])
    expect(faultsOf({ ORGANISATION_NAME: NAME })).toEqual([
      expect.stringMatching(/^ORGANISATION_SHORT_NAME is missing/),
    ])
    expect(faultsOf({ ORGANISATION_NAME: 'x'.repeat(121), ORGANISATION_SHORT_NAME: 'x' })).toEqual([
      'ORGANISATION_NAME must not be longer than 120 characters',
    ])
  })

  test.each(['ORGANISATION_NAME', 'ORGANISATION_NAME_EN', 'ORGANISATION_SHORT_NAME'])(
    '%s is one line: mails have it in their subject',
    (name) => {
      expect(faultsOf({ [name]: 'CIUSSS\r\nBcc: x@evil.example' })).toEqual([`${name} must be one line`])
    },
  )

  test('an article that is none is refused', () => {
    expect(faultsOf({ ORGANISATION_ARTICLE: "DE L'" })).toEqual([])
    expect(faultsOf({ ORGANISATION_ARTICLE: 'der' })).toEqual([
      expect.stringMatching(/^ORGANISATION_ARTICLE must be one of du, /),
    ])
  })
})

describe('whom to call', () => {
  const HOURS = {
    TIME_ZONE: 'UTC',
    SUPPORT_PHONES_EN: 'Internal : extension 13232; Sherbrooke : 819-829-3232; Toll-free : 1-833-829-3232',
    SUPPORT_HOURS: "Sans frais : lun-ven 07:00-21:00; DE L'INTERNE : lun-dim 00:00-24:00",
  }
  const WEDNESDAY_EVENING = Date.parse('2030-11-27T22:00Z')
  const goTo = (at: number): void => clock.advance({ seconds: (at - clock.now()) / 1000 })

  test('each number says its hours, and the one that is closed says so', async () => {
    goTo(WEDNESDAY_EVENING)
    const browser = await home(HOURS)
    expect(browser.text()).toMatch(
      /3232 Sans\sfrais\u00a0: 1‑833‑829‑3232 lundi au vendredi, 7\u00a0h à 21\u00a0h fermé en ce moment/,
    )
    expect(browser.text()).toContain('13232 tous les jours, jour et nuit')
    expect(browser.text().split('fermé en ce moment')).toHaveLength(2)
    goTo(WEDNESDAY_EVENING + 10 * 3_600_000)
    await browser.open('/')
    expect(browser.text()).not.toContain('fermé')
    await browser.open('/?lang=en')
    expect(browser.text()).toContain('Toll-free: 1‑833‑829‑3232 Monday to Friday, 7\u00a0a.m. to 9\u00a0p.m.')
    expect(browser.text()).not.toContain('Sans frais')
  })

  test('hours of all numbers are said once, beside the heading', async () => {
    goTo(WEDNESDAY_EVENING)
    const browser = await home({ TIME_ZONE: 'UTC', SUPPORT_HOURS: 'lun-ven 07:00-21:00' })
    expect(browser.text()).toMatch(
      /d’assistance lundi au vendredi, 7\u00a0h à 21\u00a0h fermé en ce moment De l’interne/,
    )
    expect(browser.text().split('lundi')).toHaveLength(2)
  })

  const linksOf = (browser: Browser): (string | undefined)[] =>
    [...browser.shown.html.matchAll(/href="(tel:[^"]*)"/g)].map(([, href]) => href)

  test('an extension is a link for the organisation’s own networks alone', async () => {
    const outside = await home({ SHARED_NETWORKS: '10.0.0.0/8' })
    expect(linksOf(outside)).toEqual(['tel:8198293232', 'tel:18338293232'])
    expect(outside.text()).toContain('poste\u00a013232')
    await idp?.stop()
    const inside = await home({ SHARED_NETWORKS: '127.0.0.0/8,::1' })
    expect(linksOf(inside)).toEqual(['tel:13232', 'tel:8198293232', 'tel:18338293232'])
  })

  test.each([
    ['SUPPORT_HOURS', 'lun-ven 7-21', /^SUPPORT_HOURS must be «lun-ven/],
    ['SUPPORT_HOURS', 'lun-ven 07:00-21:00; sam 08:00-16:00', /^SUPPORT_HOURS must be «lun-ven/],
    ['SUPPORT_HOURS', 'Sans frais lun-ven 07:00-21:00', /^SUPPORT_HOURS must be «lun-ven/],
    ['SUPPORT_HOURS', 'Sans frai : lun-ven 07:00-21:00', /^SUPPORT_HOURS names «Sans frai»/],
    ['SUPPORT_PHONES_EN', 'Toll-free : 1-833-829-3232', /^SUPPORT_PHONES_EN must have as many lines .* 3$/],
  ])('%s=%s is refused, by its name', (name, value, fault) => {
    expect(faultsOf({ [name]: value })).toEqual([expect.stringMatching(fault)])
  })
})

describe('the logo', () => {
  const SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script>alert(1)</script></svg>'
  const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

  test('is served under an address of its own content, and nothing in it runs', async () => {
    const browser = await home({ ORGANISATION_LOGO: logo('logo.svg', `<?xml version="1.0"?>\n${SVG}`) })
    const [, address = ''] =
      /<img src="(\/assets\/[0-9a-f]{12}\/logo\.svg)" alt/.exec(browser.shown.html) ?? []
    const { headers, status } = await browser.request(address)
    expect(status).toBe(200)
    expect(headers.get('content-type')).toContain('image/svg+xml')
    expect(headers.get('cache-control')).toContain('immutable')
    const csp = headers.get('content-security-policy')
    expect(csp).toMatch(/default-src 'none'/)
    expect(csp).toMatch(/(^|; )sandbox(;|$)/)
    expect(csp).not.toContain('script-src')
  })

  test('may be a PNG', async () => {
    const browser = await home({ ORGANISATION_LOGO: logo('logo.png', PNG) })
    expect(browser.shown.html).toMatch(/<img src="\/assets\/[0-9a-f]{12}\/logo\.png"/)
  })

  test.each([
    ['that is not there', '/nowhere/logo.svg', /names a file that cannot be read/],
    ['that is a page', logo('page.svg', '<html><svg></svg></html>'), /must be an SVG or a PNG file/],
    [
      'that names entities',
      logo('entities.svg', '<!DOCTYPE svg [<!ENTITY x "y">]><svg></svg>'),
      /must be an SVG or a PNG file/,
    ],
    ['too large', logo('large.svg', `<svg>${' '.repeat(100_000)}</svg>`), /must not be larger than 100 kB/],
  ])('one %s is refused', (_what, path, fault) => {
    expect(faultsOf({ ORGANISATION_LOGO: path })).toEqual([expect.stringMatching(fault)])
    expect(faultsOf({ ORGANISATION_LOGO: path })[0]).toMatch(/^ORGANISATION_LOGO /)
  })
})

describe('the accent colour', () => {
  test('comes in a style sheet of its own, behind ours, with a dark mode made of it', async () => {
    const browser = await home({ ACCENT_COLOUR: '#8B1A1A' })
    const sheets = [...browser.shown.html.matchAll(/<link rel="stylesheet" href="([^"]*)"/g)]
    const names = sheets.map(([, address = '']) => address.split('/').at(-1))
    expect(names).toEqual(['style.css', 'accent.css', 'print.css']) // paper has the last word
    const css = await (await browser.request(sheets[1]?.[1] ?? '')).text()
    expect(css).toMatch(/^:root \{ --accent: #8b1a1a;/)
    expect(css).toMatch(/dark\) \{\n {2}:root \{ --accent: #(?!8b1a1a)[0-9a-f]{6};/)
  })

  test.each([
    [{ ACCENT_COLOUR: 'bleu' }, 'ACCENT_COLOUR must be # and six hexadecimal digits'],
    [{ ACCENT_COLOUR: '#ff9900' }, 'ACCENT_COLOUR has a contrast of 1.9 : 1 where it is read in light mode'],
    [
      { ACCENT_COLOUR: '#095797', ACCENT_COLOUR_DARK: '#095797' },
      'ACCENT_COLOUR_DARK has a contrast of 2 : 1 where it is read in dark mode',
    ],
    [{ ACCENT_COLOUR_DARK: '#7db8ec' }, 'ACCENT_COLOUR_DARK goes with ACCENT_COLOUR'],
  ])('%j is refused, with its contrast', (settings, fault) => {
    expect(faultsOf(settings)).toEqual([expect.stringContaining(fault)])
  })
})
