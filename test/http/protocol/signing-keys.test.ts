// Threat: a change of keys that makes good tokens fail somewhere, or a stolen key that goes on signing
// (OIDC-6, M29).

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { startIdp, type Idp } from '../../support/idp.js'
import { createEnrolled } from '../../support/people.js'
import { access, answerOf, read, startTwin } from '../../support/protocol.js'
import { registerRelyingParty, type RelyingParty } from '../../support/relying-party.js'
import { unexpectedFailures } from '../../support/situations.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }
const API = 'https://horaire.exemple.ca/api'
const HOUR_MS = 3_600_000

let idp: Idp
let twin: Awaited<ReturnType<typeof startTwin>>
let service: RelyingParty
beforeEach(async () => {
  idp = await startIdp()
  await idp.db('signing_keys').update({ signsFrom: clock.now() })
  twin = await startTwin(idp)
  await idp.services.resourceServers.create(
    { indicator: API, name: 'Horaire', scopes: ['read'], tokenSeconds: 300 },
    operator,
  )
  service = await registerRelyingParty(idp, {
    client_id: 'service',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    apis: { [API]: ['read'] },
  })
})
afterEach(async () => {
  expect([...unexpectedFailures(idp), ...unexpectedFailures(twin)]).toEqual([])
  await twin.stop()
  await idp.stop()
})

const form = { grant_type: 'client_credentials', scope: 'read', resource: API }
const published = async () => (await read(fetch(`${idp.url}/jwks`))).body as unknown as JSONWebKeySet
const kids = async () =>
  (await published()).keys.map(({ kid }) => String(kid)).toSorted((a, b) => a.localeCompare(b))
const kidOf = (jwt: string): string =>
  (JSON.parse(Buffer.from(jwt.split('.')[0] ?? '', 'base64url').toString()) as { kid: string }).kid

/** One token from each provider. */
async function tokens(): Promise<string[]> {
  const basic = `Basic ${Buffer.from(`service:${service.secret}`).toString('base64')}`
  const answers = [
    await read(service.post('/token', form)),
    await twin.post('/token', form, { Authorization: basic }),
  ]
  return answers.map(({ status, body }) => {
    expect(status).toBe(200)
    return String(body['access_token'])
  })
}

const holds = (jwt: string, jwks: JSONWebKeySet) =>
  jwtVerify(jwt, createLocalJWKSet(jwks), {
    issuer: idp.url,
    audience: API,
    currentDate: new Date(clock.now()),
  }).then(
    () => true,
    () => false,
  )

/** The oldest copy of the keys that an application with a cache of an hour may still use. */
function createCache() {
  const copies: { at: number; jwks: JSONWebKeySet }[] = []
  return async (): Promise<JSONWebKeySet> => {
    copies.push({ at: clock.now(), jwks: await published() })
    while (copies.length > 1 && (copies[1]?.at ?? 0) <= clock.now() - HOUR_MS) copies.shift()
    return copies[0]?.jwks ?? { keys: [] }
  }
}

test('a rotation, seen from applications that keep the keys for an hour: no token of two providers ever fails', async () => {
  const cached = createCache()
  const before = await kids()
  const rotated = await idp.services.signingKeys.rotate(operator, false)
  const signsFrom = Math.max(...rotated.map((key) => key.signsFrom))
  expect(signsFrom - clock.now()).toBeGreaterThan(23.9 * HOUR_MS)
  const signers: string[] = []
  // The hours at which something changes, or is about to; every quarter: services/key-rotation.test.ts.
  for (const hour of [0, 0.25, 1, 23.75, 24, 24.25, 25, 47.75, 48, 48.25, 49]) {
    clock.advance({ hours: hour - 24 + (signsFrom - clock.now()) / HOUR_MS })
    // The twin learns of it half a minute later, as two processes do.
    await idp.app.refreshKeys()
    const jwks = await cached()
    const [ours = '', theirs = ''] = await tokens()
    await twin.app.refreshKeys()
    for (const jwt of [ours, theirs]) {
      expect({ hour, holds: await holds(jwt, jwks) }).toEqual({ hour, holds: true })
      expect(await holds(jwt, await published())).toBe(true)
    }
    signers.push(kidOf(ours))
  }
  const [old = '', next = ''] = [...new Set(signers)]
  expect(old).toBe('test-key')
  expect(before).not.toContain(next)
  expect(signers).toEqual([...Array.from({ length: 4 }, () => old), ...Array.from({ length: 7 }, () => next)])
  const after = await kids()
  expect(after).toContain(next)
  expect(after).not.toContain(old) // and gone a day after it has stopped
})

