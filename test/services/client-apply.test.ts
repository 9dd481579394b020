// Threat: two operators apply their files at once, and one is told that a client was created, with a secret
// that works nowhere. Whoever is overtaken is refused, and nothing of the file has happened.

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Store } from '../../db/store.js'
import { createClients } from '../../src/oidc/clients.js'
import { createClientCheck } from '../../src/oidc/library/client-check.js'
import { createRegistration } from '../../src/oidc/registration.js'
import { clock } from '../support/clock.js'
import { describeWith } from '../support/requirements.js'
import { OPERATOR } from '../support/people.js'
import { openServices, type TestServices } from '../support/services.js'

const record = (id: string, name = id) => ({
  client_id: id,
  client_name: name,
  redirect_uris: [`https://${id}.exemple.ca/cb`],
})

let services: TestServices
afterEach(() => services.close())

describe('overtaken between looking and writing', () => {
  beforeEach(async () => {
    services = await openServices()
  })

  /** Clients of a process that saw `seen` where the database has moved on. */
  function overtaken(clientId: string, seen: Awaited<ReturnType<Store['clients']['find']>>) {
    const { store, audit, ring, config } = services
    const behind: Store = {
      ...store,
      transaction: (work) =>
        store.transaction((tx) => {
          const find: Store['clients']['find'] = async (id) => (id === clientId ? seen : tx.clients.find(id))
          return work({ ...tx, clients: { ...tx.clients, find } })
        }),
    }
    return createClients({
      store: behind,
      audit,
      ring,
      now: clock.now,
      check: createRegistration({
        store: behind,
        library: createClientCheck(config.issuerUrl),
        internalHosts: [],
      }),
    })
  }

  test('a client that somebody else has just created is refused, and the whole file with it', async () => {
    await services.clients.create(record('paie'), OPERATOR)
    const stored = await services.store.clients.find('paie')
    const file = [record('avant'), record('paie', 'La paie'), record('apres')]
    expect(await overtaken('paie', undefined).apply(file, OPERATOR, false)).toEqual({
      ok: false,
      fault: 'client "paie" exists already',
    })
    expect(await services.store.clients.list()).toEqual([stored])
    expect(await services.db('audit_events').where({ event: 'client.created' })).toHaveLength(1)
  })

  test('a client that somebody else has just removed is refused, and the whole file with it', async () => {
    await services.clients.create(record('paie'), OPERATOR)
    const stored = await services.store.clients.find('paie')
    await services.clients.remove('paie', OPERATOR)
    const file = [record('avant'), record('paie', 'La paie')]
    expect(await overtaken('paie', stored).apply(file, OPERATOR, false)).toEqual({
      ok: false,
      fault: 'client "paie" was changed or removed meanwhile',
    })
    expect(await services.store.clients.list()).toEqual([])
    expect(await services.db('audit_events').where({ event: 'client.changed' })).toEqual([])
  })
})

describeWith(['postgres'], 'ten operators at once, over two processes on PostgreSQL', () => {
  let other: TestServices
  beforeEach(async () => {
    services = await openServices({ database: 'postgres' })
    other = await openServices({ databaseUrl: services.config.databaseUrl })
  })
  afterEach(() => other.close())

  test('one creates, with the secret that works; the others find it there, or are refused', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        (index % 2 === 0 ? services : other).clients.apply([record('paie')], OPERATOR, false),
      ),
    )
    const created = outcomes.filter((one) => one.ok && one.applied[0]?.result === 'created')
    expect(created).toHaveLength(1)
    expect(created[0]).toMatchObject({
      secrets: { paie: (await services.clients.load('paie'))?.['client_secret'] },
    })
    for (const outcome of outcomes.filter((one) => !created.includes(one)))
      expect(outcome).toMatchObject(
        outcome.ok
          ? { applied: [{ clientId: 'paie', result: 'unchanged' }], secrets: {} }
          : { fault: 'client "paie" exists already' },
      )
  })
})
