// Threat: a record that cannot work, or says less than its owner believes, is kept without a word, and is
// found out at somebody's first sign-in, or never.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createClientCheck } from '../../src/oidc/library/client-check.js'
import { createRegistration } from '../../src/oidc/registration.js'
import { OPERATOR } from '../support/people.js'
import { openServices, type TestServices } from '../support/services.js'

const API = 'https://horaire.exemple.ca/api'
const PAIE = { client_id: 'paie', redirect_uris: ['https://paie.exemple.ca/cb'] }
const PROGRAM = { client_id: 'rapports', grant_types: ['client_credentials'] }

let services: TestServices
beforeAll(async () => {
  services = await openServices({ settings: { INTERNAL_HOSTS: '10.1.2.3:8443' } })
  await services.resourceServers.create(
    { indicator: API, name: 'Horaire', scopes: ['read', 'write'], tokenSeconds: 300 },
    OPERATOR,
  )
})
afterAll(() => services.close())

describe('a record that cannot work', () => {
  test.each([
    [
      'a misspelt wish',
      { ...PAIE, sign_in_everytime: true },
      'sign_in_everytime: there is no such member (did you mean sign_in_every_time?)',
    ],
    [
      'a misspelt name in another language',
      { ...PAIE, 'client_name#fr': 'Paie' },
      'client_name#fr: there is no such member (did you mean client_name#en?)',
    ],
    ['a member that is like no other', { ...PAIE, zzzzzz: 1 }, 'zzzzzz: there is no such member'],
    ['something every object has', { ...PAIE, constructor: 1 }, 'constructor: there is no such member'],
    [
      'a scope that nobody knows',
      { ...PAIE, scope: 'openid e-mail' },
      'scope: there is no scope "e-mail" (did you mean email?), only openid, offline_access, profile, email, ',
    ],
    [
      'codes without openid',
      { ...PAIE, scope: 'profile email' },
      'scope: must name openid: without it nobody is signed in',
    ],
    [
      'an asterisk',
      { ...PAIE, redirect_uris: [...PAIE.redirect_uris, 'https://*.exemple.ca/cb'] },
      'redirect_uris, number 2: must be one address: * stands for itself',
    ],
    [
      'an asterisk after the sign-out',
      { ...PAIE, post_logout_redirect_uris: ['https://paie.exemple.ca/*'] },
      'post_logout_redirect_uris, number 1: must be one address',
    ],
    [
      'an asterisk for an origin',
      { ...PAIE, allowed_origins: ['https://*.exemple.ca'] },
      'allowed_origins, number 1: must be a web origin',
    ],
    [
      'a private address that is not listed',
      { ...PAIE, backchannel_logout_uri: 'https://10.1.2.3/notice' },
      'backchannel_logout_uri: 10.1.2.3 is private; it is called only when INTERNAL_HOSTS names 10.1.2.3',
    ],
    [
      'keys at this very machine',
      { ...PAIE, jwks_uri: 'https://[::1]:9/jwks' },
      'jwks_uri: [::1] is private; it is called only when INTERNAL_HOSTS names [::1]:9',
    ],
    [
      'a program without an API',
      PROGRAM,
      'apis: must name an API that client_credentials may ask tokens for',
    ],
    [
      'a program with an API that nobody registered',
      { ...PROGRAM, apis: { 'https://nulle.exemple.ca': ['read'] } },
      'apis: "https://nulle.exemple.ca" is not registered (see: api create, api list)',
    ],
    [
      'a scope that the API lacks',
      { ...PROGRAM, apis: { [API]: ['read', 'wirte'] } },
      `apis: "${API}" has no scope "wirte" (did you mean write?), only read, write`,
    ],
    [
      'a private key',
      { ...PAIE, jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'canary' }] } },
      'jwks: must hold public keys alone',
    ],
  ])('%s is refused, and the fault names the member', async (_what, record, message) => {
    const outcome = await services.clients.create(record, OPERATOR)
    expect(outcome).toMatchObject({ ok: false })
    if (!outcome.ok) expect(outcome.fault.slice(0, message.length)).toBe(message)
    expect(JSON.stringify(outcome)).not.toContain('canary')
    expect(await services.clients.list()).toEqual([])
  })

  test('all faults are said at once', async () => {
    const record = { ...PAIE, pcke: 'optional', scope: 'email', post_logout_redirect_uris: ['http://x.ca/'] }
    expect(await services.clients.create(record, OPERATOR)).toEqual({
      ok: false,
      fault: expect.stringMatching(/^pcke: .*; post_logout_redirect_uris, number 1: .*; scope: /),
    })
  })
})

describe('hosts inside (INTERNAL_HOSTS)', () => {
  const resolving = (addresses: string[]) =>
    createRegistration({
      store: services.store,
      library: createClientCheck(services.config.issuerUrl),
      internalHosts: services.config.internalHosts,
      resolve: async () => addresses,
    })
  const notice = (backchannel_logout_uri: string) => ({ ...PAIE, backchannel_logout_uri })

  test('a listed one is taken, at its port alone', async () => {
    const check = resolving(['10.1.2.3'])
    expect(await check(notice('https://10.1.2.3:8443/notice'))).toMatchObject({ ok: true })
    expect(await check(notice('https://10.1.2.3:8444/notice'))).toMatchObject({ ok: false })
  })

  test.each([
    ['10.0.0.7', false],
    ['192.168.1.1', false],
    ['169.254.169.254', false],
    ['fd00::1', false],
    ['::ffff:10.0.0.7', false],
    ['100.64.0.1', false],
    ['203.0.113.9', false],
    ['93.184.216.34', true],
    ['2606:4700::1111', true],
  ])('a name that leads to %s: %s', async (address, isTaken) => {
    const check = resolving(['93.184.216.34', address])
    expect(await check(notice('https://horaire.exemple.ca/notice'))).toMatchObject({ ok: isTaken })
  })

  test('a name that this machine does not know may be known to the provider', async () => {
    expect(await resolving([])(notice('https://horaire.exemple.ca/notice'))).toMatchObject({ ok: true })
  })
})

test('a change that somebody else made meanwhile is not undone', async () => {
  await services.clients.create(PAIE, OPERATOR)
  const both = await Promise.all([
    services.clients.update('paie', { client_name: 'Paie' }, [], OPERATOR),
    services.clients.update('paie', { sign_in_every_time: true }, [], OPERATOR),
  ])
  expect(both.filter(({ ok }) => ok)).toHaveLength(1)
  expect(both.find(({ ok }) => !ok)).toMatchObject({
    fault: 'client "paie" was changed or removed meanwhile',
  })
})
