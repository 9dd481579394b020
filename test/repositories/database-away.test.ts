// Threat: a database that is away, full or taken is reported as something else, is waited for without end,
// or leaves a transaction open for the next one (R5, R6, M12). The same suite on both, then what is peculiar
// to each.

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { Knex } from 'knex'
import { LOCK_MS } from '../../db/clients.js'
import { connectDatabase } from '../../db/connect.js'
import { DatabaseUnavailable, type UnavailableReason } from '../../db/errors.js'
import { withinDatabaseTime } from '../../db/time-limit.js'
import { createTestDatabase, type DatabaseKind, type TestDatabase } from '../support/databases.js'
import { describeWith } from '../support/requirements.js'

const SHORT_MS = 100

/** Runs until somebody stops it. */
const WITHOUT_END: Record<DatabaseKind, string> = {
  sqlite: 'with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n',
  postgres: 'select pg_sleep(3600)',
}

let database: TestDatabase
let db: Knex
let other: Knex

function openBoth(kind: DatabaseKind): void {
  beforeAll(async () => {
    database = await createTestDatabase(kind)
    db = connectDatabase(database.url)
    other = connectDatabase(database.url)
    await db.raw('create table marks (id integer primary key, mark text not null)')
    await db.raw(
      `create table notes (id integer primary key,
         mark_id integer references marks deferrable initially deferred)`,
    )
  })
  beforeEach(async () => {
    if (kind === 'postgres') await allOthersGone()
    await db('notes').delete()
    await db('marks').delete()
  })
  afterAll(async () => {
    await Promise.all([db.destroy(), other.destroy()])
    await database.remove()
  })
}

/** A backend whose statement was given up notices within a second, and lets go of its locks. */
async function allOthersGone(): Promise<void> {
  const busy = () =>
    other('pg_stat_activity')
      .whereRaw("datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'")
      .select('pid', other.raw('pg_sleep(0.05)'))
  while ((await busy()).length > 0);
}

async function expectUnavailable(work: PromiseLike<unknown>, reason: UnavailableReason): Promise<void> {
  const outcome = await work.then(
    () => 'done',
    (error: unknown) => error,
  )
  expect(outcome).toBeInstanceOf(DatabaseUnavailable)
  expect(outcome).toMatchObject({ reason, message: expect.not.stringMatching(/marks|insert into|select/i) })
}

const marks = async (): Promise<number[]> => db('marks').orderBy('id').pluck<number[]>('id')
const put = (on: Knex, id: number, mark = 'x') => on('marks').insert({ id, mark })

/** What is done while somebody else's transaction holds row 1, and with it SQLite's whole file. */
async function whileHeld(work: () => Promise<void>): Promise<void> {
  await put(db, 1)
  await other.transaction(async (holder) => {
    await holder('marks').where({ id: 1 }).update({ mark: 'held' })
    await work()
  })
}

