// Threat: an id that a ward computer gave to several people before each had one of their own, and that
// somebody may have copied. The migration forgets it; what is one person's stays.

import { describe, expect, test } from '@jest/globals'
import type { Knex } from 'knex'
import { connectDatabase } from '../../db/connect.js'
import { migrateToLatest } from '../../db/migrate.js'
import { createTestDatabase, type DatabaseKind } from '../support/databases.js'
import { describeWith } from '../support/requirements.js'

const MIGRATION = '0008-known-browsers-and-waits'

async function migrateUpTo(db: Knex, last: string): Promise<void> {
  for (;;) {
    const [, [next]] = (await db.migrate.list()) as [unknown, { name: string }[]]
    if (next === undefined || next.name === last) return
    await db.migrate.up()
  }
}

const account = (id: string) => ({ id, cip: id, name: id, email: `${id}@exemple.ca`, createdAt: 1 })
const known = (browserHash: string, accountId: string) => ({ browserHash, accountId, lastSeenAt: 1 })

function suite(kind: DatabaseKind): void {
  test('an id that several people share is forgotten, one’s own is not', async () => {
    const database = await createTestDatabase(kind)
    const db = connectDatabase(database.url)
    try {
      await migrateUpTo(db, MIGRATION)
      await db('accounts').insert(['a', 'b'].map(account))
      await db('known_browsers').insert([known('ward', 'a'), known('ward', 'b'), known('own', 'a')])
      expect(await migrateToLatest(db)).toContain(MIGRATION)
      expect(await db('known_browsers')).toMatchObject([{ browserHash: 'own', accountId: 'a' }])
    } finally {
      await db.destroy()
      await database.remove()
    }
  })
}

describe('known browsers from before, on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'known browsers from before, on PostgreSQL', () => suite('postgres'))
