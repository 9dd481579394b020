// `migrate`: brings the database up to date: its schema, and the seals of accounts that an older program has
// left. The one command that works on a fresh database.

import type { Command } from 'commander'
import type { Knex } from 'knex'
import { migrateToLatest } from '../../db/migrate.js'
import type { Answering } from './output.js'
import type { Config } from '../config/config.js'
import { checkMasterKeys } from '../keys/master-keys.js'
import { operatorActor } from './operator.js'
import { withDatabase, type Terminal } from './command-context.js'

export function addMigrateCommand(migrate: Command, answering: Answering, terminal: Terminal): void {
  migrate.action(() =>
    answering(async () => {
      const { migrations, accountsSealed } = await withDatabase(terminal, async (db, config) => ({
        migrations: await migrateToLatest(db),
        accountsSealed: await sealOlderAccounts(db, config, terminal),
      }))
      const done = [...migrations, ...(accountsSealed > 0 ? [`Accounts sealed: ${accountsSealed}.`] : [])]
      return {
        ok: true,
        json: { migrations, ...(accountsSealed > 0 && { accountsSealed }) },
        text: done.length > 0 ? done.join('\n') : 'Nothing to do: the database is up to date.',
      }
    }),
  )
}

/** Needs the master keys, which no migration of the schema knows. */
async function sealOlderAccounts(db: Knex, config: Config, { now, env, reason }: Terminal): Promise<number> {
  const { createServices } = await import('../services.js')
  const services = createServices(config, db, now)
  await checkMasterKeys(services)
  return services.accountSeals.sealOlder(operatorActor(env, reason()))
}
