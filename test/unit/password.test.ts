// What stands in for the hash of a CIP that nobody has: an answer must not tell by its speed who exists
// (FLOW-7).

import { describe, expect, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { dummyHash, missingCosts } from '../../src/accounts/equal-work.js'
import { createPasswordHasher } from '../../src/accounts/password.js'
import { createKeyRing } from '../../src/key-ring.js'

const SALT_LENGTH = '$2b$12$'.length + 22
const ring = createKeyRing([{ id: 'test', key: Buffer.from('a test key, 32 bytes, no secret!') }])

describe('an unknown CIP', () => {
  test.each([4, 5, 12])('is compared with a hash of cost %d that bcrypt takes for one of its own', (cost) => {
    const dummy = dummyHash(cost)
    expect(bcrypt.getRounds(dummy)).toBe(cost)
    // One that it did not take would be refused in no time.
    const [cheap, salt] = ['$2b$04$', dummy.slice(0, SALT_LENGTH).replace(/^\$2b\$\d\d\$/, '')]
    const real = bcrypt.hashSync('trois-chats-dorment', `${cheap}${salt}`)
    expect(real.slice(0, SALT_LENGTH)).toBe(`${cheap}${salt}`)
    expect(dummy).toHaveLength(real.length)
  })

  test('has no right password, and two of them nothing in common', async () => {
    const hasher = createPasswordHasher({ ring, cost: 4, concurrency: 1 })
    for (const stored of [undefined, null, 'no hash at all'])
      expect(await hasher.verify('trois-chats-dorment', stored)).toMatchObject({ isRight: false })
    expect(dummyHash(4)).not.toBe(dummyHash(4))
  })
})

describe('a hash that is stored at a lower cost than today’s', () => {
  const work = (costs: readonly number[]) => costs.reduce((sum, cost) => sum + 2 ** cost, 0)

  test('leaves exactly the work that is missing, at every cost', () => {
    for (let today = 4; today <= 16; today += 1)
      for (let stored = 4; stored <= today; stored += 1)
        expect(work([stored, ...missingCosts(stored, today)])).toBe(2 ** today)
  })

  test('at a higher one than today’s leaves none', () => {
    expect(missingCosts(13, 12)).toEqual([])
  })
})
