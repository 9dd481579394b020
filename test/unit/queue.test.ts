// The one queue behind mails and sign-out notices: who tries, when again, and when no more. Over a real
// table; `deliver` is the test's own.

import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import type { Knex } from 'knex'
import { connectDatabase } from '../../db/connect.js'
import { migrateToLatest } from '../../db/migrate.js'
import type { StoredLogoutNotice } from '../../db/repositories/logout-notices.js'
import { createStore, type Store } from '../../db/store.js'
import { randomId } from '../../src/key-ring.js'
import { deliverDue, nextTryAt, waitAfter, type QueuePolicy } from '../../src/queue.js'
import { createTestDatabase, type TestDatabase } from '../support/databases.js'

const POLICY: QueuePolicy = {
  firstWaitMs: 1_000,
  factor: 3,
  longestWaitMs: 20_000,
  giveUpAfterMs: 60_000,
  claimMs: 100,
  batch: 5,
  atOnce: 1,
}

let database: TestDatabase
let db: Knex
let store: Store
let at = 0
const failures: unknown[] = []
beforeAll(async () => {
  database = await createTestDatabase()
  db = connectDatabase(database.url)
  await migrateToLatest(db)
  store = createStore(db)
})
afterEach(async () => {
  await db('logout_notices').delete()
  failures.length = 0
  at = 0
})
afterAll(async () => {
  await db.destroy()
  await database.remove()
})

async function add(changes: Partial<StoredLogoutNotice> = {}): Promise<string> {
  const id = randomId()
  const notice = { id, clientId: 'c', accountId: 'a', sid: 's', tries: 0, createdAt: 0, nextTryAt: 0 }
  await store.logoutNotices.insert({ ...notice, ...changes })
  return id
}

const run = (
  deliver: (row: StoredLogoutNotice, cutOff: AbortSignal) => Promise<void>,
  { queue = store.logoutNotices, stopping }: { queue?: Store['logoutNotices']; stopping?: AbortSignal } = {},
): Promise<number> =>
  deliverDue(queue, POLICY, {
    now: () => at,
    deliver,
    onFailure: (error) => failures.push(error),
    stopping,
  })

const refuse = () => Promise.reject(new Error('refused'))
const take = async () => {}
const rows = (): Promise<StoredLogoutNotice[]> => db('logout_notices').orderBy('nextTryAt')

describe('the policy', () => {
  test('waits grow by the factor up to the longest, whatever the number of tries', () => {
    expect([1, 2, 3, 4, 5, 5_000].map((tries) => waitAfter(POLICY, tries))).toEqual([
      1_000, 3_000, 9_000, 20_000, 20_000, 20_000,
    ])
  })

  test('an item that fails once it is too old is not tried again', () => {
    expect(nextTryAt(POLICY, { tries: 1, createdAt: 7 }, 60_007)).toBe(61_007)
    expect(nextTryAt(POLICY, { tries: 1, createdAt: 7 }, 60_008)).toBeUndefined()
  })
})

describe('a run', () => {
  test('sends what is due, the longest due first, and leaves the rest', async () => {
    at = 10
    const [second, first, later] = [
      await add({ nextTryAt: 9 }),
      await add({ nextTryAt: 2 }),
      await add({ nextTryAt: 11 }),
    ]
    const sent: string[] = []
    expect(await run(async ({ id }) => void sent.push(id))).toBe(2)
    expect(sent).toEqual([first, second])
    expect((await rows()).map(({ id }) => id)).toEqual([later])
  })

  test('takes all that is due, a batch after the other', async () => {
    for (let count = 0; count < 7; count += 1) await add()
    expect([await run(take), await run(take), await run(take)]).toEqual([7, 0, 0])
  })

  test('one that fails waits its turn and holds up nobody', async () => {
    const bad = await add({ nextTryAt: -1 })
    await add()
    expect(await run(async ({ id }) => (id === bad ? refuse() : undefined))).toBe(1)
    expect(await rows()).toMatchObject([{ id: bad, tries: 1, nextTryAt: 1_000 }])
    at = 999
    expect(await run(take)).toBe(0)
    at = 1_000
    await run(refuse)
    expect(await rows()).toMatchObject([{ tries: 2, nextTryAt: 4_000 }])
    at = 4_000
    expect(await run(take)).toBe(1)
    expect(failures).toHaveLength(2)
  })

  test('one that is too old when it fails is given up', async () => {
    await add()
    at = 60_001
    expect(await run(refuse)).toBe(0)
    expect(await rows()).toEqual([])
  })

  test('three at once send each item once', async () => {
    for (let count = 0; count < 5; count += 1) await add()
    const sent: string[] = []
    const deliver = async ({ id }: { id: string }) => void sent.push(id)
    await Promise.all([run(deliver), run(deliver), run(deliver)])
    expect(sent).toHaveLength(5)
    expect(new Set(sent).size).toBe(5)
  })

  test('while one tries, another finds nothing; after the claim, it tries', async () => {
    await add()
    const others: number[] = []
    await run(async () => {
      at = 99
      others.push(await run(take))
      at = 100
      others.push(await run(take))
    })
    expect(others).toEqual([0, 1])
  })

  test('whoever comes back after its claim changes nothing of what the other does', async () => {
    await add()
    await run(async () => {
      at = 100
      await run(refuse)
      throw new Error('much too late')
    })
    expect(await rows()).toMatchObject([{ tries: 2, nextTryAt: 100 + 3_000 }])
  })

  test('a try that takes too long is cut off, long before its claim ends', async () => {
    await add()
    const startedAt = performance.now()
    const lasts = (_row: unknown, cutOff: AbortSignal): Promise<void> =>
      new Promise((_resolve, reject) =>
        cutOff.addEventListener('abort', () => reject(cutOff.reason as Error)),
      )
    const keepsAlive = setTimeout(() => {}, 10_000) // as a socket would: the cut-off alone does not
    expect(await run(lasts)).toBe(0)
    clearTimeout(keepsAlive)
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(49)
    expect(failures).toEqual([expect.objectContaining({ name: 'TimeoutError' })])
  })

  test('a process that dies between sending and saying so leaves the item to be sent once more', async () => {
    await add()
    let sent = 0
    const send = async () => void (sent += 1)
    const dying = { ...store.logoutNotices, finish: () => Promise.reject(new Error('killed')) }
    await expect(run(send, { queue: dying })).rejects.toThrow('killed')
    for (at of [0, 99, 100, 5_000]) await run(send)
    expect(sent).toBe(2)
  })

  test('a process that is stopping finishes the item under way, and takes no other', async () => {
    await add()
    await add()
    const stopping = new AbortController()
    expect(await run(async () => stopping.abort(), { stopping: stopping.signal })).toBe(1)
    expect(await rows()).toMatchObject([{ tries: 0 }])
  })
})