test('under load, while both providers change keys, every answer is good', async () => {
  await idp.services.signingKeys.rotate(operator, false)
  await Promise.all([idp.app.refreshKeys(), twin.app.refreshKeys()])
  const jwks = await published()
  clock.advance({ hours: 24, seconds: 1 })
  const bursts = Array.from({ length: 10 }, tokens)
  await Promise.all([idp.app.refreshKeys(), twin.app.refreshKeys(), ...bursts])
  const all = [...(await Promise.all(bursts)).flat(), ...(await tokens())]
  expect(await Promise.all(all.map((jwt) => holds(jwt, jwks)))).toEqual(all.map(() => true))
  expect(new Set((await tokens()).map(kidOf)).has('test-key')).toBe(false)
})

test('sessions, codes and sign-ins under way outlive the change of the provider', async () => {
  const rp = await registerRelyingParty(idp)
  const somebody = await createEnrolled(idp)
  const browser = new Browser(idp)
  const first = await access(rp, somebody, browser)
  const underWay = new Browser(idp)
  await underWay.open(rp.begin().url)
  await idp.services.signingKeys.rotate(operator, true)
  await idp.app.refreshKeys()
  expect((await rp.exchange(answerOf(first.callback)['code'] ?? '', first.verifier)).status).toBe(200)
  await browser.open(rp.begin({ prompt: 'none' }).url)
  expect(answerOf(browser.shown.url)).toHaveProperty('code')
  await underWay.submit({ cip: somebody.person.cip, password: somebody.person.password })
  expect(underWay.step()).toBe('one-time-code')
})

describe('by itself', () => {
  test('a key that has signed for ninety days is replaced, with a day’s notice', async () => {
    const [before] = await tokens()
    clock.advance({ days: 88 })
    await idp.app.refreshKeys()
    expect(await kids()).toHaveLength(3)
    clock.advance({ days: 1, seconds: 1 })
    await Promise.all([idp.app.refreshKeys(), twin.app.refreshKeys()])
    expect(await kids()).toHaveLength(6) // two processes at once make one of each
    expect(kidOf((await tokens())[0] ?? '')).toBe(kidOf(before ?? ''))
    clock.advance({ days: 1, seconds: 1 })
    await Promise.all([idp.app.refreshKeys(), twin.app.refreshKeys()])
    expect((await tokens()).map(kidOf)).not.toContain(kidOf(before ?? ''))
    clock.advance({ days: 1, seconds: 1 })
    await idp.app.refreshKeys()
    expect(await kids()).toHaveLength(3)
    expect(await idp.db('signing_keys').select()).toHaveLength(3)
  })
})

describe('a key that was stolen', () => {
  test('stops signing at once, and what it signed is believed no more', async () => {
    const [stolen = ''] = await tokens()
    await idp.services.signingKeys.rotate(operator, true)
    await Promise.all([idp.app.refreshKeys(), twin.app.refreshKeys()])
    expect(await kids()).not.toContain('test-key')
    expect(await holds(stolen, await published())).toBe(false)
    for (const jwt of await tokens()) expect(await holds(jwt, await published())).toBe(true)
  })

  test('takes along the one that was to follow it: it never comes to sign', async () => {
    await idp.services.signingKeys.rotate(operator, false)
    await idp.app.refreshKeys()
    const stolen = await kids()
    await idp.services.signingKeys.rotate(operator, true)
    await Promise.all([idp.app.refreshKeys(), twin.app.refreshKeys()])
    expect((await kids()).filter((kid) => stolen.includes(kid))).toEqual([])
    clock.advance({ days: 2 })
    await Promise.all([idp.app.refreshKeys(), twin.app.refreshKeys()])
    for (const jwt of await tokens()) expect(await holds(jwt, await published())).toBe(true)
    expect(await kids()).toHaveLength(3)
  })
})
