// A copy of an SQLite database in use: whole, and of one moment. Its file alone is not: what was committed
// last lies in the WAL beside it.

import type { Knex } from 'knex'
import { withinDatabaseTime } from './time-limit.js'

const COPY_MS = 60 * 60_000

/** Into a file that is empty or not there; others read and write meanwhile. */
export const copyDatabase = (db: Knex, filename: string): Promise<unknown> =>
  withinDatabaseTime(COPY_MS, () => db.raw('VACUUM INTO ?', [filename]))

/** What SQLite finds wrong with a database; empty when every page and index of it is sound. */
export async function integrityFaults(db: Knex): Promise<string[]> {
  const rows = await withinDatabaseTime(COPY_MS, () =>
    db.raw<{ integrityCheck: string }[]>('PRAGMA integrity_check'),
  )
  return rows.map(({ integrityCheck }) => integrityCheck).filter((said) => said !== 'ok')
}
