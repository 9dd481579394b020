// What is said about a person, and who changed it. Threats: a log that keeps what the erasure of the person
// should have ended; an address changed behind the owner's back; a change past the seal.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { importAccounts } from '../../src/accounts/import.js'
import type { Account } from '../../src/accounts/accounts.js'
import { clock } from '../support/clock.js'
import { OPERATOR } from '../support/people.js'
import { mailsAbout } from '../support/outbox.js'
import { openServices, type TestServices } from '../support/services.js'

const REASON = 'appel du 24 novembre'

let services: TestServices
let account: Account

beforeAll(async () => {
  services = await openServices()
  account = await services.createPerson()
})
afterAll(() => services.close())

const update = (changes: Parameters<TestServices['profileUpdate']['update']>[1]) =>
  services.profileUpdate.update(account, changes, OPERATOR, REASON)
const lastEvent = async () => {
  const [event] = await services.store.auditEvents.listAfter(0, 1_000).then((all) => all.slice(-1))
  return { ...event, details: JSON.parse(event?.details ?? '') as Record<string, unknown> }
}

describe('an operator’s correction', () => {
  test('is stored, dated and recorded with its reason; the log keeps no name and no address', async () => {
    clock.advance({ hours: 1 })
    const before = clock.now()
    const changes = {
      name: 'Marie Roy',
      givenName: 'Marie',
      phoneNumber: '+1 819 555-0123',
      address: { street_address: '580, rue Bowen', locality: 'Sherbrooke' },
      zoneinfo: 'America/Toronto',
      addGroups: ['soins', 'horaire-chefs'],
    }
    expect(await update(changes)).toMatchObject({
      ok: true,
      changed: ['name', 'givenName', 'zoneinfo', 'phoneNumber', 'address', 'groups'],
    })
    expect(await services.account(account)).toMatchObject({
      name: 'Marie Roy',
      address: '{"street_address":"580, rue Bowen","locality":"Sherbrooke"}',
      groups: '["horaire-chefs","soins"]',
    })
    const { updatedAt } = await services.account(account)
    expect(updatedAt).toBeGreaterThanOrEqual(before)
    expect(updatedAt).toBeLessThanOrEqual(clock.now())
    const event = await lastEvent()
    expect(event).toMatchObject({ event: 'account.updated', actor: OPERATOR.name, reason: REASON })
    expect(event.details).toEqual({
      changed: 'name givenName zoneinfo phoneNumber address groups',
      zoneinfoBefore: null,
      zoneinfoAfter: 'America/Toronto',
      groupsBefore: '',
      groupsAfter: 'horaire-chefs, soins',
    })
  })

  test('leaves alone what it does not name, and takes back what is emptied', async () => {
    await update({ address: { street_address: '' }, zoneinfo: '', removeGroups: ['soins', 'inconnu'] })
    expect(await services.account(account)).toMatchObject({
      name: 'Marie Roy',
      address: '{"locality":"Sherbrooke"}',
      zoneinfo: null,
      groups: '["horaire-chefs"]',
    })
  })

  test('that changes nothing is no event, and no new date', async () => {
    const before = { sequence: (await lastEvent()).sequence, account: await services.account(account) }
    clock.advance({ hours: 1 })
    expect(await update({ name: ' Marie Roy ', addGroups: ['horaire-chefs'] })).toMatchObject({ changed: [] })
    expect({
      sequence: (await lastEvent()).sequence,
      account: await services.account(account),
    }).toEqual(before)
  })

  test('of the address is told to the old one and to the new one, and neither mail names the other', async () => {
    await update({ email: 'marie.roy@exemple.ca' })
    const mails = await mailsAbout(account.cip, services)
    expect(mails.map(({ to }) => to).toSorted()).toEqual(['marie.roy@exemple.ca', 'marie@exemple.ca'])
    for (const { to, text } of mails)
      for (const other of ['marie.roy@exemple.ca', 'marie@exemple.ca'].filter((one) => one !== to))
        expect(text).not.toContain(other)
    expect((await lastEvent()).details).toEqual({ changed: 'email' })
  })

  test.each([
    [{ name: ' ' }, 'name-invalid'],
    [{ givenName: 'a\u0000' }, 'given-name-invalid'],
    [{ familyName: 'x'.repeat(101) }, 'family-name-invalid'],
    [{ email: 'nowhere' }, 'email-invalid'],
    [{ zoneinfo: 'Mars/Olympus' }, 'zoneinfo-invalid'],
    [{ zoneinfo: '+05:00' }, 'zoneinfo-invalid'],
    [{ phoneNumber: 'call me' }, 'phone-number-invalid'],
    [{ address: { locality: 'x'.repeat(201) } }, 'address-invalid'],
    [{ addGroups: ['a,b'] }, 'group-invalid'],
    [{ addGroups: ['horaire-*'] }, 'group-invalid'],
    [{ addGroups: [' '] }, 'group-invalid'],
    [{ addGroups: Array.from({ length: 101 }, (_, index) => `g${index}`) }, 'group-invalid'],
  ] as const)('%j is refused, and changes nothing', async (changes, fault) => {
    const before = await services.account(account)
    expect(await update({ givenName: 'Zoé', ...changes })).toEqual({ ok: false, fault })
    expect(await services.account(account)).toEqual(before)
  })

  test('two at once lose nothing of each other’s', async () => {
    const names = Array.from({ length: 8 }, (_, index) => `groupe ${index}`)
    await Promise.all(names.map((name) => update({ addGroups: [name] })))
    expect(JSON.parse((await services.account(account)).groups ?? '')).toEqual([
      'groupe 0',
      'groupe 1',
      'groupe 2',
      'groupe 3',
      'groupe 4',
      'groupe 5',
      'groupe 6',
      'groupe 7',
      'horaire-chefs',
    ])
  })
})

