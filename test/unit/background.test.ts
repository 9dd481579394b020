// The timers: what runs how often, that nothing runs twice at once, and that a stop waits for what is under
// way. The tasks are the test's own, and time is moved by hand.

import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { pino } from 'pino'
import { startBackground, type BackgroundTasks } from '../../src/background.js'

const lines: string[] = []
const log = pino({ base: null }, { write: (line: string) => lines.push(line) })

beforeEach(() => {
  jest.useFakeTimers()
})
afterEach(() => {
  jest.useRealTimers()
  lines.length = 0
})

const idle = async () => {}
const none = async () => 0
const IDLE: BackgroundTasks = {
  issuePasswords: none,
  deliverMail: none,
  deliverLogoutNotices: none,
  refreshKeys: idle,
  keepPlaces: idle,
  reportHashing: idle,
  purge: idle,
}

/** What was asked to run, in turn. */
function noting(runs: string[]): BackgroundTasks {
  const note = (name: string) => async () => runs.push(name)
  return {
    issuePasswords: note('passwords'),
    deliverMail: note('mail'),
    deliverLogoutNotices: note('notices'),
    refreshKeys: async () => void runs.push('keys'),
    keepPlaces: async () => void runs.push('places'),
    reportHashing: async () => void runs.push('hashing'),
    purge: async () => void runs.push('purge'),
  }
}

const pass = (seconds: number): Promise<void> => jest.advanceTimersByTimeAsync(seconds * 1000)

describe('background work', () => {
  test('begins by itself: passwords and mails every 2 s, notices every 5 s, places every 3 s, keys and hashing every 30 s, the purge every minute', async () => {
    const runs: string[] = []
    const background = startBackground(noting(runs), log)
    await pass(300)
    const count = (name: string) => runs.filter((run) => run === name).length
    expect(['passwords', 'mail', 'notices', 'places', 'keys', 'hashing', 'purge'].map(count)).toEqual([
      150, 150, 60, 100, 10, 10, 5,
    ])
    await background.stop()
    runs.length = 0
    await pass(600)
    expect(runs).toEqual([])
  })

  test('never runs twice at once, however long it takes', async () => {
    const ends: (() => void)[] = []
    const deliverMail = () => new Promise<number>((resolve) => ends.push(() => resolve(0)))
    const background = startBackground({ ...IDLE, deliverMail }, log)
    await pass(60)
    expect(ends).toHaveLength(1)
    ends[0]?.()
    await pass(2)
    expect(ends).toHaveLength(2)
    ends[1]?.()
    await background.stop()
  })

  test('that fails is named in the log, and runs again', async () => {
    let runs = 0
    const refreshKeys = async () => {
      runs += 1
      throw new Error('the database is away')
    }
    const background = startBackground({ ...IDLE, refreshKeys }, log)
    await pass(90)
    expect(runs).toBe(3)
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      Array.from({ length: 3 }, () =>
        expect.objectContaining({
          task: 'refreshKeys',
          err: expect.objectContaining({ message: 'the database is away' }),
        }),
      ),
    )
    await background.stop()
  })
})

describe('a stop', () => {
  test('tells the task under way, and waits for its end', async () => {
    const told: boolean[] = []
    let end = (): void => {}
    const deliverMail = async (stopping?: AbortSignal): Promise<number> => {
      await new Promise<void>((resolve) => {
        end = resolve
      })
      told.push(stopping?.aborted === true)
      return 0
    }
    const background = startBackground({ ...IDLE, deliverMail }, log)
    await pass(2)
    let isStopped = false
    const stopped = background.stop().then(() => {
      isStopped = true
    })
    await pass(10)
    expect(isStopped).toBe(false)
    end()
    await stopped
    expect(told).toEqual([true])
  })

  test('waits for 15 s and no longer', async () => {
    const background = startBackground({ ...IDLE, purge: () => new Promise(() => {}) }, log)
    await pass(300)
    let isStopped = false
    void background.stop().then(() => {
      isStopped = true
    })
    await pass(14.9)
    expect(isStopped).toBe(false)
    await pass(0.2)
    expect(isStopped).toBe(true)
  })
})
