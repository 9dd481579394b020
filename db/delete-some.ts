// How a purge deletes: a few rows at a time, and without ever waiting, so that nobody waits long for it.

import type { Knex } from 'knex'
import { isPostgres } from './connect.js'

/**
 * Deletes at most `limit` of the rows that `dead` finds. The condition holds for the deletion as well as for
 * the choice: a row that another process has brought back meanwhile (a counter, a browser seen again) stays.
 * A row that a transaction has locked is left to the next purge: waiting for it could end in a deadlock.
 * Materialized: PostgreSQL may otherwise choose again for each row, and delete more.
 */
export function deleteSome(
  db: Knex,
  dead: () => Knex.QueryBuilder,
  primaryKey: readonly string[],
  limit: number,
): Promise<number> {
  const chosen = dead()
    .select(...primaryKey)
    .limit(limit)
  if (isPostgres(db)) void chosen.forUpdate().skipLocked()
  return dead()
    .withMaterialized('chosen', chosen)
    .whereIn([...primaryKey], db('chosen').select(...primaryKey))
    .delete() as Promise<number>
}
