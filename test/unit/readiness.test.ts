// Threat: a probe that says all is well because it asks for nothing; and one that anybody can make write.

import { expect, test } from '@jest/globals'
import { createReadiness } from '../../src/http/readiness.js'

/** Readiness over a database that can be broken, and how often it was asked. */
function open() {
  const database = { isBroken: false, asked: 0 }
  let time = 1_000_000
  const isReady = createReadiness(
    async () => {
      database.asked += 1
      if (database.isBroken) throw new Error('full')
    },
    () => time,
  )
  return { database, isReady, advance: (ms: number) => (time += ms) }
}

test('a thousand questions in one second are one write', async () => {
  const { database, isReady, advance } = open()
  const answers = await Promise.all(Array.from({ length: 1_000 }, () => isReady()))
  advance(999)
  answers.push(await isReady())
  expect([new Set(answers), database.asked]).toEqual([new Set([true]), 1])
  advance(1)
  await isReady()
  expect(database.asked).toBe(2)
})

test('what has failed is known a second later, and asked again at once', async () => {
  const { database, isReady, advance } = open()
  expect(await isReady()).toBe(true)
  database.isBroken = true
  advance(1_000)
  expect(await isReady()).toBe(false)
  database.isBroken = false
  expect(await isReady()).toBe(true)
})

test('a clock that goes back asks again', async () => {
  const { database, isReady, advance } = open()
  await isReady()
  advance(-3_600_000)
  await isReady()
  expect(database.asked).toBe(2)
})
