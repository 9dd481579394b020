// The page of whoever stands in line because more passwords come than can be looked at: it goes on by itself,
// loses nothing, tells a stranger nothing, and gives nothing to anybody else (FLOW-3, FLOW-6).

import { afterEach, describe, expect, test } from '@jest/globals'
import { openArtifact } from '../../src/oidc/sealed-artifact.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { holdHashes } from '../support/held-hashes.js'
import { startIdp } from '../support/idp.js'
import { givePassword } from '../support/journey.js'
import type { Person } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { failuresOf } from '../support/situations.js'
import { until } from '../support/until.js'
import { useIdp } from '../support/use-idp.js'

const WRONG = 'faux-mot-de-passe'
const PATIENCE_MS = 50

const idp = await useIdp({ passwordPatienceMs: PATIENCE_MS })
const rp = await registerRelyingParty(idp)

let held: ReturnType<typeof holdHashes> | undefined
const release = async () => held?.release()
afterEach(async () => {
  await release()
  held?.stop()
  held = undefined
})

/** Posts a password while the machine is busy, and stands in line with it. */
async function standInLine(person: Pick<Person, 'cip' | 'password'>, browser = new Browser(idp)) {
  held ??= holdHashes(idp.services)
  const { verifier } = await givePassword(browser, rp, person)
  expect([browser.step(), browser.shown.status]).toEqual(['waiting', 200])
  return { browser, verifier }
}

const refresh = (browser: Browser) => browser.open(browser.shown.url)

/** What a browser does by itself, until it is shown something else. */
const goOn = (browser: Browser) =>
  until(async () => {
    await refresh(browser)
    return browser.step() !== 'waiting'
  })

const passSilently = async (seconds: number) => {
  clock.advance({ seconds })
  await idp.app.keepPlaces()
}

describe('whoever stands in line', () => {
  test('sees a page that asks again by itself, without script, then goes on to the application', async () => {
    const person = await idp.createPerson()
    const { browser, verifier } = await standInLine(person)
    expect(browser.heading()).toBe('Un instant')
    expect(browser.shown.html).toMatch(/<meta http-equiv="refresh" content="\d"\/>/)
    expect(browser.shown.headers.get('content-security-policy')).toContain("script-src 'self'")
    await refresh(browser)
    expect(browser.step()).toBe('waiting')
    await release()
    await goOn(browser)
    expect(browser.step()).toBe('enrol')
    await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Mon iPhone' })
    expect(browser.shown.url.startsWith(REDIRECT_URI)).toBe(true)
    await rp.tokens(browser.shown.url, verifier)
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(0)
  })

  test('reads it in either language, and keeps the place', async () => {
    const { browser } = await standInLine(await idp.createPerson())
    await browser.open(`${browser.shown.url}?lang=en`)
    expect([browser.step(), browser.heading()]).toEqual(['waiting', 'One moment'])
    await release()
    await goOn(browser)
    expect(browser.step()).toBe('enrol')
  })

  test('is told of a wrong password as at once, with the CIP kept; it counts once, and another may follow', async () => {
    const person = await idp.createPerson()
    const { browser } = await standInLine({ cip: person.cip, password: WRONG })
    await release()
    await goOn(browser)
    for (const reading of ['the first', 'again']) {
      expect([reading, browser.step(), browser.shown.status]).toEqual([reading, 'password', 422])
      expect(browser.refusal()).toContain('inexact')
      expect(browser.shown.html).toContain(`value="${person.cip}"`)
      await refresh(browser)
    }
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(1)
    await browser.submit({ cip: person.cip, password: person.password })
    expect(browser.step()).toBe('enrol')
  })

  test('leaves nothing of it to the next person at the computer, a minute later', async () => {
    const { browser } = await standInLine({ cip: 'inconnu', password: WRONG })
    await release()
    await goOn(browser)
    clock.advance({ seconds: 61 })
    await refresh(browser)
    expect([browser.shown.status, browser.shown.html.includes('inconnu')]).toEqual([200, false])
  })

  test('whatever page is asked for, lands there; what is posted meanwhile does nothing', async () => {
    const { browser } = await standInLine(await idp.createPerson())
    for (const step of ['password', 'enrol', 'one-time-code', 'done', 'nowhere']) {
      await browser.open(`/interaction/${browser.uid()}/${step}`)
      expect(browser.step()).toBe('waiting')
    }
    await browser.postTo('enrol', { code: '123456', deviceName: 'x' })
    expect(browser.step()).not.toBe('enrol')
  })
})