function suite(kind: DatabaseKind): void {
  openBoth(kind)

  describe('what somebody else holds', () => {
    const touch = (on: Knex) => on('marks').where({ id: 1 }).update({ mark: 'mine' })

    test('is waited for no longer than a lock may be, and the connection stays fit for use', async () => {
      // PostgreSQL gives up by itself, before a limit cuts its connection off.
      if (kind === 'postgres') await db.raw(`set lock_timeout = ${SHORT_MS}`)
      const limitMs = kind === 'sqlite' ? SHORT_MS : 60_000
      const expectBusy = (work: () => PromiseLike<unknown>) =>
        expectUnavailable(withinDatabaseTime(limitMs, work), 'busy')
      await whileHeld(async () => {
        await expectBusy(() => touch(db))
        await expectBusy(() => db.raw('update marks set mark = ? where id = ?', ['mine', 1]))
        await expectBusy(() => db.transaction(async (trx) => touch(trx)))
      })
      if (kind === 'postgres') await db.raw(`set lock_timeout = ${LOCK_MS}`)
      expect(await db('marks').select('mark')).toEqual([{ mark: 'held' }])
      await touch(db)
      expect(await db('marks').select('mark')).toEqual([{ mark: 'mine' }])
    })

    test('is had as soon as they let go', async () => {
      let done: Promise<unknown> | undefined
      await whileHeld(async () => {
        done = db.transaction(async (trx) => touch(trx))
      })
      await done
      expect(await db('marks').select('mark')).toEqual([{ mark: 'mine' }])
    })
  })

  describe('a time limit', () => {
    test('stops a statement that would run without end, and others run after it', async () => {
      await expectUnavailable(
        withinDatabaseTime(SHORT_MS, () => db.raw(WITHOUT_END[kind])),
        'timeout',
      )
      expect(await marks()).toEqual([])
    })

    test('undoes the transaction that it stops', async () => {
      const work = withinDatabaseTime(SHORT_MS, () =>
        db.transaction(async (trx) => {
          await put(trx, 1)
          await trx.raw(WITHOUT_END[kind])
        }),
      )
      await expectUnavailable(work, 'timeout')
      expect(await marks()).toEqual([])
      await db.transaction(async (trx) => put(trx, 2))
      expect(await marks()).toEqual([2])
    })

    test('once passed, lets nothing more be asked', async () => {
      await withinDatabaseTime(SHORT_MS, async () => {
        await expectUnavailable(db.raw(WITHOUT_END[kind]), 'timeout')
        await expectUnavailable(put(db, 1), 'timeout')
      })
      expect(await marks()).toEqual([])
    })

    test('passed before the COMMIT: what is called done is done, and what is called failed is not', async () => {
      const work = withinDatabaseTime(SHORT_MS, () =>
        db.transaction(async (trx) => {
          await put(trx, 1)
          await trx.raw(WITHOUT_END[kind]).catch(() => {})
        }),
      )
      const isDone = await work.then(
        () => true,
        () => false,
      )
      expect(await marks()).toEqual(isDone ? [1] : [])
    })

    test('holds for the wait for a connection too, and none gets lost by it', async () => {
      const pool = kind === 'sqlite' ? 1 : 10
      let release = () => {}
      const released = new Promise<void>((resolve) => {
        release = resolve
      })
      const holders = Array.from({ length: pool }, () => db.transaction(async () => released))
      for (let round = 0; round < 3; round += 1)
        await expectUnavailable(
          withinDatabaseTime(SHORT_MS, () => db('marks').select()),
          'timeout',
        )
      release()
      await Promise.all(holders)
      await Promise.all(Array.from({ length: pool }, async (_, index) => put(db, index)))
      expect(await marks()).toHaveLength(pool)
    })
  })

  test('a COMMIT that fails leaves no transaction open for the next one', async () => {
    const orphan = db.transaction(async (trx) => trx('notes').insert({ id: 1, markId: 99 }))
    await expect(orphan).rejects.toThrow(/foreign key/i)
    await db.transaction(async (trx) => put(trx, 1))
    expect(await marks()).toEqual([1])
    expect(await db('notes').select()).toEqual([])
  })
}

describe('SQLite', () => {
  suite('sqlite')

  test('a disk that fills inside a transaction is called full, and nothing is half done (M12)', async () => {
    const [row] = await db.raw<{ pageCount: number }[]>('PRAGMA page_count')
    await db.raw(`PRAGMA max_page_count=${(row?.pageCount ?? 0) + 1}`)
    const work = db.transaction(async (trx) => {
      await put(trx, 1)
      await put(trx, 2, 'x'.repeat(1_000_000))
    })
    await expectUnavailable(work, 'full')
    await db.raw('PRAGMA max_page_count=1073741823')
    expect(await marks()).toEqual([])
    await db.transaction(async (trx) => put(trx, 3))
    expect(await marks()).toEqual([3])
  })

  test('a file that takes no writes is called read-only', async () => {
    await db.raw('PRAGMA query_only=ON')
    await expectUnavailable(put(db, 1), 'read-only')
    await expectUnavailable(
      db.transaction(async (trx) => put(trx, 1)),
      'read-only',
    )
    await db.raw('PRAGMA query_only=OFF')
    await put(db, 1)
    expect(await marks()).toEqual([1])
  })

  test('waits for a lock as long as it may, and no longer than the limit leaves', async () => {
    const ask = async () => (await db.raw<{ timeout: number }[]>('PRAGMA busy_timeout'))[0]?.timeout
    expect(await ask()).toBe(LOCK_MS)
    expect(await withinDatabaseTime(LOCK_MS / 2, ask)).toBeLessThanOrEqual(LOCK_MS / 2)
    expect(await withinDatabaseTime(LOCK_MS * 2, ask)).toBe(LOCK_MS)
  })

  test('a folder that is not there cannot be reached', () => {
    expect(() => connectDatabase('sqlite:/dev/null/laissez-passer.db')).toThrow(DatabaseUnavailable)
  })
})