describe('the seal', () => {
  test.each([
    { groups: '["administrateurs"]' },
    { groups: null },
    { givenName: 'Somebody' },
    { zoneinfo: 'Europe/Paris' },
  ])('covers what stands beside: %j written past this program is refused', async (columns) => {
    const person = await services.createPerson()
    await services.profileUpdate.update(person, { addGroups: ['soins'] }, OPERATOR, REASON)
    expect(await services.accounts.findTrusted(person.id)).toBeDefined()
    const { seal } = await services.account(person)
    await services
      .db('accounts')
      .where({ id: person.id })
      .update({ ...columns, seal })
    expect(await services.accounts.findTrusted(person.id)).toBeUndefined()
  })

  test('of an account without any of it is what it was, and a group planted in it is refused', async () => {
    const person = await services.createPerson()
    await services.db('accounts').where({ id: person.id }).update({ groups: '["administrateurs"]' })
    expect(await services.accounts.findTrusted(person.id)).toBeUndefined()
  })

  test('that does not fit is not mended by a correction', async () => {
    const person = await services.createPerson()
    await services.db('accounts').where({ id: person.id }).update({ groups: '["administrateurs"]' })
    await services.profileUpdate.update(person, { name: 'Marie Roy' }, OPERATOR, REASON)
    expect(await services.accounts.findTrusted(person.id)).toBeUndefined()
  })
})

describe('an import', () => {
  const bringIn = (csv: string) =>
    importAccounts(csv, { ...services, now: clock.now, cipPattern: undefined }, OPERATOR)

  test('takes all of it; groups stand in one column', async () => {
    const head =
      'cip,name,email,given_name,family_name,locale,zoneinfo,phone_number,street_address,locality,postal_code,groups'
    const row =
      'imp1,Zoé Île,zoe@exemple.ca,Zoé,Île,en,America/Toronto,555-0123,"580, rue Bowen",Sherbrooke,J1G 2E8,soins; <b>urgence</b>'
    expect(await bringIn(`${head}\n${row}\n`)).toMatchObject([{ result: 'created' }])
    expect(await services.accounts.find('imp1')).toMatchObject({
      givenName: 'Zoé',
      familyName: 'Île',
      locale: 'en',
      zoneinfo: 'America/Toronto',
      phoneNumber: '555-0123',
      address: '{"street_address":"580, rue Bowen","locality":"Sherbrooke","postal_code":"J1G 2E8"}',
      groups: '["<b>urgence</b>","soins"]',
    })
  })

  test.each([
    ['groups', '"a,b"', 'group-invalid'],
    ['zoneinfo', 'ici', 'zoneinfo-invalid'],
    ['locale', 'fr', 'locale-invalid'],
    ['phone_number', 'ici', 'phone-number-invalid'],
  ])('refuses a row whose %s is none', async (column, value, result) => {
    expect(await bringIn(`cip,name,email,${column}\nimp2,Sam Roy,sam@exemple.ca,${value}\n`)).toEqual([
      { line: 2, cip: 'imp2', result },
    ])
  })
})
