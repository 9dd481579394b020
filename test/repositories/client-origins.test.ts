// The origins of every client's record, one a row: what the index says is what the records say, on both
// databases, for records older than the index too.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Knex } from 'knex'
import { connectDatabase } from '../../db/connect.js'
import { migrateToLatest } from '../../db/migrate.js'
import { createStore, type Store } from '../../db/store.js'
import { createTestDatabase, type DatabaseKind, type TestDatabase } from '../support/databases.js'
import { describeWith } from '../support/requirements.js'

const NOW = 1_800_000_000_000
const PAYROLL = 'https://paie.exemple.ca'
const SCHEDULE = 'https://horaire.exemple.ca'

const record = (clientId: string, origins?: readonly string[]) => ({
  clientId,
  metadata: JSON.stringify({ client_id: clientId, allowed_origins: origins }),
  sealedSecret: null,
  createdAt: NOW,
  updatedAt: NOW,
})

function suite(kind: DatabaseKind): void {
  let database: TestDatabase
  let db: Knex
  let store: Store
  beforeAll(async () => {
    database = await createTestDatabase(kind)
    db = connectDatabase(database.url)
    store = createStore(db)
  })
  afterAll(async () => {
    await db.destroy()
    await database.remove()
  })

  test('records from before the index are in it', async () => {
    for (let ran = ''; ran !== '0005-names';) [, [ran]] = (await db.migrate.up()) as [number, [string]]
    await db('clients').insert([record('older', [PAYROLL, PAYROLL]), record('without')])
    expect(await migrateToLatest(db)).toContain('0006-client-origins')
    expect(await store.clients.hasOrigin(PAYROLL)).toBe(true)
    expect(await store.clients.hasOrigin('https://evil.example')).toBe(false)
    expect(await store.clients.remove('older')).toBe(true)
  })

  test('an origin is allowed as long as some record names it', async () => {
    await store.clients.insert(record('one', [PAYROLL]))
    await store.clients.insert(record('two', [PAYROLL, SCHEDULE, SCHEDULE]))
    expect(await store.clients.insert(record('one', [SCHEDULE]))).toBe(false)
    await store.clients.update('one', { sealedSecret: 'k.x' })
    await store.clients.remove('two')
    expect([await store.clients.hasOrigin(PAYROLL), await store.clients.hasOrigin(SCHEDULE)]).toEqual([
      true,
      false,
    ])
    await store.clients.update('one', record('one', [SCHEDULE]))
    expect([await store.clients.hasOrigin(PAYROLL), await store.clients.hasOrigin(SCHEDULE)]).toEqual([
      false,
      true,
    ])
    await store.clients.remove('one')
    expect(await store.clients.hasOrigin(SCHEDULE)).toBe(false)
  })

  test('a change that is undone leaves the index as it was', async () => {
    await store.clients.insert(record('stays', [PAYROLL]))
    await expect(
      store.transaction(async (tx) => {
        await tx.clients.update('stays', record('stays', [SCHEDULE]))
        throw new Error('changed my mind')
      }),
    ).rejects.toThrow('changed my mind')
    expect([await store.clients.hasOrigin(PAYROLL), await store.clients.hasOrigin(SCHEDULE)]).toEqual([
      true,
      false,
    ])
  })

  if (kind === 'sqlite')
    test('one is found by an index, never by reading them all', async () => {
      const plan = await db.raw<{ detail: string }[]>(
        'explain query plan select client_id from client_origins where origin = ?',
        [PAYROLL],
      )
      expect(plan.map(({ detail }) => detail).join()).toMatch(/^SEARCH client_origins USING COVERING INDEX/)
    })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
