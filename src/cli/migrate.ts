// `migrate`: brings the schema up to date. The one command that works on a fresh database.

import type { Command } from 'commander'
import { migrateToLatest } from '../../db/migrate.js'
import type { Answering } from './output.js'
import { withDatabase, type Terminal } from './command-context.js'

export function addMigrateCommand(migrate: Command, answering: Answering, terminal: Terminal): void {
  migrate.action(() =>
    answering(async () => {
      const migrations = await withDatabase(terminal, migrateToLatest)
      return {
        ok: true,
        json: { migrations },
        text: migrations.length > 0 ? migrations.join('\n') : 'Nothing to do: the database is up to date.',
      }
    }),
  )
}
