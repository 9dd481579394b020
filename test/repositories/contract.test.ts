// What every database must hold. The same suite runs on SQLite, always, and on PostgreSQL where there is one;
// each race is run over two connections, as two processes would.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Knex } from 'knex'
import { connectDatabase, durabilityFaults } from '../../db/connect.js'
import { migrateToLatest } from '../../db/migrate.js'
import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'
import type { StoredArtifact } from '../../db/repositories/oidc-artifacts.js'
import type { StoredSecondFactor } from '../../db/repositories/second-factors.js'
import { createStore, type Store } from '../../db/store.js'
import { newAccountRow } from '../../src/accounts/account-row.js'
import { randomId } from '../../src/key-ring.js'
import { createTestDatabase, type DatabaseKind, type TestDatabase } from '../support/databases.js'
import { describeWith } from '../support/requirements.js'

const NOW = 1_800_000_000_000 // beyond 2³¹ seconds' worth of a small integer
const TWENTY = Array.from({ length: 20 }, (_, index) => index)

function contract(kind: DatabaseKind): void {
  let database: TestDatabase
  let db: Knex
  let otherDb: Knex
  let store: Store
  let other: Store
  beforeAll(async () => {
    database = await createTestDatabase(kind)
    db = connectDatabase(database.url)
    otherDb = connectDatabase(database.url)
    await Promise.all([migrateToLatest(db), migrateToLatest(otherDb)]) // two processes that start at once
    store = createStore(db)
    other = createStore(otherDb)
  })
  afterAll(async () => {
    await db.destroy()
    await otherDb.destroy()
    await database.remove()
  })

  /** Twenty at once, spread over the two connections. */
  const race = <T>(work: (side: Store, index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(TWENTY.map((index) => work(index % 2 === 0 ? store : other, index)))
  const wins = (results: readonly unknown[]): number => results.filter((result) => result === true).length

  async function addAccount(cip = `p${randomId().toLowerCase()}`) {
    const account = newAccountRow({
      cip,
      name: 'Zoë Œuvrard-Ñuñez 👩‍⚕️',
      email: 'zoë@exemple.ca',
      createdAt: NOW,
    })
    expect(await store.accounts.insert(account)).toBe(true)
    return account
  }

  const begunBy = (accountId: string, begunAt: number) => ({
    idHash: randomId(),
    accountId,
    credentialEpoch: 1,
    sealedInteraction: 'k.x',
    keyId: 'k',
    mark: '25 nov. 22 h 04',
    begunAt,
  })

  describe('the database itself', () => {
    test('keeps what it has acknowledged over a loss of power', async () => {
      expect(await durabilityFaults(db)).toEqual([])
    })

    test('takes a change, however often and by whom it is tried', async () => {
      await Promise.all([store.checkWritable(NOW), other.checkWritable(NOW)])
      expect(await db('readiness')).toEqual([{ id: 1, checkedAt: NOW }])
      await db('readiness').delete()
      await expect(store.checkWritable(NOW)).rejects.toThrow('the row that readiness is tried on is missing')
      await db('readiness').insert({ id: 1, checkedAt: NOW })
    })

    test('is migrated once, by whoever comes first', async () => {
      expect(await migrateToLatest(otherDb)).toEqual([])
    })

    test('commits a transaction whole or not at all', async () => {
      const account = newAccountRow({ cip: 'avorte', name: 'x', email: 'x@x', createdAt: NOW })
      await expect(
        store.transaction(async (tx) => {
          await tx.accounts.insert(account)
          throw new Error('changed my mind')
        }),
      ).rejects.toThrow('changed my mind')
      expect(await store.accounts.findByCip('avorte')).toBeUndefined()
    })

    test('forty transactions that read, then write, over two connections: all succeed (M12)', async () => {
      const account = await addAccount()
      await Promise.all(
        [...TWENTY, ...TWENTY].map((index) =>
          (index % 2 === 0 ? store : other).transaction(async (tx) => {
            const { credentialEpoch } = (await tx.accounts.findById(account.id)) ?? { credentialEpoch: 0 }
            await tx.attempts.add(`t:${credentialEpoch}`, NOW, 1000, true)
            await tx.accounts.resetEpoch(account.id)
          }),
        ),
      )
      expect((await store.accounts.findById(account.id))?.credentialEpoch).toBe(41)
    })

    test('an error names the statement that failed, and none of its values (LOG-2)', async () => {
      const account = await addAccount()
      const again = db('accounts').insert({ ...account, cip: 'valeur-secrete' })
      await expect(again).rejects.toThrow(
        expect.objectContaining({ message: expect.not.stringContaining('valeur-secrete') }),
      )
    })
  })

  describe('accounts', () => {
    test('come in together; whose CIP is taken stays out alone', async () => {
      const known = await addAccount()
      const row = (cip: string) => newAccountRow({ cip, name: 'x', email: 'x@x', createdAt: NOW })
      const [one, taken, two] = [row(`${known.cip}a`), row(known.cip), row(`${known.cip}b`)]
      expect((await store.accounts.insertAll([one, taken, two])).toSorted()).toEqual(
        [one.id, two.id].toSorted(),
      )
      const cips = [one.cip, taken.cip, 'personne']
      expect((await store.accounts.listByCips(cips)).map(({ id }) => id).toSorted()).toEqual(
        [one.id, known.id].toSorted(),
      )
    })

    test('come back as they were stored, whatever letters they hold', async () => {
      const account = newAccountRow({
        cip: 'tram1234',
        name: '«\u00a0Zoë\u00a0» ’Œ 👩‍⚕️',
        email: 'a@b',
        createdAt: NOW,
        passwordHash: 'v1$k$x',
        passwordSetAt: NOW + 1,
        temporaryPasswordExpiresAt: NOW + 2,
        address: '{"locality":"Sherbrooke"}',
        locale: 'fr-CA',
        phoneNumber: '+18195550000',
      })
      await store.accounts.insert(account)
      expect(await store.accounts.findById(account.id)).toEqual(account)
      expect(await other.accounts.findByCip('tram1234')).toEqual(account)
      expect(await store.accounts.findByCip('TRAM1234')).toBeUndefined()
      expect(await store.accounts.findById('unknown')).toBeUndefined()
    })

    test('of twenty that want one CIP, one gets it', async () => {
      const cip = 'convoite'
      expect(
        wins(
          await race((side) =>
            side.accounts.insert(newAccountRow({ cip, name: 'x', email: 'x@x', createdAt: NOW })),
          ),
        ),
      ).toBe(1)
    })

    test('of twenty changes decided under one epoch, one is made', async () => {
      const account = await addAccount()
      expect(wins(await race((side, index) => side.accounts.raiseEpoch(account.id, 1, `s${index}`)))).toBe(1)
      expect((await store.accounts.findById(account.id))?.credentialEpoch).toBe(2)
    })

    test('no change is made to a disabled one, and an operator’s reset counts whatever the epoch', async () => {
      const account = await addAccount()
      expect(wins(await race((side) => side.accounts.setDisabled(account.id, NOW)))).toBe(1)
      expect(await store.accounts.raiseEpoch(account.id, 1, 's')).toBe(false)
      await race((side) => side.accounts.resetEpoch(account.id))
      expect(await store.accounts.findById(account.id)).toMatchObject({
        credentialEpoch: 21,
        epochChangedBy: null,
        disabledAt: NOW,
      })
      expect(wins(await race((side) => side.accounts.setDisabled(account.id, null)))).toBe(1)
    })

    test('a hash is replaced only if it still is the one that was read', async () => {
      const account = await addAccount()
      await store.accounts.resetEpoch(account.id, {
        passwordHash: 'new',
        passwordSetAt: NOW,
        temporaryPasswordExpiresAt: null,
      })
      await store.accounts.replaceHash(account.id, 'old', 'rehashed old')
      expect((await store.accounts.findById(account.id))?.passwordHash).toBe('new')
      await store.accounts.replaceHash(account.id, 'new', 'rehashed new')
      expect((await store.accounts.findById(account.id))?.passwordHash).toBe('rehashed new')
    })

    test('a sign-in without a language keeps the one before', async () => {
      const account = await addAccount()
      await store.accounts.recordSignIn(account.id, NOW, 'en')
      await store.accounts.recordSignIn(account.id, NOW + 5)
      expect(await store.accounts.findById(account.id)).toMatchObject({ locale: 'en', lastSignInAt: NOW + 5 })
    })
  })

  describe('second factors', () => {
    async function addFactor(changes: Partial<StoredSecondFactor> = {}): Promise<StoredSecondFactor> {
      const account = await addAccount()
      const factor: StoredSecondFactor = {
        id: randomId(),
        accountId: account.id,
        kind: 'totp',
        name: 'Mon iPhone',
        sealedSecret: 'k.x',
        lastStep: 100,
        verifiedBy: null,
        verifiedAt: null,
        createdAt: NOW,
        disabledAt: null,
        removedAt: null,
        ...changes,
      }
      await store.secondFactors.insert(factor)
      return factor
    }

    test('of twenty with one step, one uses it (OTP-2)', async () => {
      const factor = await addFactor()
      expect(
        wins(await race((side, index) => side.secondFactors.useStep(factor.id, 101, `s${index}`, NOW))),
      ).toBe(1)
    })

    test('a step is used once, and so is none before it (OTP-4)', async () => {
      const factor = await addFactor()
      expect(await store.secondFactors.useStep(factor.id, 105, 's', NOW)).toBe(true)
      for (const step of [100, 104, 105])
        expect(await store.secondFactors.useStep(factor.id, step, 's', NOW)).toBe(false)
      expect(await store.secondFactors.listCurrent(factor.accountId)).toEqual([
        { ...factor, lastStep: 105, verifiedBy: 's', verifiedAt: NOW },
      ])
    })

    test('steps of all are used up at once, and none is taken back', async () => {
      const [behind, ahead] = [
        await addFactor({ lastStep: 100, verifiedBy: 's' }),
        await addFactor({ lastStep: 700 }),
      ]
      const removed = await addFactor({ lastStep: 100, removedAt: NOW })
      expect(await store.secondFactors.useAllTo(500)).toBeGreaterThan(0)
      const stepOf = async ({ id }: StoredSecondFactor) =>
        (await db<StoredSecondFactor>('second_factors').where({ id }).first('lastStep', 'verifiedBy')) ?? {}
      expect(await stepOf(behind)).toEqual({ lastStep: 500, verifiedBy: null })
      expect(await stepOf(ahead)).toMatchObject({ lastStep: 700 })
      expect(await stepOf(removed)).toMatchObject({ lastStep: 100 })
      expect(await store.secondFactors.useStep(behind.id, 500, 's', NOW)).toBe(false)
    })

    test('no step of a disabled or removed one is used, nor of one that is not there', async () => {
      for (const factor of [await addFactor({ disabledAt: NOW }), await addFactor({ removedAt: NOW })])
        expect(await store.secondFactors.useStep(factor.id, 200, 's', NOW)).toBe(false)
      expect(await store.secondFactors.useStep('unknown', 200, 's', NOW)).toBe(false)
    })

    test('a disabled one still stands for « enrolled », a removed one does not', async () => {
      const factor = await addFactor()
      const { id, accountId } = factor
      const disabled = await race((side) => side.secondFactors.disable(accountId, [id], NOW))
      expect(disabled.flat()).toEqual([id])
      expect(await store.secondFactors.listCurrent(factor.accountId)).toHaveLength(1)
      expect(await store.secondFactors.removeAll(factor.accountId, NOW)).toBe(1)
      expect(await store.secondFactors.removeAll(factor.accountId, NOW + 1)).toBe(0)
      expect(await store.secondFactors.listCurrent(factor.accountId)).toEqual([])
      expect(
        (await store.secondFactors.listRemovedSince(factor.accountId, NOW)).map(
          ({ removedAt, verifiedBy }) => ({ removedAt, verifiedBy }),
        ),
      ).toEqual([{ removedAt: NOW, verifiedBy: null }])
      expect(await store.secondFactors.listRemovedSince(factor.accountId, NOW + 1)).toEqual([])
      await store.secondFactors.deleteRemoved(NOW + 1, 1_000)
      expect(await store.secondFactors.listRemovedSince(factor.accountId, 0)).toEqual([])
    })

    test('are locked together with their account, the oldest first, as long as it stands at that epoch', async () => {
      const first = await addFactor({ createdAt: NOW + 1 })
      const older: StoredSecondFactor = { ...first, id: randomId(), createdAt: NOW, disabledAt: NOW }
      await store.secondFactors.insert(older)
      await store.secondFactors.insert({ ...first, id: randomId(), removedAt: NOW })
      const lock = (epoch: number) =>
        store.transaction((tx) => tx.secondFactors.lockCurrent(first.accountId, epoch))
      expect(await lock(1)).toEqual([older, first])
      await store.accounts.resetEpoch(first.accountId)
      expect(await lock(1)).toEqual([])
      expect(await lock(2)).toHaveLength(2)
      await store.accounts.setDisabled(first.accountId, NOW)
      expect(await lock(2)).toEqual([])
    })

    test('are locked together with what is dead: devices removed and QR codes shown of late', async () => {
      const first = await addFactor({ createdAt: NOW + 1 })
      const { accountId } = first
      const older = { ...first, id: randomId(), createdAt: NOW }
      const removed = { ...first, id: randomId(), removedAt: NOW }
      for (const factor of [older, removed, { ...first, id: randomId(), removedAt: NOW - 1 }])
        await store.secondFactors.insert(factor)
      const lock = (epoch = 1) =>
        store.transaction((tx) =>
          tx.secondFactors.lockOrigins(accountId, epoch, { removedSince: NOW, begunSince: NOW }),
        )
      expect(await lock()).toEqual({ current: [older, first], removed: [removed], begun: [] })
      const begun = [2, 1, 0].map((index) => begunBy(accountId, NOW + index))
      for (const row of [...begun, begunBy(accountId, NOW - 1)]) await store.begunEnrolments.insert(row)
      expect(await lock()).toEqual({ current: [older, first], removed: [removed], begun })
      expect(await lock(2)).toEqual({ current: [], removed: [], begun: [] })
      await store.accounts.setDisabled(accountId, NOW)
      expect(await lock()).toEqual({ current: [], removed: [], begun: [] })
    })

    test('whoever waits for the lock sees what the one before has done', async () => {
      const { id, accountId } = await addFactor()
      await store.begunEnrolments.insert(begunBy(accountId, NOW))
      const since = { removedSince: NOW, begunSince: NOW }
      const steps = await race((side, index) =>
        side.transaction(async (tx) => {
          const [factor] =
            index % 3 === 0
              ? await tx.secondFactors.lockCurrent(accountId, 1)
              : (await tx.secondFactors.lockOrigins(accountId, 1, since)).current
          const lastStep = factor?.lastStep ?? 0
          await tx.secondFactors.useStep(id, lastStep + 1, `s${index}`, NOW)
          return lastStep
        }),
      )
      expect(steps.toSorted((a, b) => a - b)).toEqual(TWENTY.map((index) => 100 + index))
    })

    test('of no account there is none', async () => {
      await expect(
        store.secondFactors.insert({
          id: randomId(),
          accountId: 'nobody',
          kind: 'totp',
          name: 'x',
          sealedSecret: 'x',
          lastStep: 0,
          verifiedBy: null,
          verifiedAt: null,
          createdAt: NOW,
          disabledAt: null,
          removedAt: null,
        }),
      ).rejects.toThrow(/foreign key/i)
    })
  })

  describe('waiting places', () => {
    test('of twenty who ask at once for one place all are answered, and there is one row', async () => {
      const place = randomId()
      expect(await race((side) => side.waitingPlaces.poll(place, NOW))).toEqual(TWENTY.map(() => NOW))
      expect(await db('waiting_places').where({ place })).toEqual([{ place, polledAt: NOW, heldAt: NOW }])
    })

    test('the keeper learns when it was asked for elsewhere, and who asks when the keeper was there', async () => {
      const place = randomId()
      expect(await store.waitingPlaces.hold([place], NOW)).toEqual([])
      await store.waitingPlaces.poll(place, NOW)
      expect(await other.waitingPlaces.hold([place, randomId()], NOW + 5)).toEqual([{ place, polledAt: NOW }])
      expect(await store.waitingPlaces.poll(place, NOW + 9)).toBe(NOW + 5)
      expect(await other.waitingPlaces.hold([place], NOW + 10)).toEqual([{ place, polledAt: NOW + 9 }])
    })

    test('what nobody asks for any more goes', async () => {
      const [old, fresh] = [randomId(), randomId()]
      await store.waitingPlaces.poll(old, NOW - 10)
      await store.waitingPlaces.poll(fresh, NOW)
      await store.waitingPlaces.deleteUnpolled(NOW, 1_000)
      expect(await db('waiting_places').whereIn('place', [old, fresh]).select('place')).toEqual([
        { place: fresh },
      ])
    })
  })

  describe('hashers', () => {
    test('each counts once, with what it said last, as long as it is seen', async () => {
      const [one, two] = [randomId(), randomId()]
      await store.hashers.report({ id: one, hashesPerMinute: 240, seenAt: NOW })
      await Promise.all([
        store.hashers.report({ id: one, hashesPerMinute: 250, seenAt: NOW + 1 }),
        other.hashers.report({ id: two, hashesPerMinute: 100, seenAt: NOW + 9 }),
      ])
      expect(await store.hashers.sumHashesPerMinute(NOW)).toBe(350)
      expect(await store.hashers.sumHashesPerMinute(NOW + 1)).toBe(100)
      expect(await store.hashers.sumHashesPerMinute(NOW + 9)).toBe(0)
      await store.hashers.deleteUnseen(NOW + 9, 1_000)
      expect(await store.hashers.sumHashesPerMinute(0)).toBe(100)
    })
  })

  describe('refused requests', () => {
    const refused = (over: { supportCode: string; occurredAt?: number; clientId?: string | null }) => ({
      requestId: 'a1',
      occurredAt: NOW,
      endpoint: 'token',
      clientId: 'paie',
      error: 'invalid_grant',
      description: null,
      detail: null,
      evidence: '{}',
      ...over,
    })

    test('of twenty with one support code one is kept', async () => {
      const results = await race((side) => side.refusedRequests.insert(refused({ supportCode: 'AAAAAA' })))
      expect(wins(results)).toBe(1)
      await db('refused_requests').delete()
    })

    test('are found by client, code and time, the newest first; the oldest beyond a number go', async () => {
      for (const [supportCode, ago, clientId] of [
        ['AAAAA2', 3, 'paie'],
        ['AAAAA3', 2, null],
        ['AAAAA4', 1, 'paie'],
      ] as const)
        await store.refusedRequests.insert(refused({ supportCode, occurredAt: NOW - ago, clientId }))
      const codes = async (search: { clientId?: string; supportCode?: string; since?: number }) =>
        (await other.refusedRequests.search({ ...search, limit: 10 })).map(({ supportCode }) => supportCode)
      expect(await codes({})).toEqual(['AAAAA4', 'AAAAA3', 'AAAAA2'])
      expect(await codes({ clientId: 'paie' })).toEqual(['AAAAA4', 'AAAAA2'])
      expect(await codes({ since: NOW - 2 })).toEqual(['AAAAA4', 'AAAAA3'])
      expect(await codes({ supportCode: 'AAAAA3' })).toEqual(['AAAAA3'])
      expect(await store.refusedRequests.deleteBeyond(3, 100)).toBe(0)
      expect(await store.refusedRequests.deleteBeyond(2, 100)).toBe(1)
      expect(await store.refusedRequests.deleteOlder(NOW - 1, 100)).toBe(1)
      expect(await codes({})).toEqual(['AAAAA4'])
    })
  })

  describe('attempts', () => {
    const countsOf = async (key: string) => (await store.attempts.find([key]))[0]

    test('twenty failures at once count twenty (M8)', async () => {
      const key = randomId()
      const counts = await race((side) => side.attempts.add(key, NOW, 60_000, true))
      expect([...counts].sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(TWENTY.map((index) => index + 1))
      expect((await countsOf(key))?.failures).toBe(20)
    })

    test('a try may weigh more than one, and is taken back with its weight', async () => {
      const key = randomId()
      await race((side) => side.attempts.add(key, NOW, 60_000, true, { points: 3 }))
      expect(await countsOf(key)).toMatchObject({ failures: 60 })
      await store.attempts.cancel(key, 0, 3)
      expect(await countsOf(key)).toMatchObject({ failures: 57 })
      expect(await store.attempts.add(key, NOW + 60_000, 60_000, true, { points: 2 })).toBe(2)
    })

    test('nothing is counted while a block stands, and all of it is after', async () => {
      const key = randomId()
      await store.attempts.add(key, NOW, 60_000, true)
      await store.attempts.block(key, NOW + 5_000)
      expect(await race((side) => side.attempts.add(key, NOW + 4_999, 60_000, true))).toEqual(
        TWENTY.map(() => undefined),
      )
      expect(await store.attempts.add(key, NOW + 5_000, 60_000, true)).toBe(2)
    })

    test('what has expired starts anew at one; what slides expires later with each failure, what does not, does not', async () => {
      const [sliding, fixed] = [randomId(), randomId()]
      for (const [at, ofSliding, ofFixed] of [
        [0, 1, 1],
        [40, 2, 2],
        [70, 3, 1],
        [200, 1, 1],
      ] as const) {
        expect([
          at,
          await store.attempts.add(sliding, NOW + at, 60, true),
          await store.attempts.add(fixed, NOW + at, 60, false),
        ]).toEqual([at, ofSliding, ofFixed])
      }
    })

    test('a failure taken back is gone, with the block it started and no other', async () => {
      const key = randomId()
      for (let count = 0; count < 3; count += 1) await store.attempts.add(key, NOW, 60_000, true)
      await store.attempts.block(key, NOW + 7)
      await store.attempts.cancel(key, NOW + 6)
      expect(await countsOf(key)).toMatchObject({ failures: 2, blockedUntil: NOW + 7 })
      await store.attempts.cancel(key, NOW + 7)
      expect(await countsOf(key)).toMatchObject({ failures: 1, blockedUntil: 0 })
      await race((side) => side.attempts.cancel(key, 0))
      expect(await countsOf(key)).toBeUndefined()
    })

    test('a block outlives the window it began in, also through a purge', async () => {
      const key = randomId()
      await store.attempts.add(key, NOW, 10, true)
      await store.attempts.block(key, NOW + 1_000)
      await store.attempts.deleteExpired(NOW + 500, 1_000)
      expect(await store.attempts.add(key, NOW + 500, 10, true)).toBeUndefined()
      await store.attempts.deleteExpired(NOW + 1_000, 1_000)
      expect(await countsOf(key)).toBeUndefined()
    })

    test('are cleared by their keys alone, odd signs included', async () => {
      const odd = ['a%', 'a_', "a'", 'a\\', 'a', 'ab', 'é', '👩‍⚕️']
      for (const key of odd) await store.attempts.add(`odd:${key}`, NOW, 60_000, true)
      await store.attempts.clear(["odd:a'", 'odd:a%'])
      expect(
        await Promise.all(odd.map(async (key) => (await countsOf(`odd:${key}`))?.failures ?? 0)),
      ).toEqual([0, 1, 0, 1, 1, 1, 1, 1])
    })

    test('or by how their keys begin, sign by sign', async () => {
      const keys = ['p%:a@', 'p%:a@1', 'p%:a', 'p%:b@1', 'px:a@1', 'P%:a@1', 'single', 'singles']
      for (const key of keys) await store.attempts.add(key, NOW, 60_000, true)
      expect(await store.attempts.clear(['single'], ['p%:a@'])).toBe(3)
      expect((await store.attempts.find(keys)).map(({ key }) => key).toSorted()).toEqual([
        'P%:a@1',
        'p%:a',
        'p%:b@1',
        'px:a@1',
        'singles',
      ])
    })
  })

  describe('the audit log', () => {
    const row = (sequence: number, hash: string): StoredAuditEvent => ({
      sequence,
      occurredAt: NOW,
      event: 'password.refused',
      outcome: 'refused',
      actor: 'cip:x',
      accountId: null,
      cip: 'x',
      clientAddress: '::1',
      reason: null,
      details: '{"why":"é"}',
      keyId: 'k',
      hash,
    })

    test('twenty writers over two connections make one chain: no gap, no fork (M12)', async () => {
      await race((side) =>
        side.transaction(async (tx) => {
          const head = await tx.auditEvents.advanceHead()
          await tx.auditEvents.append(row(head.sequence, `after ${head.hash.slice(0, 8)} ${head.sequence}`))
        }),
      )
      const events = await store.auditEvents.listAfter(0, 100)
      expect(events.map(({ sequence }) => sequence)).toEqual(TWENTY.map((index) => index + 1))
      expect(events[4]).toEqual({ ...row(5, events[4]?.hash ?? '') })
      expect(await store.auditEvents.readHead()).toEqual({ sequence: 20, hash: events[19]?.hash })
    })

    test('an undone change leaves no number behind', async () => {
      const before = await store.auditEvents.readHead()
      await store
        .transaction(async (tx) => {
          await tx.auditEvents.advanceHead()
          throw new Error('undone')
        })
        .catch(() => {})
      expect(await store.auditEvents.readHead()).toEqual(before)
    })

    test('is searched by CIP and time, the latest first', async () => {
      const found = await store.auditEvents.search({ cip: 'x', since: NOW, until: NOW + 1, limit: 3 })
      expect(found.map(({ sequence }) => sequence)).toEqual([20, 19, 18])
      expect(await store.auditEvents.search({ cip: 'y', limit: 3 })).toEqual([])
      expect(await store.auditEvents.search({ since: NOW + 1, limit: 3 })).toEqual([])
    })
  })

  describe('what oidc-provider keeps', () => {
    const artifact = (changes: Partial<StoredArtifact> = {}): StoredArtifact => ({
      model: 'AuthorizationCode',
      idHash: randomId(),
      sealedPayload: 'k.payload',
      grantHash: null,
      uidHash: null,
      userCodeHash: null,
      accountId: null,
      consumedAt: null,
      createdAt: NOW,
      expiresAt: NOW + 60_000,
      ...changes,
    })

    test('of twenty that consume one code, one does (M1)', async () => {
      const code = artifact()
      await store.oidcArtifacts.upsert(code)
      expect(wins(await race((side) => side.oidcArtifacts.consume(code.model, [code.idHash], NOW)))).toBe(1)
      expect(await store.oidcArtifacts.consume('RefreshToken', [code.idHash], NOW)).toBe(false)
    })

    test('saved again it stays consumed', async () => {
      const code = artifact()
      await store.oidcArtifacts.upsert(code)
      await store.oidcArtifacts.consume(code.model, [code.idHash], NOW + 1)
      await store.oidcArtifacts.upsert({ ...code, sealedPayload: 'k.changed', createdAt: NOW + 9 })
      expect(await store.oidcArtifacts.find(code.model, [code.idHash])).toEqual({
        ...code,
        sealedPayload: 'k.changed',
        consumedAt: NOW + 1,
      })
    })

    test('a value that may be seen once is seen once (M21)', async () => {
      const jti = artifact({ model: 'ReplayDetection' })
      expect(wins(await race((side) => side.oidcArtifacts.insertOnce(jti)))).toBe(1)
    })

    test('the latest of two sessions with one uid is found', async () => {
      const uidHash = randomId()
      const [old, young] = [
        artifact({ model: 'Session', uidHash }),
        artifact({ model: 'Session', uidHash, createdAt: NOW + 1 }),
      ]
      await store.oidcArtifacts.upsert(young)
      await store.oidcArtifacts.upsert(old)
      expect((await store.oidcArtifacts.findBy('Session', 'uidHash', [randomId(), uidHash]))?.idHash).toBe(
        young.idHash,
      )
      expect(await store.oidcArtifacts.findBy('Interaction', 'uidHash', [uidHash])).toBeUndefined()
    })

    test('a grant and an account take all of theirs with them, and nothing else', async () => {
      const [grantHash, accountId] = [randomId(), randomId()]
      const mine = artifact({ grantHash, accountId, model: 'AccessToken' })
      const session = artifact({ accountId, model: 'Session' })
      const foreign = artifact({ grantHash: randomId(), accountId: randomId() })
      for (const each of [mine, session, foreign]) await store.oidcArtifacts.upsert(each)
      expect(await store.oidcArtifacts.countByAccount(accountId, 'Session', NOW)).toBe(1)
      expect(await store.oidcArtifacts.deleteByGrant([grantHash], ['AuthorizationCode'])).toBe(0)
      expect(await store.oidcArtifacts.deleteByGrant([grantHash], ['AccessToken', 'AuthorizationCode'])).toBe(
        1,
      )
      await store.oidcArtifacts.endAccount(accountId, NOW)
      expect(await store.oidcArtifacts.countByAccount(accountId, 'Session', NOW)).toBe(0)
      expect(await store.oidcArtifacts.find('Session', [session.idHash])).toMatchObject({ consumedAt: NOW })
      expect(await store.oidcArtifacts.find(foreign.model, [foreign.idHash])).toEqual(foreign)
    })

    test('after a restore nothing of it lives, of nobody either; what was seen once stays seen', async () => {
      const session = artifact({ accountId: randomId(), model: 'Session' })
      const jti = artifact({ model: 'ReplayDetection' })
      const gone = [artifact({ model: 'Interaction' }), artifact({ accountId: randomId(), model: 'Grant' })]
      for (const each of [session, jti, ...gone]) await store.oidcArtifacts.upsert(each)
      const before = await store.oidcArtifacts.countLive('Session', NOW)
      expect(before).toBeGreaterThan(0)
      await store.oidcArtifacts.endAll(NOW)
      expect(await store.oidcArtifacts.countLive('Session', NOW)).toBe(0)
      expect(await store.oidcArtifacts.find('Session', [session.idHash])).toMatchObject({ consumedAt: NOW })
      expect(await store.oidcArtifacts.insertOnce(jti)).toBe(false)
      for (const { model, idHash } of gone)
        expect(await store.oidcArtifacts.find(model, [idHash])).toBeUndefined()
    })

    test('what has expired goes in small batches, what has no end stays', async () => {
      const endless = artifact({ expiresAt: null })
      await store.oidcArtifacts.upsert(endless)
      for (let count = 0; count < 7; count += 1)
        await store.oidcArtifacts.upsert(artifact({ expiresAt: NOW - 1_000_000 }))
      expect(await store.oidcArtifacts.deleteExpired(NOW - 999_999, 5)).toBe(5)
      expect(await store.oidcArtifacts.deleteExpired(NOW - 999_999, 5)).toBe(2)
      expect(await store.oidcArtifacts.deleteExpired(NOW - 999_999, 5)).toBe(0)
      expect(await store.oidcArtifacts.find(endless.model, [endless.idHash])).toEqual(endless)
    })

    test('the end of one that has not ended is moved later, and nothing else', async () => {
      const interaction = artifact({ model: 'Interaction', expiresAt: NOW + 100 })
      const { idHash } = interaction
      await store.oidcArtifacts.upsert(interaction)
      expect(await store.oidcArtifacts.prolong('Interaction', idHash, NOW + 100, NOW + 500)).toBe(0)
      expect(await store.oidcArtifacts.prolong('Interaction', idHash, NOW, NOW + 50)).toBe(0)
      expect(await store.oidcArtifacts.prolong('Interaction', idHash, NOW, NOW + 500)).toBe(1)
      expect(await store.oidcArtifacts.find('Interaction', [idHash])).toEqual({
        ...interaction,
        expiresAt: NOW + 500,
      })
    })

    test('what belongs to nobody goes at its end, and what is somebody’s stays', async () => {
      const expiresAt = NOW - 2_000_000
      const ofNobody = artifact({ accountId: null, expiresAt })
      const ofSomebody = artifact({ accountId: randomId(), expiresAt })
      for (const each of [ofNobody, ofSomebody]) await store.oidcArtifacts.upsert(each)
      expect(await store.oidcArtifacts.deleteExpiredOfNobody(expiresAt, 5)).toBe(0)
      expect(await store.oidcArtifacts.deleteExpiredOfNobody(expiresAt + 1, 5)).toBe(1)
      expect(await store.oidcArtifacts.find(ofNobody.model, [ofNobody.idHash])).toBeUndefined()
      expect(await store.oidcArtifacts.find(ofSomebody.model, [ofSomebody.idHash])).toEqual(ofSomebody)
    })
  })

  describe('the outbox', () => {
    const mail = (changes = {}) => ({
      id: randomId(),
      kind: 'password-changed',
      rank: 0,
      accountId: null,
      sealedMessage: 'k.x',
      tries: 0,
      createdAt: NOW,
      nextTryAt: NOW,
      sentAt: null,
      abandonedAt: null,
      refusal: null,
      ...changes,
    })

    test('of twenty that claim one mail, one sends it', async () => {
      const one = mail()
      await store.outbox.insert(one)
      expect(wins(await race((side, index) => side.outbox.claim(one, NOW + 1_000 + index)))).toBe(1)
      expect((await store.outbox.listDue(NOW + 10_000, 10)).find(({ id }) => id === one.id)?.tries).toBe(1)
      await store.outbox.finish(one.id, NOW + 1)
      expect(await store.outbox.claim({ id: one.id, nextTryAt: NOW + 1_000 }, NOW)).toBe(false)
    })

    test('whoever has lost its claim neither postpones the mail nor gives it up', async () => {
      const one = mail()
      await store.outbox.insert(one)
      await store.outbox.claim(one, NOW + 1_000)
      const mine = { id: one.id, nextTryAt: NOW + 1_000 }
      await other.outbox.claim(mine, NOW + 2_000)
      await store.outbox.postpone(mine, NOW)
      await store.outbox.abandon(mine, NOW)
      expect(await db('outbox').where({ id: one.id })).toEqual([{ ...one, tries: 2, nextTryAt: NOW + 2_000 }])
      await store.outbox.finish(one.id, NOW + 3) // but what it has sent is sent
      expect(await other.outbox.claim({ id: one.id, nextTryAt: NOW + 2_000 }, NOW + 9_000)).toBe(false)
    })

    test('what is due comes by rank, then in the order it is due; each text is gone in its time, and each row', async () => {
      const [urgent, late, soon, future] = [
        mail({ nextTryAt: NOW, rank: -1 }),
        mail({ nextTryAt: NOW - 1 }),
        mail({ nextTryAt: NOW - 5 }),
        mail({ nextTryAt: NOW + 60_000 }),
      ]
      for (const each of [late, urgent, soon, future]) await store.outbox.insert(each)
      expect((await store.outbox.listDue(NOW, 10)).map(({ id }) => id)).toEqual([urgent.id, soon.id, late.id])
      await store.outbox.finish(urgent.id, NOW)
      const waiting = await store.outbox.countWaiting()
      await store.outbox.finish(soon.id, NOW + 10)
      await store.outbox.abandon(late, NOW + 10, '550 5.1.1')
      expect(await store.outbox.countWaiting()).toBe(waiting - 2)
      const text = async ({ id }: { id: string }) => (await store.outbox.find(id))?.sealedMessage
      expect([await text(soon), await text(late)]).toEqual([null, 'k.x'])
      await store.outbox.wipeAbandoned(NOW + 10, 10)
      expect(await text(late)).toBe('k.x')
      await store.outbox.wipeAbandoned(NOW + 11, 10)
      expect(await text(late)).toBeNull()
      expect(await store.outbox.find(late.id)).toMatchObject({ refusal: '550 5.1.1' })
      await store.outbox.deleteFinished(NOW + 11, 10)
      expect(await db('outbox').whereIn('id', [soon.id, late.id, future.id])).toHaveLength(1)
    })

    test('one that was given up is tried again as if new, unless it is sent or its text is gone', async () => {
      const [abandoned, sent, wiped] = [mail({ tries: 7 }), mail(), mail()]
      for (const each of [abandoned, sent, wiped]) await store.outbox.insert(each)
      await store.outbox.abandon(abandoned, NOW, '550')
      await store.outbox.finish(sent.id, NOW)
      await store.outbox.abandon(wiped, NOW - 9)
      await store.outbox.wipeAbandoned(NOW - 8, 10)
      const revived = [abandoned, sent, wiped].map(({ id }) => store.outbox.revive(id, 'k.y', NOW + 1))
      expect(await Promise.all(revived)).toEqual([true, false, false])
      expect(await store.outbox.find(abandoned.id)).toEqual(
        mail({ id: abandoned.id, sealedMessage: 'k.y', createdAt: NOW + 1, nextTryAt: NOW + 1 }),
      )
      await store.outbox.finish(abandoned.id, NOW + 2)
    })

    test('is listed the newest first: all that is not sent, or all of one account', async () => {
      const account = await addAccount()
      const [older, newer] = [
        mail({ accountId: account.id }),
        mail({ accountId: account.id, createdAt: NOW + 5 }),
      ]
      for (const each of [older, newer]) await store.outbox.insert(each)
      await store.outbox.finish(older.id, NOW)
      const ids = (mails: { id: string }[]) => mails.map(({ id }) => id)
      expect(ids(await store.outbox.list(account.id, 10))).toEqual([newer.id, older.id])
      expect(ids(await store.outbox.list(account.id, 1))).toEqual([newer.id])
      await store.outbox.insert(mail({ kind: 'other', createdAt: NOW + 9 }))
      expect(ids(await store.outbox.listLatest('password-changed', 1))).toEqual([newer.id])
      const all = ids(await store.outbox.list(undefined, 1_000))
      expect([all.includes(newer.id), all.includes(older.id)]).toEqual([true, false])
    })
  })

  describe('who waits for a first password', () => {
    test('is claimed as mails are; a password is issued under the claim alone, and the account takes all with it', async () => {
      const [first, second, gone] = [await addAccount(), await addAccount(), await addAccount()]
      await store.pendingPasswords.insertAll([], NOW)
      await store.pendingPasswords.insertAll([first.id, second.id, gone.id], NOW)
      const row = { id: first.id, tries: 0, createdAt: NOW, nextTryAt: NOW }
      expect(await store.pendingPasswords.find(first.id)).toEqual(row)
      expect(wins(await race((side) => side.pendingPasswords.claim(row, NOW + 1_000)))).toBe(1)
      expect(await other.pendingPasswords.take(row)).toBe(false)
      expect(await other.pendingPasswords.take({ id: first.id, nextTryAt: NOW + 1_000 })).toBe(true)
      await store.accounts.remove(gone.id)
      expect(await store.pendingPasswords.count()).toBe(1)
      await store.pendingPasswords.finish(second.id, NOW)
      expect(await store.pendingPasswords.count()).toBe(0)
    })
  })

  describe('the sign-out notices', () => {
    const notice = (changes = {}) => ({
      id: randomId(),
      clientId: 'payroll',
      accountId: 'a',
      sid: 's',
      tries: 0,
      createdAt: NOW,
      nextTryAt: NOW,
      ...changes,
    })

    test('are claimed as mails are, and taken or given up they are gone', async () => {
      const [taken, givenUp] = [notice(), notice({ nextTryAt: NOW - 1 })]
      for (const each of [taken, givenUp]) await store.logoutNotices.insert(each)
      expect((await store.logoutNotices.listDue(NOW, 10)).map(({ id }) => id)).toEqual([givenUp.id, taken.id])
      expect(wins(await race((side, index) => side.logoutNotices.claim(taken, NOW + 1 + index)))).toBe(1)
      await store.logoutNotices.finish(taken.id, NOW)
      await store.logoutNotices.abandon(givenUp, NOW)
      expect(await db('logout_notices')).toEqual([])
    })
  })

  describe('a purge', () => {
    test('takes as many as it is told, and what somebody has brought back meanwhile stays', async () => {
      await store.attempts.deleteExpired(NOW * 2, 1_000)
      for (let count = 0; count < 7; count += 1) await store.attempts.add(`old:${count}`, NOW, 10, true)
      expect(await store.attempts.deleteExpired(NOW + 11, 5)).toBe(5)
      expect(await store.attempts.deleteExpired(NOW + 11, 5)).toBe(2)

      for (const index of TWENTY) await store.attempts.add(`race:${index}`, NOW, 10, true)
      const [, ...again] = await Promise.all([
        store.attempts.deleteExpired(NOW + 11, 20),
        ...TWENTY.map((index) => other.attempts.add(`race:${index}`, NOW + 11, 60_000, true)),
      ])
      expect(again).toEqual(TWENTY.map(() => 1))
      expect(await db('attempts').where('key', 'like', 'race:%')).toHaveLength(20)
    })

    if (kind === 'postgres')
      test('waits for no transaction: what one has locked is left for the next time', async () => {
        await store.attempts.deleteExpired(NOW * 2, 1_000)
        await store.attempts.add('locked', NOW, 10, true)
        await store.attempts.add('free', NOW, 10, true)
        await store.transaction(async (tx) => {
          await tx.attempts.block('locked', 0)
          expect(await other.attempts.deleteExpired(NOW + 11, 10)).toBe(1)
        })
        expect(await other.attempts.deleteExpired(NOW + 11, 10)).toBe(1)
      })
  })

  describe('clients and signing keys', () => {
    test('of twenty registrations of one client, one is made; it is changed and removed by its id', async () => {
      const client = {
        clientId: 'eespresso',
        metadata: '{"client_name":"eEspresso é"}',
        sealedSecret: null,
        createdAt: NOW,
        updatedAt: NOW,
      }
      expect(wins(await race((side) => side.clients.insert(client)))).toBe(1)
      expect(await store.clients.find('eespresso')).toMatchObject(client)
      expect(await store.clients.update('eespresso', { sealedSecret: 'k.x', updatedAt: NOW + 1 })).toBe(true)
      expect(await store.clients.update('inconnu', { updatedAt: NOW })).toBe(false)
      const { metadata = '' } = (await store.clients.find('eespresso')) ?? {}
      const changed = { metadata: '{"client_name":"eEspresso 2"}' }
      expect(await store.clients.update('eespresso', changed, '{"client_name":"another"}')).toBe(false)
      expect((await store.clients.find('eespresso'))?.metadata).toBe(metadata)
      expect(await store.clients.update('eespresso', changed, metadata)).toBe(true)
      expect(await store.clients.update('eespresso', { metadata }, changed.metadata)).toBe(true)
      expect((await store.clients.list()).map(({ clientId }) => clientId)).toEqual(['eespresso'])
      expect(wins(await race((side) => side.clients.remove('eespresso')))).toBe(1)
    })

    test('the key that signs last comes first', async () => {
      for (const [kid, signsFrom] of [
        ['a', NOW],
        ['b', NOW + 5],
        ['c', NOW - 5],
      ] as const)
        await store.signingKeys.insert({
          kid,
          algorithm: 'RS256',
          sealedJwk: 'k.x',
          createdAt: NOW,
          signsFrom,
          publishedUntil: null,
        })
      expect((await store.signingKeys.list()).map(({ kid }) => kid)).toEqual(['b', 'a', 'c'])
    })
  })

  describe('activation codes', () => {
    const code = (accountId: string, changes = {}) => ({
      id: randomId(),
      accountId,
      codeHash: randomId(),
      createdAt: NOW,
      expiresAt: NOW + 60_000,
      tries: 0,
      claimedBy: null,
      usedAt: null,
      ...changes,
    })

    test('of twenty tries at once no more count than are allowed', async () => {
      const { id } = await addAccount()
      await store.activationCodes.replace(code(id))
      expect(wins(await race((side) => side.activationCodes.countTry(id, NOW, 10)))).toBe(10)
    })

    test('the sign-in that typed it last holds it, and of twenty uses one counts', async () => {
      const { id } = await addAccount()
      const one = code(id)
      await store.activationCodes.replace(one)
      expect(await store.activationCodes.claim(id, [randomId()], 'thief', NOW)).toBe(false)
      for (const signIn of ['first', 'second'])
        expect(await store.activationCodes.claim(id, [randomId(), one.codeHash], signIn, NOW)).toBe(true)
      expect([
        await store.activationCodes.isClaimedBy(id, 'first', NOW),
        await store.activationCodes.isClaimedBy(id, 'second', NOW),
      ]).toEqual([false, true])
      expect(await store.activationCodes.use(id, 'first', NOW)).toBe(false)
      expect(wins(await race((side) => side.activationCodes.use(id, 'second', NOW)))).toBe(1)
      expect(await store.activationCodes.claim(id, [one.codeHash], 'third', NOW)).toBe(false)
    })

    test('an expired one, and one replaced by a newer, open nothing', async () => {
      const { id } = await addAccount()
      const [old, young] = [code(id), code(id)]
      await store.activationCodes.replace(old)
      await store.activationCodes.replace(young)
      expect(await store.activationCodes.claim(id, [old.codeHash], 's', NOW)).toBe(false)
      expect(await store.activationCodes.claim(id, [young.codeHash], 's', NOW + 60_000)).toBe(false)
      expect(await store.activationCodes.countTry(id, NOW + 60_000, 10)).toBe(false)
      await store.activationCodes.deleteExpired(NOW + 60_001, 1_000)
      expect(await db('activation_codes').where({ accountId: id })).toEqual([])
    })

    test('one that is withdrawn opens nothing; a used one is not touched', async () => {
      const { id } = await addAccount()
      const used = code(id, { usedAt: NOW })
      await store.activationCodes.replace(used)
      const unused = code(id)
      await store.activationCodes.replace(unused)
      expect(await store.activationCodes.withdraw(id, NOW)).toBe(1)
      expect(await store.activationCodes.claim(id, [unused.codeHash], 's', NOW)).toBe(false)
      expect(await db('activation_codes').where({ accountId: id })).toEqual([used])
      expect(await store.activationCodes.withdraw(id, NOW)).toBe(0)
    })

    test('twenty issued at once leave one', async () => {
      const { id } = await addAccount()
      await race((side) => side.transaction((tx) => tx.activationCodes.replace(code(id))))
      expect(await db('activation_codes').where({ accountId: id })).toHaveLength(1)
    })
  })

  describe('begun enrolments', () => {
    test('one that twenty insert at once is one row, as it was inserted first', async () => {
      const row = begunBy((await addAccount()).id, NOW)
      await store.begunEnrolments.insert(row)
      await race((side, index) => side.begunEnrolments.insert({ ...row, mark: 'x', begunAt: NOW + index }))
      expect(await store.begunEnrolments.list(row.accountId, NOW, 8)).toEqual([row])
    })

    test('the newest of an account come first, those beyond a number go, and others’ stay', async () => {
      const [a, b] = [await addAccount(), await addAccount()]
      const rows = [0, 1, 2, 3].map((index) => begunBy(a.id, NOW + index))
      const stays = begunBy(b.id, NOW - 1)
      for (const row of [stays, ...rows]) await store.begunEnrolments.insert(row)
      const newest = rows.toReversed()
      expect(await store.begunEnrolments.list(a.id, NOW + 1, 2)).toEqual(newest.slice(0, 2))
      expect(await store.begunEnrolments.list(a.id, NOW + 1, 8)).toEqual(newest.slice(0, 3))
      expect(await store.begunEnrolments.deleteBeyond(a.id, 3)).toBe(1)
      expect(await store.begunEnrolments.list(a.id, 0, 8)).toEqual(newest.slice(0, 3))
      expect(await store.begunEnrolments.list(b.id, 0, 8)).toEqual([stays])
    })

    test('are gone with their account, and when they are older', async () => {
      const [a, b] = [await addAccount(), await addAccount()]
      await store.begunEnrolments.insert(begunBy(a.id, NOW))
      await store.accounts.remove(a.id)
      expect(await store.begunEnrolments.list(a.id, 0, 8)).toEqual([])
      const [old, young] = [begunBy(b.id, 5), begunBy(b.id, 6)]
      for (const row of [old, young]) await store.begunEnrolments.insert(row)
      expect(await store.begunEnrolments.deleteOlder(6, 100)).toBe(1)
      expect(await store.begunEnrolments.list(b.id, 0, 8)).toEqual([young])
    })
  })

  describe('known browsers', () => {
    test('are known for their account alone, once each, until they are forgotten', async () => {
      const [a, b] = [await addAccount(), await addAccount()]
      const browserHash = randomId()
      await race((side, index) =>
        side.knownBrowsers.remember({ browserHash, accountId: a.id, lastSeenAt: NOW + index }),
      )
      expect(await db('known_browsers').where({ browserHash })).toHaveLength(1)
      const hashes = [randomId(), browserHash]
      expect(await store.knownBrowsers.find(hashes, a.id, NOW)).toMatchObject({ browserHash })
      expect(await store.knownBrowsers.find(hashes, b.id, NOW)).toBeUndefined()
      expect(await store.knownBrowsers.forgetAll(a.id)).toBe(1)
      expect(await store.knownBrowsers.find(hashes, a.id, NOW)).toBeUndefined()
    })

    test('tell everybody whom one of the ids is known to, once each', async () => {
      const [a, b, c] = [await addAccount(), await addAccount(), await addAccount()]
      const [ids, before] = [[randomId(), randomId()], randomId()]
      for (const [browserHash, { id }] of [
        [ids[0], a],
        [ids[1], a],
        [ids[1], b],
        [before, c],
      ] as const)
        await store.knownBrowsers.remember({ browserHash: browserHash ?? '', accountId: id, lastSeenAt: NOW })
      const known = async (hashes: string[], since = NOW) =>
        (await store.knownBrowsers.accountsOf(hashes, since)).toSorted()
      expect(await known(ids)).toEqual([a.id, b.id].toSorted())
      expect(await known([randomId()])).toEqual([])
      const renewed = { browserHash: randomId(), accountId: c.id, lastSeenAt: NOW + 10, previousHash: before }
      await store.knownBrowsers.renew(renewed)
      expect(await known([before], NOW + 9)).toEqual([c.id])
      expect(await known([before], NOW + 10)).toEqual([])
    })

    test('are renewed once by twenty at once, and found by the hash before for a while', async () => {
      const [{ id: accountId }, before] = [await addAccount(), randomId()]
      await store.knownBrowsers.remember({ browserHash: before, accountId, lastSeenAt: NOW })
      const renewed = await race((side) =>
        side.knownBrowsers.renew({
          browserHash: randomId(),
          accountId,
          lastSeenAt: NOW + 10,
          previousHash: before,
        }),
      )
      expect(wins(renewed)).toBe(1)
      expect(await store.knownBrowsers.find([before], accountId, NOW + 9)).toMatchObject({
        previousHash: before,
      })
      expect(await store.knownBrowsers.find([before], accountId, NOW + 10)).toBeUndefined()
    })
  })
}

describe('on SQLite', () => contract('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => contract('postgres'))