describe('a place', () => {
  test('that nobody asks for is given up after fifteen seconds: nothing counted, the CIP kept', async () => {
    const person = await idp.createPerson()
    const { browser } = await standInLine(person)
    await passSilently(14)
    await refresh(browser)
    await passSilently(14)
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(1) // counted until it is known
    await refresh(browser)
    expect(browser.step()).toBe('waiting')
    await passSilently(15)
    await until(async () => (await failuresOf(idp, `password-account:${person.cip}`)) === 0)
    await goOn(browser)
    expect([browser.step(), browser.shown.status]).toEqual(['password', 503])
    expect(browser.shown.headers.get('retry-after')).toBe('10')
    expect(browser.refusal()).toContain('Votre mot de passe n’a pas été vérifié')
    expect(browser.shown.html).toContain(`value="${person.cip}"`)
  })

  test('that is given up keeps « Ordinateur partagé » as the person had it', async () => {
    const { cip, password } = await idp.createPerson()
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    held = holdHashes(idp.services)
    await browser.submit({ cip, password, sharedComputer: 'yes' })
    expect(browser.step()).toBe('waiting')
    await passSilently(15)
    await goOn(browser)
    expect([browser.step(), browser.shown.status]).toEqual(['password', 503])
    expect(browser.shown.html).toMatch(/id="sharedComputer"[^>]* checked/)
  })

  test('is left by « Recommencer »: nothing counts, and nothing comes of it', async () => {
    const person = await idp.createPerson()
    const { browser } = await standInLine(person)
    await browser.submit({}, { form: '/restart' })
    expect([browser.step(), browser.shown.status]).toEqual(['password', 200])
    await until(async () => (await failuresOf(idp, `password-account:${person.cip}`)) === 0)
    await release()
    await refresh(browser)
    expect([browser.step(), browser.shown.status]).toEqual(['password', 200])
  })

  test('is lost for another password of the same page: only the last one’s answer is shown', async () => {
    const person = await idp.createPerson()
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    const tab = browser.clone()
    held = holdHashes(idp.services)
    await browser.submit({ cip: person.cip, password: person.password })
    await tab.submit({ cip: 'inconnu', password: WRONG })
    expect([browser.step(), tab.step()]).toEqual(['waiting', 'waiting'])
    await release()
    await goOn(tab)
    expect([tab.step(), tab.shown.status]).toEqual(['password', 422])
    await refresh(browser)
    expect([browser.step(), browser.shown.status]).toEqual(['password', 422])
  })
})

describe('the waiting page tells a stranger nothing and gives nothing to others', () => {
  test('it looks the same whether or not the CIP has an account (FLOW-6)', async () => {
    const disabled = await idp.createPerson()
    await idp.services.accountActions.disable(
      await idp.account(disabled.cip),
      { name: 'operator:test', clientAddress: 'cli' },
      'départ',
    )
    const { cip: wellKnown } = await idp.createPerson()
    const pages = []
    for (const cip of [wellKnown, 'inconnu', 'pas un cip', disabled.cip]) {
      const { browser } = await standInLine({ cip, password: WRONG })
      const { html, headers } = browser.shown
      const names = [...headers.keys()].filter((name) => name !== 'date').sort()
      const body = html
        .replaceAll(browser.uid(), 'UID')
        .replace(/name="csrf" value="[^"]*"/g, 'name="csrf"')
        .replaceAll(cip, 'CIP')
      pages.push(JSON.stringify([names, body]))
    }
    expect(new Set(pages).size).toBe(1)
  })

  test('another browser that knows the address gets none of it, before and after (FLOW-3)', async () => {
    const { browser } = await standInLine(await idp.createPerson())
    const address = browser.shown.url
    const thief = new Browser(idp)
    await thief.open(rp.begin().url) // a sign-in of its own
    const tries = async () => [
      (await thief.open(address)).status,
      (await new Browser(idp).open(address)).status,
    ]
    expect(await tries()).toEqual([400, 400])
    await release()
    await goOn(browser)
    expect(await tries()).toEqual([400, 400])
    expect(browser.step()).toBe('enrol')
  })

  test('what is stored meanwhile holds no password', async () => {
    const person = await idp.createPerson()
    const { browser } = await standInLine(person)
    const { ring, store } = idp.services
    const row = await store.oidcArtifacts.find(
      'Interaction',
      ring.macs('lookup', `Interaction:${browser.uid()}`),
    )
    if (row === undefined) throw new Error('no interaction')
    const stored = JSON.stringify(openArtifact(ring, row))
    expect(stored).toContain(person.cip)
    expect(stored).not.toContain(person.password)
    expect(await idp.db('waiting_places')).toEqual([]) // asked for at its keeper alone
  })
})

describe('with a second process over the same database', () => {
  /** The other process, and the same browser there. */
  async function startOther() {
    const other = await startIdp({ databaseUrl: idp.config.databaseUrl, passwordPatienceMs: PATIENCE_MS })
    return {
      async follow(browser: Browser): Promise<Browser> {
        const there = new Browser(other)
        for (const { name, value, path } of browser.cookies()) there.setCookie(name, value, path)
        await there.open(new URL(browser.shown.url).pathname)
        return there
      },
      stop: () => other.stop(),
    }
  }

  test('any of them shows the page, keeps the place and finds the answer', async () => {
    const { follow, stop } = await startOther()
    try {
      const { browser } = await standInLine(await idp.createPerson())
      const there = await follow(browser)
      for (let times = 0; times < 3; times += 1) {
        await refresh(there)
        expect(there.step()).toBe('waiting')
        await passSilently(10)
      }
      await release()
      await goOn(there)
      expect([there.step(), there.shown.status]).toEqual(['enrol', 200])
    } finally {
      await stop()
    }
  })

  test('what was left by « Recommencer » at one of them stays left at the other', async () => {
    const { follow, stop } = await startOther()
    try {
      const person = await idp.createPerson()
      const there = await follow((await standInLine(person)).browser)
      await there.submit({}, { form: '/restart' })
      await release()
      await until(async () => (await failuresOf(idp, `password-account:${person.cip}`)) === 0)
      await idp.services.waitingPlaces.end()
      await refresh(there)
      expect([there.step(), there.shown.status]).toEqual(['password', 200])
    } finally {
      await stop()
    }
  })

  test('a place whose keeper has gone is given up after fifteen seconds, the CIP kept', async () => {
    const { follow, stop } = await startOther()
    try {
      const person = await idp.createPerson()
      const there = await follow((await standInLine(person)).browser)
      clock.advance({ seconds: 14 })
      await refresh(there)
      expect(there.step()).toBe('waiting')
      clock.advance({ seconds: 1 })
      await refresh(there)
      expect([there.step(), there.shown.status]).toEqual(['password', 503])
      expect(there.shown.html).toContain(`value="${person.cip}"`)
    } finally {
      await stop()
    }
  })
})
