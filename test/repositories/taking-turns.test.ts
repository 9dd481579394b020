// Processes that meet at one database: a transaction that cannot begin, and a migration that another process
// left behind.

import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Knex } from 'knex'
import { connectDatabase } from '../../db/connect.js'
import { migrateToLatest } from '../../db/migrate.js'
import { withinDatabaseTime } from '../../db/time-limit.js'
import { createTestDatabase, type TestDatabase } from '../support/databases.js'

let database: TestDatabase
let one: Knex
let other: Knex

beforeEach(async () => {
  database = await createTestDatabase('sqlite')
  one = connectDatabase(database.url)
  other = connectDatabase(database.url)
})

afterEach(async () => {
  await Promise.all([one.destroy(), other.destroy()])
  await database.remove()
})

test('a transaction that cannot begin runs nothing of its work', async () => {
  await one.raw('create table marks (mark integer)')
  await other.raw('select 1') // connected: what remains of the time is spent in line
  let hasRun = false
  await one.transaction(async (holder) => {
    await holder('marks').insert({ mark: 1 })
    const refused = withinDatabaseTime(200, () =>
      other.transaction(async (trx) => {
        hasRun = true
        await trx('marks').insert({ mark: 2 })
      }),
    )
    await expect(refused).rejects.toMatchObject({ code: 'database-unavailable', reason: 'busy' })
  })
  expect(hasRun).toBe(false)
  expect(await one('marks').select('mark')).toEqual([{ mark: 1 }])
})

test('processes that start at once on an empty database migrate it once', async () => {
  const ran = await Promise.all([migrateToLatest(one), migrateToLatest(other)])
  expect(ran.filter((names) => names.length > 0)).toHaveLength(1)
})

test('a migration stays in line when it is told once that somebody holds the database', async () => {
  let migration: Promise<string[]> | undefined
  await other.transaction(async () => {
    const refused = new Promise((resolve) => one.on('query-error', resolve))
    migration = migrateToLatest(one)
    await refused
  })
  expect(await migration).not.toEqual([])
})

test('a migration whose process was killed hinders nobody', async () => {
  await migrateToLatest(one)
  await one('knex_migrations_lock').update({ is_locked: 1 })
  expect(await migrateToLatest(other)).toEqual([])
})
