// Shows that an act happens whole or not at all: it is tried again and again while its first statement fails,
// its second, its third … until none does. After each failure the database must hold what it held before.

import { expect } from '@jest/globals'
import type { Knex } from 'knex'

const MOST_STATEMENTS = 200

/** `act` works on `db`, an SQLite, and is called anew each time. Returns how many statements could fail. */
export async function expectAllOrNothing(db: Knex, act: () => Promise<unknown>): Promise<number> {
  const before = await contentOf(db)
  for (let failing = 1; failing <= MOST_STATEMENTS; failing += 1) {
    const { failed, outcome } = await withFailingStatement(db, failing, act)
    const after = await contentOf(db)
    const changed = Object.keys(after).filter((table) => after[table] !== before[table])
    if (failed === undefined) {
      expect(changed).not.toEqual([]) // an act that changes nothing would show nothing
      return failing - 1
    }
    const statement = `${failing}: ${failed}`
    expect({ statement, outcome, changed }).toEqual({ statement, outcome: 'rejected', changed: [] })
  }
  throw new Error(`the act has more than ${MOST_STATEMENTS} statements`)
}

/** Every table with all its rows, as text. */
async function contentOf(db: Knex): Promise<Record<string, string>> {
  const content: Record<string, string> = {}
  for (const table of await db('sqlite_master').where({ type: 'table' }).pluck<string[]>('name'))
    content[table] = JSON.stringify(await db(table))
  return content
}

/**
 * Knex tells of each statement before the driver gets it, and what a listener throws is the statement's
 * failure. The beginning of a transaction counts; its end is no statement of the act's own.
 */
async function withFailingStatement(
  db: Knex,
  failing: number,
  act: () => Promise<unknown>,
): Promise<{ failed: string | undefined; outcome: 'fulfilled' | 'rejected' }> {
  let count = 0
  let failed: string | undefined
  const fail = ({ sql }: { sql: string }) => {
    if (/^(COMMIT|ROLLBACK)/.test(sql)) return
    count += 1
    if (count !== failing) return
    failed = sql
    throw new Error('failure made by a test')
  }
  db.on('query', fail)
  try {
    await act()
    return { failed, outcome: 'fulfilled' }
  } catch (error) {
    if (failed === undefined) throw error
    return { failed, outcome: 'rejected' }
  } finally {
    db.off('query', fail)
  }
}
