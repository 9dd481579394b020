// What stands in for the hash of a CIP that nobody has: an answer must not tell by its speed who exists
// (FLOW-7).

import { describe, expect, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { createHmac } from 'node:crypto'
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
    const none = [undefined, { id: 'a', passwordHash: null }, { id: 'a', passwordHash: 'no hash at all' }]
    for (const account of none)
      expect(await hasher.verify('trois-chats-dorment', account)).toMatchObject({ isRight: false })
    expect(dummyHash(4)).not.toBe(dummyHash(4))
  })
})

describe('a stored hash', () => {
  const PASSWORD = 'trois-chats-dorment'
  const hasher = createPasswordHasher({ ring, cost: 4, concurrency: 1 })
  const verify = (id: string, passwordHash: string) => hasher.verify(PASSWORD, { id, passwordHash })

  test('is of this account’s password alone: copied into another row it is of none', async () => {
    const stored = await hasher.hash(PASSWORD, 'mine')
    expect(stored).toMatch(/^v2\$test\$\$2b\$04\$/)
    expect(await verify('mine', stored)).toEqual({ isRight: true, isOutdated: false })
    expect(await verify('hers', stored)).toMatchObject({ isRight: false })
    // Read as the form before, which did not know of accounts, it is of none either.
    expect(await verify('mine', stored.replace('v2', 'v1'))).toMatchObject({ isRight: false })
  })

  test('of an older form is right and outdated: without the account, or without the pepper', async () => {
    const pepper = ring.keyFor('password-pepper')
    const v1 = bcrypt.hashSync(createHmac('sha384', pepper).update(PASSWORD).digest('base64'), 4)
    expect(await verify('mine', `v1$test$${v1}`)).toEqual({ isRight: true, isOutdated: true })
    expect(await verify('mine', bcrypt.hashSync(PASSWORD, 4))).toEqual({ isRight: true, isOutdated: true })
  })

  test('is of the form that the program before can read, while one runs beside', async () => {
    const before = createPasswordHasher({ ring, cost: 4, concurrency: 1, version: 'v1' })
    const stored = await before.hash(PASSWORD, 'mine')
    expect(stored).toMatch(/^v1\$test\$/)
    for (const passwordHash of [stored, await hasher.hash(PASSWORD, 'mine')])
      expect(await before.verify(PASSWORD, { id: 'mine', passwordHash })).toEqual({
        isRight: true,
        isOutdated: false,
      })
  })

  test('is the same for an accent typed in either form, and where the id ends the password begins', async () => {
    const stored = await hasher.hash('e\u0301te\u0301-des-indiens', 'mine')
    const other = { id: 'mine', passwordHash: stored }
    expect(await hasher.verify('\u00e9t\u00e9-des-indiens', other)).toMatchObject({ isRight: true })
    const moved = { id: 'mi', passwordHash: await hasher.hash('ne-dort-jamais', 'mi') }
    expect(await hasher.verify('dort-jamais', { ...moved, id: 'mine-' })).toMatchObject({ isRight: false })
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
