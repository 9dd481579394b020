// All that an account's seal speaks of, read in one statement: the parts are then of one moment, and no
// change under way can look like a forgery.

import type { Knex } from 'knex'
import type { StoredAccount } from './repositories/accounts.js'
import type { StoredActivationCode } from './repositories/activation-codes.js'
import type { StoredSecondFactor } from './repositories/second-factors.js'

export type AccountRecord = {
  account: StoredAccount
  /** Those not removed, the oldest first. */
  factors: StoredSecondFactor[]
  /** Those not used, expired ones included. */
  activationCodes: StoredActivationCode[]
  /** Details of the newest event that tells the credential epoch, as JSON; null when there is none. */
  newestEpochDetails: string | null
}

/** Every event that goes with a new credential epoch, and tells it in its details. */
const EPOCH_EVENTS = [
  'account.created',
  'account.disabled',
  'account.resealed',
  'account.sealed',
  'password.changed',
  'password.imported',
  'password.issued',
  'password.reset',
  'second-factor.enrolled',
  'second-factor.reset',
] as const

const FACTOR_COLUMNS = [
  'id',
  'accountId',
  'kind',
  'name',
  'sealedSecret',
  'lastStep',
  'verifiedBy',
  'verifiedAt',
  'createdAt',
  'disabledAt',
  'removedAt',
] as const satisfies (keyof StoredSecondFactor)[]

const CODE_COLUMNS = [
  'id',
  'accountId',
  'codeHash',
  'createdAt',
  'expiresAt',
  'tries',
  'claimedBy',
  'usedAt',
] as const satisfies (keyof StoredActivationCode)[]

type Row = Record<string, string | number | null>

/** In the order of their ids. `where`: columns of `accounts`. */
export async function readAccountRecords(
  db: Knex,
  where: (accounts: Knex.QueryBuilder) => Knex.QueryBuilder,
): Promise<AccountRecord[]> {
  const newestEpochDetails = db('audit_events')
    .where('audit_events.accountId', db.ref('accounts.id'))
    .whereIn('event', EPOCH_EVENTS)
    .orderBy('sequence', 'desc')
    .limit(1)
    .select('details')
    .as('newestEpochDetails')
  const rows = await where(db('accounts'))
    .leftJoin('second_factors', (on) => {
      on.on('second_factors.accountId', 'accounts.id').andOnNull('second_factors.removedAt')
    })
    .leftJoin('activation_codes', (on) => {
      on.on('activation_codes.accountId', 'accounts.id').andOnNull('activation_codes.usedAt')
    })
    .orderBy(['accounts.id', 'second_factors.createdAt', 'second_factors.id'])
    .select<Row[]>(
      'accounts.*',
      newestEpochDetails,
      aliases('factor', 'second_factors', FACTOR_COLUMNS),
      aliases('code', 'activation_codes', CODE_COLUMNS),
    )
  const records = new Map<string, AccountRecord>()
  for (const row of rows) addTo(records, row)
  return [...records.values()]
}

const aliasOf = (prefix: string, column: string): string =>
  `${prefix}${column.charAt(0).toUpperCase()}${column.slice(1)}`

const aliases = (prefix: string, table: string, columns: readonly string[]): Record<string, string> =>
  Object.fromEntries(columns.map((column) => [aliasOf(prefix, column), `${table}.${column}`]))

/** A joined row is one factor and one code of an account; each comes as often as there are of the other. */
function addTo(records: Map<string, AccountRecord>, row: Row): void {
  const rest = new Map(Object.entries(row))
  const take = (name: string) => {
    const value = rest.get(name) ?? null
    rest.delete(name)
    return value
  }
  const takeAll = (prefix: string, columns: readonly string[]) =>
    Object.fromEntries(columns.map((column) => [column, take(aliasOf(prefix, column))]))
  const factor = takeAll('factor', FACTOR_COLUMNS) as StoredSecondFactor
  const code = takeAll('code', CODE_COLUMNS) as StoredActivationCode
  const newestEpochDetails = take('newestEpochDetails') as string | null
  const account = Object.fromEntries(rest) as StoredAccount
  const record = records.get(account.id) ?? { account, factors: [], activationCodes: [], newestEpochDetails }
  records.set(account.id, record)
  addOnce(record.factors, factor)
  addOnce(record.activationCodes, code)
}

/** A left join that found nothing gives a row of nulls. */
function addOnce<T extends { id: string | null }>(all: T[], one: T): void {
  if (one.id !== null && !all.some(({ id }) => id === one.id)) all.push(one)
}
