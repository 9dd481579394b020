// How much time is left for the next statement, and what happens when none is. The clock is jest's.

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { DatabaseUnavailable } from '../../db/errors.js'
import { runStatement } from '../../db/statements.js'
import { spendingTime, withinDatabaseTime } from '../../db/time-limit.js'

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
})

const pass = (milliseconds: number) => jest.advanceTimersByTime(milliseconds)

/** What a statement is told that takes so long. */
const statement = (milliseconds: number): Promise<number> =>
  spendingTime(async (leftMs) => {
    pass(milliseconds)
    return leftMs
  })

describe('the time for the database', () => {
  test('is ten seconds a statement where nobody set a limit', async () => {
    expect([await statement(9_000), await statement(9_000)]).toEqual([10_000, 10_000])
  })

  test('is what the statements before have left', async () => {
    const told = await withinDatabaseTime(2_500, async () => [
      await statement(1_000),
      await statement(1_000),
      await statement(1_000),
      await statement(0),
    ])
    expect(told).toEqual([2_500, 1_500, 500, -500])
  })

  test('does not pass while something else is waited for', async () => {
    const told = await withinDatabaseTime(2_500, async () => {
      await statement(1_000)
      pass(60_000) // a slow upload, a password being hashed
      return statement(0)
    })
    expect(told).toBe(1_500)
  })

  test('passes once for statements side by side', async () => {
    const told = await withinDatabaseTime(2_500, async () => {
      const slow = spendingTime(async () => {
        await Promise.resolve()
        pass(1_000)
      })
      const beside = statement(0)
      await Promise.all([slow, beside])
      return [await beside, await statement(0)]
    })
    expect(told).toEqual([2_500, 1_500])
  })

  test('is used up by a statement that fails as well', async () => {
    const left = await withinDatabaseTime(2_500, async () => {
      await spendingTime(async () => {
        pass(1_000)
        throw new Error('no')
      }).catch(() => {})
      return statement(0)
    })
    expect(left).toBe(1_500)
  })

  test('is over for whoever has run out of it, however early the timer was', async () => {
    const left = await withinDatabaseTime(2_500, async () => {
      await spendingTime(async () => {
        pass(2_400)
        throw new DatabaseUnavailable('timeout')
      }).catch(() => {})
      return statement(0)
    })
    expect(left).toBeLessThanOrEqual(0)
  })

  test('of one request is not that of another', async () => {
    const told = await withinDatabaseTime(2_500, async () => {
      await statement(2_000)
      return [await withinDatabaseTime(2_500, () => statement(1_000)), await statement(0)]
    })
    expect(told).toEqual([2_500, 500])
  })
})

describe('a statement', () => {
  const LIMIT_MS = 2_500

  /** Once so much of the limit is spent: what it is told, what comes of it, and what is cleaned up. */
  async function after(spentMs: number, sql: string, failure?: Error) {
    const told: number[] = []
    const cleaned: unknown[] = []
    const outcome = await withinDatabaseTime(LIMIT_MS, async () => {
      await statement(spentMs)
      return runStatement(
        { sql },
        {
          run: async (milliseconds) => {
            told.push(milliseconds)
            if (failure !== undefined) throw failure
            return 'done'
          },
          cleanUp: async (error) => void cleaned.push(error),
        },
      ).catch((error: unknown) => error)
    })
    return { told, outcome, cleaned }
  }

  test('has what is left', async () => {
    expect(await after(500, 'select 1')).toEqual({ told: [2_000], outcome: 'done', cleaned: [] })
  })

  test.each(['select 1', 'BEGIN;', 'ROLLBACK TO SAVEPOINT trx1', 'RELEASE trx1'])(
    'is not sent when nothing is left, and its connection is none the worse: %s',
    async (sql) => {
      const { told, outcome, cleaned } = await after(LIMIT_MS, sql)
      expect({ told, cleaned }).toEqual({ told: [], cleaned: [] })
      expect(outcome).toMatchObject({ reason: 'timeout' })
    },
  )

  test.each([
    [0, 2_900],
    [2_400, 500],
    [LIMIT_MS, 400],
    [60_000, 400],
  ])(
    'that ends a transaction is sent all the same, and waited for a little longer (%i ms)',
    async (spent, ms) => {
      for (const sql of ['COMMIT;', 'ROLLBACK'])
        expect(await after(spent, sql)).toEqual({ told: [ms], outcome: 'done', cleaned: [] })
    },
  )

  test('that fails is cleaned up after, and fails as ours', async () => {
    const { outcome, cleaned } = await after(0, 'COMMIT;', new Error('COMMIT; - Query read timeout'))
    expect(outcome).toBeInstanceOf(DatabaseUnavailable)
    expect(cleaned).toEqual([outcome])
  })

  test('that undoes cannot fail: what made the work stop is what is heard', async () => {
    const failure = new Error('ROLLBACK - Connection terminated')
    expect(await after(0, 'ROLLBACK', failure)).toMatchObject({
      outcome: undefined,
      cleaned: [{ reason: 'unreachable' }],
    })
  })
})
