// The audit log lets go of its beginning, and what remains still proves itself. Threats: somebody who cuts
// the log off and calls it retention; a purge that dies half-way; a verification while events go.

import { afterAll, beforeEach, describe, expect, test } from '@jest/globals'
import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'
import { ITSELF } from '../../src/audit/actor.js'
import { verifyAuditLog } from '../../src/audit/verification.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { OPERATOR } from '../support/people.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'

const DAY = 24 * 3_600_000

describe('the audit log, on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'the audit log, on PostgreSQL', () => suite('postgres'))

function suite(database: DatabaseKind): void {
  let services: TestServices | undefined
  const here = (): TestServices => {
    if (services === undefined) throw new Error('not open')
    return services
  }
  beforeEach(async () => {
    await services?.close()
    services = await openServices({ database })
    // Events 1 to 6, one a day.
    for (let day = 1; day <= 6; day += 1) {
      await record()
      clock.advance({ hours: 24 })
    }
  })
  afterAll(() => services?.close())

  const record = () =>
    here().store.transaction((tx) =>
      here().audit.record(tx, { event: 'account.unlocked', actor: OPERATOR, cip: 'tram1234' }),
    )
  const purge = (days: number, options = {}) =>
    here().auditRetention.purge(clock.now() - days * DAY, ITSELF, { now: clock.now(), ...options })
  const verify = () => verifyAuditLog(here())
  const events = () => here().db<StoredAuditEvent>('audit_events')
  const eventAt = async (sequence: number): Promise<StoredAuditEvent> => {
    const event = await events().where({ sequence }).first()
    if (event === undefined) throw new Error(`no event ${sequence}`)
    return event
  }
  const sequences = async () => events().orderBy('sequence').pluck('sequence')

  test('lets go of what is older, says so in an event, and verifies from there', async () => {
    expect(await purge(3.5)).toBe(3)
    expect(await sequences()).toEqual([4, 5, 6, 7])
    const purged = await eventAt(7)
    expect(purged).toMatchObject({ event: 'audit.purged', actor: ITSELF.name })
    expect(JSON.parse(purged.details)).toMatchObject({ through: 3, events: 3 })
    expect(await verify()).toMatchObject({ ok: true, rows: 4, purged: 3 })
  })

  test('goes on from there: a second purge, more events', async () => {
    await purge(3.5)
    clock.advance({ hours: 24 })
    await record()
    expect(await purge(3.5)).toBe(1)
    expect(await sequences()).toEqual([5, 6, 7, 8, 9])
    expect(await verify()).toMatchObject({ ok: true, rows: 5, purged: 4 })
  })

  test('may let go of everything but the event that says so', async () => {
    await purge(-1)
    expect(await sequences()).toEqual([7])
    expect(await verify()).toMatchObject({ ok: true, rows: 1, purged: 6 })
  })

  test('records nothing where nothing is old enough, nor a second time the same day', async () => {
    expect(await purge(10)).toBe(0)
    expect(await purge(3.5)).toBe(3)
    clock.advance({ hours: 23 })
    expect(await purge(3.5, { againAfterMs: DAY })).toBe(0)
    clock.advance({ hours: 1 })
    expect(await purge(3.5, { againAfterMs: DAY })).toBe(1)
  })

  test('keeps an event that a clock set back has made look older than the one before it', async () => {
    await events().where({ sequence: 2 }).update({ occurredAt: clock.now() })
    expect(await purge(3.5)).toBe(1)
    expect(await sequences()).toEqual([2, 3, 4, 5, 6, 7])
  })

  test('two processes at once let go of it once', async () => {
    const gone = await Promise.all([purge(3.5, { againAfterMs: DAY }), purge(3.5, { againAfterMs: DAY })])
    expect(gone.toSorted((one, two) => one - two)).toEqual([0, 3])
    expect(await events().where({ event: 'audit.purged' })).toHaveLength(1)
    expect(await verify()).toMatchObject({ ok: true })
  })

  test('a purge that died after saying so is finished by the next one, and verifies meanwhile', async () => {
    const stopping = AbortSignal.abort()
    await purge(3.5, { stopping })
    expect(await sequences()).toEqual([1, 2, 3, 4, 5, 6, 7])
    expect(await verify()).toMatchObject({ ok: true, rows: 4, purged: 3 })
    expect(await purge(3.5)).toBe(0)
    expect(await sequences()).toEqual([4, 5, 6, 7])
  })

  test('events that go while it is verified are no fault', async () => {
    const { store, ring } = here()
    let isFirst = true
    const busy = {
      ...store,
      auditEvents: {
        ...store.auditEvents,
        async listAfter(sequence: number, limit: number) {
          if (isFirst) {
            isFirst = false
            await purge(3.5)
          }
          return store.auditEvents.listAfter(sequence, limit)
        },
      },
    }
    expect(await verifyAuditLog({ store: busy, ring })).toMatchObject({ ok: true, rows: 4 })
  })

  describe('who writes to the database', () => {
    const forge = async (details: object) =>
      events()
        .where({ event: 'audit.purged' })
        .update({ details: JSON.stringify(details) })

    test('and cuts the beginning off is found out', async () => {
      await events().where('sequence', '<=', 2).delete()
      expect(await verify()).toMatchObject({ ok: false, sequence: 1, fault: 'missing' })
    })

    test('and cuts off more than was let go is found out', async () => {
      await purge(3.5)
      await events().where({ sequence: 4 }).delete()
      expect(await verify()).toMatchObject({ ok: false, sequence: 4, fault: 'missing' })
    })

    test('and makes the event say so is found out', async () => {
      await purge(3.5)
      await forge({ through: 5, hash: (await eventAt(5)).hash, events: 5 })
      await events().where('sequence', '<=', 5).delete()
      expect(await verify()).toMatchObject({ ok: false, sequence: 7, fault: 'altered' })
    })

    test('and makes the event skip itself is found out', async () => {
      await purge(3.5)
      await record()
      await forge({ through: 7, hash: (await eventAt(7)).hash, events: 7 })
      expect(await verify()).toMatchObject({ ok: false, sequence: 1, fault: 'missing' })
    })

    test('and writes rubbish into it is found out', async () => {
      await purge(3.5)
      await events().where({ event: 'audit.purged' }).update({ details: 'no JSON' })
      expect(await verify()).toMatchObject({ ok: false, fault: 'missing' })
    })

    test('and takes the event away is found out', async () => {
      await purge(3.5)
      await events().where({ event: 'audit.purged' }).delete()
      expect(await verify()).toMatchObject({ ok: false })
    })
  })

  test('a head kept from before what was let go cannot be compared, and that is said', async () => {
    const [before, atTheEdge] = [await eventAt(2), await eventAt(3)]
    await purge(3.5)
    expect(await verifyAuditLog(here(), before)).toMatchObject({ ok: false, fault: 'head-purged' })
    expect(await verifyAuditLog(here(), atTheEdge)).toMatchObject({ ok: true })
    expect(await verifyAuditLog(here(), { ...atTheEdge, hash: 'another' })).toMatchObject({ ok: false })
  })
}
