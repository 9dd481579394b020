// What has had its time goes, and nothing before: every table with a period, one row on either side of it.

import { describe, expect, test } from '@jest/globals'
import type { Knex } from 'knex'
import { randomId } from '../../src/key-ring.js'
import { clock } from '../support/clock.js'
import { OPERATOR } from '../support/people.js'
import { useIdp } from '../support/use-idp.js'

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE

const idp = await useIdp({ settings: { AUDIT_RETENTION_DAYS: '400' } })
const accountId = (await idp.createPerson()).id

type Table = {
  table: string
  /** How long a row is kept after `time`. */
  days: number
  row: (time: number | null) => Record<string, unknown>
  /** True for tables whose rows may have no such time, and then stay. */
  mayStay?: true
}

const mail = { kind: 'password-changed', sealedMessage: null, tries: 1, createdAt: 0, nextTryAt: 0 }
const TABLES: Table[] = [
  {
    table: 'oidc_artifacts',
    days: 1,
    row: (expiresAt) => ({
      model: 'Session',
      idHash: randomId(),
      sealedPayload: 'test.AAAA',
      accountId,
      createdAt: 0,
      expiresAt,
    }),
    mayStay: true,
  },
  {
    table: 'attempts',
    days: 0,
    row: (expiresAt) => ({ key: randomId(), failures: 1, blockedUntil: 0, windowStartedAt: 0, expiresAt }),
  },
  {
    table: 'oidc_artifacts',
    days: 0, // nobody's: an interaction that nobody has answered, a pushed request
    row: (expiresAt) => ({
      model: 'Interaction',
      idHash: randomId(),
      sealedPayload: 'test.AAAA',
      createdAt: 0,
      expiresAt,
    }),
    mayStay: true,
  },
  {
    table: 'shared_answers',
    days: 0,
    row: (expiresAt) => ({ postHash: randomId(), answeredBy: randomId(), sealedAnswer: null, expiresAt }),
  },
  {
    table: 'activation_codes',
    days: 1,
    row: (expiresAt) => ({ id: randomId(), accountId, codeHash: 'x', createdAt: 0, expiresAt, tries: 0 }),
  },
  {
    table: 'known_browsers',
    days: 365,
    row: (lastSeenAt) => ({ browserHash: randomId(), accountId, lastSeenAt }),
  },
  {
    table: 'outbox',
    days: 30,
    row: (sentAt) => ({ ...mail, id: randomId(), sentAt }),
    mayStay: true,
  },
  {
    table: 'outbox',
    days: 30,
    row: (abandonedAt) => ({ ...mail, id: randomId(), abandonedAt }),
    mayStay: true,
  },
  {
    table: 'second_factors',
    days: 30,
    row: (removedAt) => ({
      id: randomId(),
      accountId,
      kind: 'totp',
      name: 'Mon iPhone',
      sealedSecret: 'test.AAAA',
      lastStep: 0,
      createdAt: 0,
      removedAt,
    }),
    mayStay: true,
  },
  {
    table: 'begun_enrolments',
    days: 90,
    row: (begunAt) => ({
      idHash: randomId(),
      accountId,
      credentialEpoch: 1,
      sealedInteraction: 'test.AAAA',
      keyId: 'test',
      mark: '25 nov. 22 h 04',
      begunAt,
    }),
  },
  {
    table: 'refused_requests',
    days: 30,
    row: (occurredAt) => ({
      supportCode: randomId().slice(0, 6),
      requestId: 'x',
      occurredAt,
      endpoint: 'token',
      error: 'invalid_grant',
      evidence: '{}',
    }),
  },
]

describe('the purge', () => {
  test.each(TABLES)(
    '$table: rows go after $days days, the others stay',
    async ({ table, days, row, mayStay }) => {
      const ends = clock.now() - days * DAY
      const staying = [row(ends + MINUTE), ...(mayStay === true ? [row(null)] : [])]
      await idp.db(table).insert([row(ends - MINUTE), row(ends - 400 * DAY)])
      await idp.db(table).insert(staying)
      await idp.app.purge()
      expect(await idp.db(table)).toEqual(
        expect.arrayContaining(staying.map((one) => expect.objectContaining(one))),
      )
      expect(await idp.db(table)).toHaveLength(staying.length)
      await idp.db(table).delete()
    },
  )

  test('audit_events: what is older than AUDIT_RETENTION_DAYS goes, once a day', async () => {
    const { audit, store } = idp.services
    const { auditEvents } = store
    const event = { event: 'account.unlocked', actor: OPERATOR } as const
    await store.transaction((tx) => audit.record(tx, event))
    await idp.db('audit_events').update({ occurredAt: clock.now() - 400 * DAY + MINUTE })
    await idp.app.purge()
    expect(await auditEvents.findLatest('audit.purged')).toBeUndefined()
    clock.advance({ minutes: 2 })
    await idp.app.purge()
    expect(await auditEvents.listAfter(0, 10)).toMatchObject([
      { event: 'audit.purged', actor: 'laissez-passer', clientAddress: 'schedule' },
    ])
  })

  test('of many rows takes all, a few hundred a statement', async () => {
    const old = Array.from({ length: 1_250 }, () => ({
      key: randomId(),
      failures: 1,
      blockedUntil: 0,
      windowStartedAt: 0,
      expiresAt: 1,
    }))
    await idp.db.batchInsert('attempts', old, 100)
    const deleted: number[] = []
    idp.db.on('query-response', (response: unknown, { method, bindings }: Knex.Sql) => {
      if (method === 'del' && bindings.includes(500)) deleted.push(deletedBy(response))
    })
    await idp.app.purge()
    expect(deleted.filter((count) => count > 0)).toEqual([500, 500, 250])
    expect(await idp.db('attempts')).toEqual([])
  })

  test('of refused requests keeps the newest ten thousand', async () => {
    const refused = Array.from({ length: 10_002 }, (_, index) => ({
      supportCode: String(index),
      requestId: 'x',
      occurredAt: clock.now() - index,
      endpoint: 'token',
      error: 'invalid_grant',
      evidence: '{}',
    }))
    await idp.db.batchInsert('refused_requests', refused, 100)
    await idp.app.purge()
    expect(await idp.db('refused_requests')).toHaveLength(10_000)
    expect(await idp.db('refused_requests').whereIn('supportCode', ['10000', '10001'])).toEqual([])
  })

  test('ends between two batches when the process is stopping', async () => {
    await idp.db('attempts').insert(TABLES[1]?.row(1) ?? {})
    await idp.app.purge(AbortSignal.abort())
    expect(await idp.db('attempts')).toHaveLength(1)
    await idp.app.purge()
    expect(await idp.db('attempts')).toEqual([])
  })
})

/** SQLite's driver tells it by `this.changes`, which knex hands out; PostgreSQL's by `rowCount`. */
function deletedBy(response: unknown): number {
  return typeof response === 'number' ? response : Number((response as { rowCount?: number }).rowCount)
}
