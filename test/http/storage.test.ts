// Threat: strangers who fill the database by requests that nobody ever answers. What one request keeps is
// bounded, and how long, and how many of them one source may have (WEB-9).

import { describe, expect, test } from '@jest/globals'
import { UNVISITED_MS } from '../../src/oidc/adapter.js'
import { LIMITS } from '../../src/limits.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { enrolFirst, givePassword } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { answerOf, read } from '../support/protocol.js'
import { claimsOf, registerRelyingParty } from '../support/relying-party.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp({ settings: { TRUSTED_PROXY_HOPS: '1' } })
const rp = await registerRelyingParty(idp)
const HORAIRE = 'href="http://localhost:9/horaire"'
const HOME_OF_APPLICATION = 'href="http://localhost:9/"'
const other = await registerRelyingParty(idp, {
  client_id: 'horaire',
  client_name: 'Horaire',
  client_uri: 'http://localhost:9/horaire',
})

const kept = async (): Promise<number> => (await idp.db('oidc_artifacts').whereNull('accountId')).length

describe('a request that is too long', () => {
  const TOO_LONG: Record<string, [parameters: Record<string, string>, words: string]> = {
    'its state': [{ state: 'x'.repeat(1025) }, 'state must not be longer than 1024 bytes'],
    'its nonce': [{ nonce: 'x'.repeat(257) }, 'nonce must not be longer than 256 bytes'],
    'all of it': [
      { state: 'x'.repeat(1024), ui_locales: `fr ${'x'.repeat(512)}` },
      'all parameters together must not be longer than 1536 bytes',
    ],
  }

  test.each(Object.entries(TOO_LONG))(
    '(%s) goes back to the application, and nothing is kept',
    async (_name, [parameters, words]) => {
      const before = await kept()
      const answer = await new Browser(idp).request(rp.begin(parameters).url)
      expect(answerOf(answer.headers.get('location') ?? '')).toMatchObject({
        error: 'invalid_request',
        error_description: words,
      })
      expect(await kept()).toBe(before)
    },
  )

  test.each(Object.entries(TOO_LONG))('(%s), posted: the same', async (_name, [parameters, words]) => {
    const { search, pathname } = new URL(rp.begin(parameters).url)
    const browser = new Browser(idp)
    await browser.post(pathname, search.slice(1), {
      'Origin': 'http://localhost:9',
      'Sec-Fetch-Site': 'cross-site',
    })
    expect(answerOf(browser.shown.url)).toMatchObject({ error: 'invalid_request', error_description: words })
  })

  test.each(Object.entries(TOO_LONG))(
    '(%s), pushed: refused in words, and not kept',
    async (_name, [parameters, words]) => {
      const before = await kept()
      const form = Object.fromEntries(new URL(rp.begin(parameters).url).searchParams)
      expect(await read(rp.post('/request', form))).toEqual({
        status: 400,
        body: { error: 'invalid_request', error_description: words },
      })
      expect(await kept()).toBe(before)
    },
  )

  test('a request object that nobody signed is none at all', async () => {
    const before = await kept()
    const answer = await new Browser(idp).request(rp.begin({ request: `a.${'x'.repeat(9000)}.` }).url)
    expect(answerOf(answer.headers.get('location') ?? '')['error']).toBe('invalid_request_object')
    expect(await kept()).toBe(before)
  })

  test('one as long as allowed comes back whole', async () => {
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    const state = 'x'.repeat(1024)
    const nonce = 'y'.repeat(43)
    const { verifier } = await givePassword(browser, rp, person, { state, nonce })
    await browser.submit({ code: phone.code() })
    expect(answerOf(browser.shown.url)['state']).toBe(state)
    expect(claimsOf((await rp.tokens(browser.shown.url, verifier)).id_token)['nonce']).toBe(nonce)
  })

  test('an ID token as a hint is long, and signed by us: it is taken beside the rest', async () => {
    const { callback, verifier, browser } = await enrolFirst(idp, rp, await idp.createPerson())
    const { id_token: hint } = await rp.tokens(callback, verifier)
    const answer = await browser.request(
      rp.begin({ id_token_hint: hint, state: 'x'.repeat(1000), prompt: 'none' }).url,
    )
    expect(answerOf(answer.headers.get('location') ?? '')).toHaveProperty('code')
  })
})

