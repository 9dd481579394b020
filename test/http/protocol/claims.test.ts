// What an application learns of a person, and where: the ID token, which travels through browsers, carries
// what the record names and no more. Threat: an application that asks for what it was not given.

import { describe, expect, test } from '@jest/globals'
import { createHash } from 'node:crypto'
import { Browser } from '../../support/browser.js'
import { clock } from '../../support/clock.js'
import { createEnrolled, OPERATOR } from '../../support/people.js'
import { access, read, verify } from '../../support/protocol.js'
import { claimsOf, registerRelyingParty, type RelyingParty } from '../../support/relying-party.js'
import { useIdp } from '../../support/use-idp.js'

const ALL = 'openid profile email phone address cip groups'
const API = 'https://horaire.exemple.ca/api'

const idp = await useIdp()
const somebody = await createEnrolled(idp)
const update = async (changes: Parameters<typeof idp.services.profileUpdate.update>[1]) => {
  const outcome = await idp.services.profileUpdate.update(somebody.person, changes, OPERATOR, 'test')
  expect(outcome.ok).toBe(true)
}

async function signedIn(rp: RelyingParty, parameters: Record<string, string> = {}) {
  const { callback, verifier } = await access(rp, somebody, new Browser(idp), parameters)
  const tokens = await rp.tokens(callback, verifier)
  return { tokens, idToken: claimsOf(tokens.id_token) }
}
const registered = (client_id: string, more: Record<string, unknown> = {}) =>
  registerRelyingParty(idp, { client_id, scope: ALL, ...more })

describe('userinfo', () => {
  test('leaves out what is not known, and gives it once an operator has said it', async () => {
    const rp = await registered('everything')
    const { tokens } = await signedIn(rp, { scope: ALL })
    const before = await rp.userinfo(tokens.access_token)
    expect(Object.keys(before).toSorted()).toEqual(
      'cip email email_verified groups locale name preferred_username sub updated_at'.split(' '),
    )
    clock.advance({ minutes: 1 })
    await update({
      givenName: 'Marie',
      familyName: 'Tremblay',
      zoneinfo: 'America/Toronto',
      phoneNumber: '+1 819 555-0123',
      address: { street_address: '580, rue Bowen', locality: 'Sherbrooke', country: 'Canada' },
    })
    const after = await rp.userinfo(tokens.access_token)
    expect(after).toEqual({
      ...before,
      given_name: 'Marie',
      family_name: 'Tremblay',
      zoneinfo: 'America/Toronto',
      phone_number: '+1 819 555-0123',
      phone_number_verified: false,
      address: { street_address: '580, rue Bowen', locality: 'Sherbrooke', country: 'Canada' },
      updated_at: expect.any(Number),
    })
    expect(after['updated_at']).toBeGreaterThan(Number(before['updated_at']))
  })

  test('gives nothing that the record names no scope for, asked for by name or not', async () => {
    const rp = await registered('narrow', { scope: 'openid cip' })
    const wishes = { email: null, groups: null, address: { essential: true }, cip: null }
    const claims = JSON.stringify({ userinfo: wishes, id_token: wishes })
    const { tokens, idToken } = await signedIn(rp, { scope: 'openid', claims })
    const { cip } = somebody.person
    const given = await rp.userinfo(tokens.access_token)
    expect(given).toEqual({ sub: somebody.person.id, cip })
    expect(idToken).toMatchObject({ cip })
    for (const claim of ['email', 'groups', 'address']) expect(idToken).not.toHaveProperty(claim)
  })
})

