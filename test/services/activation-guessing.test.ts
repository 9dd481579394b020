// Threat: activation codes guessed in parallel, at two processes, or for days (RATE-6). What a browser is
// shown of it: test/http/activation.test.ts.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { OPERATOR } from '../support/people.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'

function suite(kind: DatabaseKind): void {
  let services: TestServices
  let other: TestServices
  beforeAll(async () => {
    services = await openServices({ database: kind })
    other = await openServices({ databaseUrl: services.config.databaseUrl })
  })
  afterAll(async () => {
    await other.close()
    await services.close()
  })

  async function createInvited(minutes: number): Promise<{ account: Account; code: string }> {
    const account = await services.createPerson()
    const { code } = await services.accountActions.issueActivationCode(account, OPERATOR, 'lost', { minutes })
    return { account, code }
  }
  /** Each try in a sign-in of its own. */
  async function type(account: Account, code: string, number: number, side = services): Promise<string> {
    const outcome = await side.activation.submit(account, code, `sign-in-${number}`, '203.0.113.1')
    return outcome.ok ? 'claimed' : outcome.reason
  }
  const guess = (number: number) => `0000-${String(number).padStart(4, '0')}`

  test('fifty at once: no more are looked at than the limit allows, and the right one waits too', async () => {
    const { account, code } = await createInvited(15)
    const reasons = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        type(account, guess(index), index, index % 2 === 0 ? services : other),
      ),
    )
    expect(reasons.filter((reason) => reason === 'wrong')).toHaveLength(5)
    expect(reasons.filter((reason) => reason === 'waiting')).toHaveLength(45)
    expect(await type(account, code, 51)).toBe('waiting')
    clock.advance({ seconds: 61 })
    expect(await type(account, code, 51)).toBe('claimed')
  })

  test('ten tries use a code up', async () => {
    const { account, code } = await createInvited(72 * 60)
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      expect({ attempt, reason: await type(account, 'ZZZZ-ZZZZ', attempt) }).toEqual({
        attempt,
        reason: 'wrong',
      })
      clock.advance({ minutes: 16 })
    }
    expect(await type(account, code, 11)).toBe('wrong')
  })

  test('over days no more guesses are looked at than the waits allow, in any browser', async () => {
    const { account } = await createInvited(72 * 60)
    const reasons: string[] = []
    for (let attempt = 1; attempt <= 30; attempt += 1) {
      reasons.push(await type(account, guess(attempt), attempt))
      if (attempt % 3 === 0) clock.advance({ minutes: 5 })
    }
    const looked = reasons.filter((reason) => reason === 'wrong').length
    expect(looked).toBeGreaterThanOrEqual(5)
    expect(looked).toBeLessThanOrEqual(12)
    const refusals = services
      .db('audit_events')
      .where({ accountId: account.id, event: 'activation-code.refused' })
    expect(await refusals).toHaveLength(looked)
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