describe('a request that nobody answers', () => {
  async function purged(): Promise<number> {
    await idp.app.purge()
    return kept()
  }

  test('whose page was never opened goes after two minutes', async () => {
    const before = await purged()
    for (let count = 0; count < 3; count += 1) await new Browser(idp).request(rp.begin().url)
    clock.advance({ seconds: UNVISITED_MS / 1000 - 1 })
    expect(await purged()).toBe(before + 3)
    clock.advance({ seconds: 2 })
    expect(await purged()).toBe(before)
  })

  test('whose page was opened has its 25 minutes, and goes then', async () => {
    const before = await purged()
    const { person, phone } = await createEnrolled(idp)
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    clock.advance({ minutes: 24 })
    expect(await purged()).toBe(before + 1)
    await browser.submit({ cip: person.cip, password: person.password })
    clock.nextStep()
    await browser.submit({ code: phone.code() })
    expect(browser.shown.url).toContain('code=')
    expect(await purged()).toBe(before)

    await new Browser(idp).open(rp.begin().url)
    clock.advance({ minutes: 26 })
    expect(await purged()).toBe(before)
  })

  test('pushed, goes after a minute', async () => {
    const before = await purged()
    const form = Object.fromEntries(new URL(rp.begin().url).searchParams)
    expect((await rp.post('/request', form)).status).toBe(201)
    expect(await purged()).toBe(before + 1)
    clock.advance({ seconds: 61 })
    expect(await purged()).toBe(before)
  })

  test('of a sign-out by nobody, goes after two minutes', async () => {
    const before = await purged()
    await new Browser(idp).open('/session/end')
    clock.advance({ seconds: 121 })
    expect(await purged()).toBe(before)
  })
})

describe('the way back, once the database keeps nothing', () => {
  async function expire(): Promise<void> {
    clock.advance({ minutes: 26 })
    await idp.app.purge()
    expect(await idp.db('oidc_artifacts').where({ model: 'Interaction' })).toEqual([])
  }

  test('leads each tab to its own application', async () => {
    const browser = new Browser(idp)
    const pages: [path: string, home: string][] = []
    for (const [client, home] of [
      [rp, HOME_OF_APPLICATION],
      [other, HORAIRE],
    ] as const) {
      await browser.open(client.begin().url)
      pages.push([`/interaction/${browser.uid()}/password`, home], [`/auth/${browser.uid()}`, home])
    }
    await expire()
    for (const [path, home] of pages) {
      await browser.open(path)
      expect({ path, status: browser.shown.status }).toEqual({ path, status: 400 })
      expect(browser.shown.html).toContain(home)
    }
  })

  test('is remembered for a day and five sign-ins, and not by others', async () => {
    const browser = new Browser(idp)
    const paths: string[] = []
    for (let tab = 1; tab <= 6; tab += 1) {
      await browser.open(rp.begin().url)
      paths.push(`/interaction/${browser.uid()}/password`)
    }
    await expire()
    const leadsBack = async (where: Browser, path = '') => {
      await where.open(path)
      return where.shown.html.includes(HOME_OF_APPLICATION)
    }
    expect(await Promise.all(paths.map((path) => leadsBack(browser.clone(), path)))).toEqual([
      false,
      true,
      true,
      true,
      true,
      true,
    ])
    expect(await leadsBack(new Browser(idp), paths[5])).toBe(false)
    clock.advance({ hours: 24 })
    expect(await leadsBack(browser, paths[5])).toBe(false)
  })

  test('is read from a cookie of ours alone', async () => {
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    const path = `/interaction/${browser.uid()}/password`
    const forged = Buffer.from(JSON.stringify([[browser.uid().slice(0, 8), 'horaire', clock.now() + 1e9]]))
    const [, mac = ''] = browser.cookie('laissez-passer-way-back')?.split('.') ?? []
    await expire()
    for (const value of [
      `${forged.toString('base64url')}.${mac}`,
      `x.${mac}`,
      'x',
      '',
      `${'A'.repeat(3000)}.x`,
    ]) {
      browser.setCookie('laissez-passer-way-back', value)
      await browser.open(path)
      expect(browser.shown.status).toBe(400)
      expect(browser.shown.html).not.toContain(HORAIRE)
    }
  })
})