describe('the ID token', () => {
  test('carries none of a person’s claims, unless the record names them', async () => {
    const { idToken } = await signedIn(await registered('plain'), { scope: ALL })
    expect(Object.keys(idToken).toSorted()).toEqual(
      'acr amr at_hash aud auth_time exp iat iss nonce sub'.split(' '),
    )
  })

  test('carries what the record names, of the scopes that were asked for', async () => {
    const rp = await registered('named', { id_token_claims: ['name', 'email'] })
    const { name, email } = somebody.person
    const both = (await signedIn(rp, { scope: 'openid profile email' })).idToken
    expect(both).toMatchObject({ name, email })
    for (const claim of ['locale', 'preferred_username', 'email_verified'])
      expect(both).not.toHaveProperty(claim)
    const one = (await signedIn(rp, { scope: 'openid email' })).idToken
    expect(one).toMatchObject({ email })
    expect(one).not.toHaveProperty('name')
  })

  test('of a refresh carries the same, as it is by then', async () => {
    const rp = await registered('refreshing', {
      id_token_claims: ['name'],
      grant_types: ['authorization_code', 'refresh_token'],
    })
    const { tokens } = await signedIn(rp)
    await update({ name: 'Marie Roy' })
    const { body } = await read(
      rp.post('/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }),
    )
    expect(claimsOf(String(body['id_token']))).toMatchObject({ name: 'Marie Roy', at_hash: hash(body) })
    await update({ name: somebody.person.name })
  })

  /** OpenID Connect Core §3.1.3.6, by hand. */
  function hash({ access_token: token }: { access_token?: unknown }, algorithm = 'sha256'): string {
    const digest = createHash(algorithm).update(String(token), 'ascii').digest()
    return digest.subarray(0, digest.length / 2).toString('base64url')
  }

  test.each([
    ['RS256', 'sha256'],
    ['ES256', 'sha256'],
    ['PS256', 'sha256'],
    ['EdDSA', 'sha512'],
  ])('signed %s binds the access token by at_hash', async (alg, algorithm) => {
    const rp = await registered(`hash-${alg}`, { id_token_signed_response_alg: alg })
    const { tokens } = await signedIn(rp)
    const { payload } = await verify(idp, tokens.id_token, { audience: rp.clientId })
    expect(payload['at_hash']).toBe(hash(tokens, algorithm))
  })

  test('binds a JWT for an API as well', async () => {
    const api = { indicator: API, name: 'Horaire', scopes: ['read'], tokenSeconds: 300 }
    await idp.services.resourceServers.create(api, OPERATOR)
    const rp = await registered('with-api', { apis: { [API]: ['read'] } })
    const { tokens, idToken } = await signedIn(rp, { scope: 'openid read', resource: API })
    expect(tokens.access_token.split('.')).toHaveLength(3)
    expect(idToken['at_hash']).toBe(hash(tokens))
  })

  test.each([
    [{ id_token_claims: ['everything'] }, /id_token_claims/],
    [{ id_token_claims: ['sub'] }, /id_token_claims/],
    [{ id_token_claims: ['email'], scope: 'openid profile' }, /email is in no scope of the record/],
    [{ groups_filter: ['soins'], scope: 'openid' }, /must name the scope groups/],
    [{ groups_claim: 'realm_access' }, /groups_claim/],
    [{ groups_filter: ['*a'] }, /groups_filter/],
    [{ required_groups: [] }, /required_groups/],
    [{ required_groups: ['a,b'] }, /required_groups/],
  ])('a record with %j is refused', async (more, fault) => {
    await expect(registered('refused', more)).rejects.toThrow(fault)
  })
})

describe('groups', () => {
  test.each([
    [{}, { groups: ['<b>urgence</b>', 'horaire-chefs', 'soins'] }],
    [{ groups_filter: ['horaire-*', 'inconnu'] }, { groups: ['horaire-chefs'] }],
    [{ groups_claim: 'roles', groups_filter: ['soins'] }, { roles: ['soins'] }],
    [{ groups_filter: ['personne'] }, { groups: [] }],
  ])('a record with %j gets %j', async (more, expected) => {
    await update({ addGroups: ['soins', 'horaire-chefs', '<b>urgence</b>'] })
    const rp = await registered(`groups-${Object.values(more).flat().join('-').replaceAll('*', '')}`, more)
    const { tokens } = await signedIn(rp, { scope: 'openid groups' })
    expect(await rp.userinfo(tokens.access_token)).toEqual({ sub: somebody.person.id, ...expected })
  })

  test('reach the ID token by name alone, under the name of the record', async () => {
    const rp = await registered('roles', { groups_claim: 'roles', id_token_claims: ['roles'] })
    const { idToken } = await signedIn(rp, { scope: 'openid groups' })
    expect(idToken).toMatchObject({ roles: ['<b>urgence</b>', 'horaire-chefs', 'soins'] })
    expect(idToken).not.toHaveProperty('groups')
  })
})
