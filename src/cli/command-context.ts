// Opens what a command needs (settings, database, services) and closes it again, so that the process can end.
// A setting, a database or a schema that is not ready is an error in words that an operator can act on. What
// a command does not open it does not load either: `keys generate` waits for no database.

import type { Knex } from 'knex'
import type { Account } from '../accounts/accounts.js'
import type { Actor } from '../audit/actor.js'
import type { AuditEvent } from '../audit/audit-log.js'
import type { Config, Environment } from '../config/config.js'
import { AppError } from '../errors.js'
import { checkMasterKeys } from '../keys/master-keys.js'
import type { Services } from '../services.js'
import { operatorActor } from './operator.js'
import type { Answer } from './output.js'

/** The outside world of a command; tests bring their own. */
export type OutsideWorld = {
  env: Environment
  /** All that the file of settings names. */
  namesInFile?: readonly string[]
  stdout: { write(text: string): unknown }
  stderr: { write(text: string): unknown }
  now: () => number
  /** A person sits at the keyboard. */
  isInteractive: boolean
  /** What the demonstration has left, if it ever ran. */
  demoSettings: () => Environment | undefined
}

/** With what the command's words say of why it is run. */
export type Terminal = OutsideWorld & { reason: () => string | undefined }

export type CommandContext = Services & {
  db: Knex
  config: Config
  actor: Actor
  now: () => number
  isInteractive: boolean
}

const ANSWER_WITHIN_MS = 4_000

/** A database that answers, its schema as it may be. */
export async function withDatabase<T>(
  terminal: Terminal,
  work: (db: Knex, config: Config) => Promise<T>,
): Promise<T> {
  const { readConfig } = await import('../config/config.js')
  const config = readConfig(completeSettings(terminal), terminal)
  const db = await reachDatabase(config.databaseUrl)
  try {
    return await work(db, config)
  } finally {
    await db.destroy()
  }
}

/**
 * All services, over a database that is up to date. The settings may lack the master key that is being let
 * go.
 */
export function withServices<T>(
  terminal: Terminal,
  work: (context: CommandContext) => Promise<T>,
  leavingKeyId?: string,
): Promise<T> {
  return withDatabase(terminal, async (db, config) => {
    await refuseOldSchema(db)
    const { now, env, reason, isInteractive } = terminal
    const { createServices } = await import('../services.js')
    const services = createServices(config, db, now)
    await checkMasterKeys(services, leavingKeyId)
    return work({ ...services, db, config, actor: operatorActor(env, reason()), now, isInteractive })
  })
}

/** The services and the account that a CIP names. */
export function withAccount(
  terminal: Terminal,
  cip: string,
  work: (context: CommandContext, account: Account) => Promise<Answer>,
): Promise<Answer> {
  return withServices(terminal, async (context) => {
    const account = await context.accounts.find(cip)
    return account === undefined
      ? { ok: false, fault: `no account has the CIP "${cip}"` }
      : work(context, account)
  })
}

/** Who looked, at whom and why; nothing is shown that could not be recorded. */
export const recordRead = (
  { store, audit, actor }: CommandContext,
  read: Omit<AuditEvent, 'actor'>,
): Promise<void> => store.transaction((tx) => audit.record(tx, { ...read, actor }))

export async function reachDatabase(databaseUrl: string): Promise<Knex> {
  const [{ connectDatabase }, { withinDatabaseTime }] = await Promise.all([
    import('../../db/connect.js'),
    import('../../db/time-limit.js'),
  ])
  const db = connectDatabase(databaseUrl)
  try {
    await withinDatabaseTime(ANSWER_WITHIN_MS, () => db.raw('select 1'))
    return db
  } catch (error) {
    await db.destroy()
    throw error
  }
}

export async function refuseOldSchema(db: Knex): Promise<void> {
  const { pendingMigrations } = await import('../../db/migrate.js')
  const pending = await pendingMigrations(db)
  if (pending.length > 0)
    throw new AppError(
      'configuration',
      500,
      'the database is not up to date: run `npm run cli -- migrate` first',
    )
}

/**
 * Without master keys of its own a command takes what the demonstration has left. Never for another database
 * than the demonstration's: passwords written there under a foreign key would be lost.
 */
export function completeSettings({ env, demoSettings, stderr }: Terminal): Environment {
  const isSet = (name: string) => (env[name] ?? '') !== ''
  if (isSet('MASTER_KEYS') || isSet('MASTER_KEYS_FILE')) return env
  const demo = demoSettings()
  const isElsewhere =
    isSet('DATABASE_URL_FILE') || (isSet('DATABASE_URL') && env['DATABASE_URL'] !== demo?.['DATABASE_URL'])
  if (demo === undefined || isElsewhere) return env
  stderr.write('MASTER_KEYS is not set: using the settings of the demonstration (data/demo.env)\n')
  return { ...env, ...demo }
}