describe('one source that begins more than a hospital does', () => {
  const from = (address: string, language = 'fr-CA') =>
    new Browser(idp, { 'X-Forwarded-For': address, 'Accept-Language': language })
  /** As if so many had been begun. */
  const begun = (subject: string, failures: number) =>
    idp
      .db('attempts')
      .insert({
        key: `requests-source:${subject}`,
        failures,
        blockedUntil: 0,
        windowStartedAt: clock.now(),
        expiresAt: clock.now() + 900_000,
      })
      .onConflict('key')
      .merge()

  test('waits, whoever shares its network too; others and those who are signed in do not', async () => {
    const insider = from('203.0.113.9')
    await enrolFirst(idp, rp, await idp.createPerson(), insider)
    await begun('203.0.113.9', LIMITS['requests-source'].free)
    expect((await from('203.0.113.9').request(rp.begin().url)).status).toBe(303) // the last of the free ones
    const before = await kept()
    const waiting = from('203.0.113.9')
    await waiting.open(rp.begin().url)
    expect(waiting.shown.status).toBe(429)
    expect(waiting.shown.headers.get('retry-after')).toBe('60')
    expect(waiting.heading()).toBe('Trop de demandes en peu de temps')
    const english = from('203.0.113.9', 'en')
    await english.open(rp.begin().url)
    expect(english.heading()).toBe('Too many requests in a short time')
    expect(await kept()).toBe(before)
    expect((await from('203.0.113.10').request(rp.begin().url)).status).toBe(303)
    expect((await insider.request(rp.begin({ prompt: 'none' }).url)).headers.get('location')).toContain(
      'code=',
    )
    clock.advance({ seconds: 61 })
    expect((await from('203.0.113.9').request(rp.begin().url)).status).toBe(303)
  })

  test('pushed requests count as well', async () => {
    await begun('203.0.113.20', LIMITS['requests-source'].free)
    const form = Object.fromEntries(new URL(rp.begin().url).searchParams)
    const push = async () =>
      fetch(`${idp.url}/request`, {
        method: 'POST',
        headers: {
          'Authorization': `Basic ${Buffer.from(`${rp.clientId}:${rp.secret}`).toString('base64')}`,
          'X-Forwarded-For': '203.0.113.20',
          'Accept': 'application/json',
        },
        body: new URLSearchParams(form),
      })
    expect((await push()).status).toBe(201)
    const refused = await push()
    expect(refused.status).toBe(429)
    expect(await refused.json()).toMatchObject({ error: 'too-many-requests' })
  })

  test('a request that keeps nothing counts nothing', async () => {
    const browser = from('203.0.113.30')
    await browser.request(rp.begin({ prompt: 'none' }).url)
    await browser.request(rp.begin({ client_id: 'inconnue' }).url)
    await browser.request(rp.begin({ state: 'x'.repeat(2000) }).url)
    expect(await idp.db('attempts').where('key', 'requests-source:203.0.113.30')).toEqual([])
    await browser.request(rp.begin().url)
    expect(await idp.db('attempts').where('key', 'requests-source:203.0.113.30')).toMatchObject([
      { failures: 1 },
    ])
  })
})
