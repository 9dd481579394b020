// The one timeline of migrations for both databases. A migration that has been released is never edited.

import type { Knex } from 'knex'
import * as m0001 from './0001-foundation.js'

type Migration = { name: string; up: (db: Knex) => Promise<void>; down: (db: Knex) => Promise<void> }

const migrations: Migration[] = [{ name: '0001-foundation', ...m0001 }]

export const migrationSource: Knex.MigrationSource<Migration> = {
  getMigrations: async () => migrations,
  getMigrationName: (migration) => migration.name,
  getMigration: async (migration) => ({ up: migration.up, down: migration.down }),
}