describeWith(['postgres'], 'PostgreSQL', () => {
  suite('postgres')

  const pidOf = async (on: Knex): Promise<number> => {
    const { rows } = await on.raw<{ rows: { pid: number }[] }>('select pg_backend_pid() as pid')
    return rows[0]?.pid ?? 0
  }
  /** Of ten connections at once: as many as the pool may have. */
  const pidsOfAll = async (): Promise<number[]> =>
    Promise.all(
      Array.from({ length: 10 }, async () => {
        const { rows } = await db.raw<{ rows: { pid: number }[] }>(
          'select pg_backend_pid() as pid, pg_sleep(0.05)',
        )
        return rows[0]?.pid ?? 0
      }),
    )
  test('is told when a connection is made how long it may wait for a lock', async () => {
    const { rows } = await db.raw<{ rows: unknown[] }>('show lock_timeout')
    expect(rows).toEqual([{ lock_timeout: `${LOCK_MS / 1_000}s` }])
  })

  const kill = (pid: number) => other.raw('select pg_terminate_backend(?, 5000)', [pid])

  test('a statement that was given up is given up by the server as well, and its locks with it', async () => {
    await put(db, 1)
    const work = withinDatabaseTime(SHORT_MS, () =>
      db.transaction(async (trx) => {
        await trx('marks').where({ id: 1 }).update({ mark: 'held' })
        await trx.raw(WITHOUT_END.postgres)
      }),
    )
    await expectUnavailable(work, 'timeout')
    await allOthersGone() // although nobody has asked for that connection again
    await other('marks').where({ id: 1 }).update({ mark: 'free' })
  })

  test('killed between two statements of a transaction: undone, and no bug of ours', async () => {
    const work = db.transaction(async (trx) => {
      await put(trx, 1)
      await kill(await pidOf(trx))
      await put(trx, 2)
    })
    await expectUnavailable(work, 'unreachable')
    expect(await marks()).toEqual([])
  })

  test('killed before its COMMIT: undone, and said so', async () => {
    const work = db.transaction(async (trx) => {
      await put(trx, 1)
      await kill(await pidOf(trx))
    })
    await expectUnavailable(work, 'unreachable')
    expect(await marks()).toEqual([])
  })

  test('killed before its ROLLBACK: what made the work stop is what is heard', async () => {
    const work = db.transaction(async (trx) => {
      await put(trx, 1)
      await kill(await pidOf(trx))
      throw new Error('changed my mind')
    })
    await expect(work).rejects.toThrow('changed my mind')
    expect(await marks()).toEqual([])
  })

  test('a transaction that goes on after a failure is not called done', async () => {
    const work = db.transaction(async (trx) => {
      await put(trx, 1)
      await put(trx, 1).catch(() => {})
    })
    await expect(work).rejects.toThrow(/all of it is undone/)
    expect(await marks()).toEqual([])
  })

  test('two that wait for one another: one goes on, the other is told to come again', async () => {
    await put(db, 1)
    await put(db, 2)
    let bothHold = () => {}
    const held = new Promise<void>((resolve) => {
      let count = 0
      bothHold = () => {
        count += 1
        if (count === 2) resolve()
      }
    })
    const cross = (from: number, to: number) =>
      db.transaction(async (trx) => {
        await trx('marks')
          .where({ id: from })
          .update({ mark: String(from) })
        bothHold()
        await held
        await trx('marks')
          .where({ id: to })
          .update({ mark: String(from) })
      })
    const ends = await Promise.allSettled([cross(1, 2), cross(2, 1)])
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []))
    expect(failures).toEqual([expect.objectContaining({ reason: 'busy' })])
  })

  test('a server that is primary no more takes no writes, and is left for the one that is', async () => {
    const before = await pidsOfAll()
    await Promise.all(
      before.map(() =>
        db.raw('select pg_sleep(0.05), set_config(?, ?, false)', ['default_transaction_read_only', 'on']),
      ),
    )
    await expectUnavailable(put(db, 1), 'read-only')
    await put(db, 2)
    expect(await marks()).toEqual([2])
  })

  test('a server that did not answer once is asked no more over connections of that time', async () => {
    const before = await pidsOfAll()
    await expectUnavailable(
      withinDatabaseTime(SHORT_MS, () => db.raw(WITHOUT_END.postgres)),
      'timeout',
    )
    const after = await pidsOfAll()
    expect(before.filter((pid) => after.includes(pid))).toEqual([])
  })

  test('a failed statement keeps its values to itself (LOG-2)', async () => {
    await db.raw('create unique index marks_mark on marks (mark)')
    await put(db, 1, 'valeur-secrete')
    const error = await put(db, 2, 'valeur-secrete').catch((cause: unknown) => cause)
    await db.raw('drop index marks_mark')
    expect(error).toMatchObject({ code: '23505' })
    expect({ text: String(error), ...(error as object) }).not.toMatchObject({
      detail: expect.stringContaining('valeur-secrete'),
    })
    expect(JSON.stringify(error)).not.toContain('valeur-secrete')
  })
})
