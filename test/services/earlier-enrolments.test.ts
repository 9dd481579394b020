// Threat: recognition as an oracle. Whoever has the password may have begun an enrolment, or hold a device
// that was removed, and makes as many codes of its dead secret as they like, free of charge. So none of them
// is ever accepted, not even one that a device happens to show too (OTP-8, ENR-2). What is remembered is
// little, ends, and is no secret.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createHmac, randomBytes } from 'node:crypto'
import type { Account } from '../../src/accounts/accounts.js'
import { randomId } from '../../src/key-ring.js'
import type { LimitName } from '../../src/limits.js'
import { MOST_BEGUN_ENROLMENTS } from '../../src/second-factors/begun-enrolments.js'
import { SECRET_BYTES, STEP_SECONDS, stepAt } from '../../src/second-factors/totp.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { addDevice, type Device } from '../support/devices.js'
import { OPERATOR } from '../support/people.js'
import { createPhone, type Phone } from '../support/phone.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'
import { MASTER_KEYS } from '../support/settings.js'

const VISITOR = { clientAddress: '198.51.100.9', browserIds: [] }
const OTHER_KEY = `other:${randomBytes(32).toString('base64')}`
const GUESSES = ['code-account', 'codes-in-a-row', 'code-points-in-30-days'] as const

function suite(database: DatabaseKind): void {
  let services: TestServices
  beforeAll(async () => {
    services = await openServices({ database })
  })
  afterAll(() => services.close())

  /** The phone that scanned the QR code of this interaction. */
  async function scan(account: Account, interaction = randomId(), side = services): Promise<Phone> {
    return createPhone((await side.secondFactors.begin(account, interaction, 'fr-CA')).key)
  }

  const type = (account: Account, code: string, side = services) =>
    side.signIns.verifyCode({ account, signIn: randomId(), visitor: VISITOR }, code, undefined)

  const enrol = (account: Account, interaction: string, code: string, side = services) =>
    side.signIns.enrol(
      { account, signIn: randomId(), visitor: VISITOR },
      interaction,
      code,
      'Mon iPhone',
      undefined,
    )

  const failures = async (limit: LimitName, { id }: Account): Promise<number> =>
    (await services.store.attempts.find([`${limit}:${id}`]))[0]?.failures ?? 0
  const guessesOf = (account: Account) => Promise.all(GUESSES.map((limit) => failures(limit, account)))

  const rowsOf = ({ id }: Account) => services.db('begun_enrolments').where({ accountId: id })

  async function createBegun(): Promise<{ account: Account; lost: Phone; device: Device }> {
    const account = await services.createPerson()
    const lost = await scan(account)
    const device = await addDevice(services, account.id, 'Mon iPhone')
    return { account, lost, device }
  }

  describe('a code of an earlier QR code', () => {
    test('again and again: recognised, never accepted, and no guess that makes its owner wait', async () => {
      const { account, lost, device } = await createBegun()
      for (let time = 1; time <= 25; time += 1)
        expect(await type(account, lost.code({ offsetSeconds: (time % 5) * 30 - 60 }))).toMatchObject({
          reason: 'wrong',
          diagnosis: { kind: 'earlier-enrolment' },
        })
      expect(await guessesOf(account)).toEqual([0, 0, 0])
      expect(await type(account, device.code())).toMatchObject({ ok: true })
    })

    test('binds no phone in another interaction, nor in its own under another epoch', async () => {
      const account = await services.createPerson()
      const lost = await scan(account, 'first')
      await scan(account, 'second')
      expect(await enrol(account, 'second', lost.code())).toMatchObject({
        reason: 'wrong',
        diagnosis: { kind: 'earlier-enrolment' },
      })
      await services.accountActions.resetPassword(account, OPERATOR, 'oublié', { delivery: 'print' })
      const later = await services.account(account)
      await scan(later, 'first')
      expect(await enrol(later, 'first', lost.code())).toMatchObject({
        diagnosis: { kind: 'earlier-enrolment' },
      })
      expect(await services.secondFactors.list(account.id)).toEqual([])
    })

    test('of its own QR code, from a phone whose clock is off, is the clock’s doing', async () => {
      const account = await services.createPerson()
      const phone = await scan(account, 'own')
      expect(await enrol(account, 'own', phone.code({ offsetSeconds: 300 }))).toMatchObject({
        diagnosis: { kind: 'clock', offsetSeconds: 300 },
      })
    })

    test('of somebody else is a guess', async () => {
      const { lost } = await createBegun()
      const { account } = await createBegun()
      expect(await type(account, lost.code())).toMatchObject({ diagnosis: { kind: 'unknown' } })
      expect(await guessesOf(account)).toEqual([1, 1, 1])
    })
  })

  describe('whoever holds a dead secret makes codes without end', () => {
    /** A device with this secret, and dead secrets of the account as a thief knows them. */
    type Dead = { account: Account; secrets: Buffer[] }
    const DEAD: [what: string, make: () => Promise<Dead>][] = [
      [
        'of earlier QR codes',
        async () => {
          const account = await services.createPerson()
          const secrets: Buffer[] = []
          for (let visit = 0; visit < MOST_BEGUN_ENROLMENTS; visit += 1)
            secrets.push((await services.secondFactors.begin(account, randomId(), 'fr-CA')).secret)
          return { account, secrets }
        },
      ],
      [
        'of devices that were removed',
        async () => {
          const account = await services.createPerson()
          const secrets = Array.from({ length: 8 }, () => randomBytes(SECRET_BYTES))
          for (const secret of secrets) await addDevice(services, account.id, 'Ma tablette', secret)
          await services
            .db('second_factors')
            .where({ accountId: account.id })
            .update({ removedAt: clock.now() })
          return { account, secrets }
        },
      ],
    ]
    test.each(DEAD)('%s: one that the device shows too opens nothing, then or later', async (_what, make) => {
      const { account, secrets } = await make()
      const living = randomBytes(SECRET_BYTES)
      const device = await addDevice(services, account.id, 'Mon iPhone', living)
      const other = await services.createPerson()
      await addDevice(services, other.id, 'Mon iPhone', living)
      clock.advance({ seconds: secondsUntilTheyMeet(living, secrets) })

      const code = device.code()
      expect(await type(other, code)).toMatchObject({ ok: true }) // to whom nothing of it is dead
      expect(await type(account, code)).toMatchObject({
        reason: 'wrong',
        diagnosis: { kind: 'already-used' },
      })
      await services.db('begun_enrolments').where({ accountId: account.id }).delete()
      await services.db('second_factors').whereNotNull('removedAt').delete()
      expect(await type(account, code)).toMatchObject({ diagnosis: { kind: 'already-used' } })
      expect(await guessesOf(account)).toEqual([0, 0, 0])
      clock.nextStep()
      expect(await type(account, device.code())).toMatchObject({ ok: true })
    })

    test('the QR code that led to a device is not dead while the device serves', async () => {
      const account = await services.createPerson()
      const phone = await scan(account, 'uid')
      expect(await enrol(account, 'uid', phone.code())).toMatchObject({ ok: true })
      clock.nextStep()
      expect(await type(await services.account(account), phone.code())).toMatchObject({ ok: true })
      await services.accountActions.resetSecondFactor(account, OPERATOR, 'perdu')
      const later = await services.account(account)
      await addDevice(services, account.id, 'Mon nouvel iPhone')
      clock.nextStep()
      expect(await type(later, phone.code())).toMatchObject({ diagnosis: { kind: 'removed-device' } })
      clock.advance({ days: 31 })
      expect(await type(later, phone.code())).toMatchObject({ diagnosis: { kind: 'earlier-enrolment' } })
    })
  })

  describe('what is remembered', () => {
    test('the newest eight of an account: an older one is a guess, and the row is gone', async () => {
      const account = await services.createPerson()
      const phones: Phone[] = []
      for (let visit = 0; visit <= MOST_BEGUN_ENROLMENTS; visit += 1) {
        phones.push(await scan(account))
        clock.advance({ minutes: 1 })
      }
      const other = await services.createPerson()
      await scan(other)
      await addDevice(services, account.id, 'Mon iPhone')
      const kinds = []
      for (const phone of phones.slice(0, 2)) kinds.push(await type(account, phone.code()))
      expect(kinds).toMatchObject([
        { diagnosis: { kind: 'unknown' } },
        { diagnosis: { kind: 'earlier-enrolment' } },
      ])
      expect(await rowsOf(account)).toHaveLength(MOST_BEGUN_ENROLMENTS)
      expect(await rowsOf(other)).toHaveLength(1)
    })

    test('for ninety days, purged or not', async () => {
      const { account, lost } = await createBegun()
      clock.advance({ days: 89, hours: 23 })
      expect(await type(account, lost.code())).toMatchObject({ diagnosis: { kind: 'earlier-enrolment' } })
      clock.advance({ hours: 2 })
      expect(await type(account, lost.code())).toMatchObject({ diagnosis: { kind: 'unknown' } })
    })

    test('twenty reloads at once are one row with one mark; the page says the same in both languages', async () => {
      const account = await services.createPerson()
      const pages = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          services.secondFactors.begin(account, 'uid', index % 2 === 0 ? 'en' : 'fr-CA'),
        ),
      )
      expect(new Set(pages.map(({ link }) => link)).size).toBe(1)
      expect(pages.flatMap(({ earlier }) => earlier)).toEqual([])
      expect(await rowsOf(account)).toHaveLength(1)
    })

    test('holds neither the secret nor the number of the interaction, in whatever form', async () => {
      const account = await services.createPerson()
      const interaction = randomId()
      const { secret, key } = await services.secondFactors.begin(account, interaction, 'fr-CA')
      const stored = JSON.stringify(await rowsOf(account))
      for (const text of [interaction, key, secret.toString('base64'), secret.toString('hex')])
        expect(stored).not.toContain(text)
    })
  })

  describe('a change of master keys', () => {
    const open = (keys: string) =>
      openServices({ databaseUrl: services.config.databaseUrl, settings: { MASTER_KEYS: keys } })

    test('leaves recognition as it was while the old key reads, and quietly without it once it is gone', async () => {
      const { account, lost } = await createBegun()
      const rotated = await open(`${OTHER_KEY},${MASTER_KEYS}`)
      const without = await open(OTHER_KEY)
      try {
        expect(await type(account, lost.code(), rotated)).toMatchObject({
          diagnosis: { kind: 'earlier-enrolment' },
        })
        const fresh = await services.createPerson()
        const old = await scan(fresh, 'first')
        const { earlier } = await without.secondFactors.begin(fresh, 'second', 'fr-CA')
        expect(earlier).toHaveLength(1)
        expect(await enrol(fresh, 'second', old.code(), without)).toMatchObject({
          reason: 'wrong',
          diagnosis: { kind: 'unknown' },
        })
      } finally {
        await rotated.close()
        await without.close()
      }
    })

    test('in the middle of an enrolment: the page shows another key, and a code of the first still binds', async () => {
      const account = await services.createPerson()
      const before = await scan(account, 'uid')
      const rotated = await open(`${OTHER_KEY},${MASTER_KEYS}`)
      try {
        await scan(account, 'uid', rotated)
        expect(await enrol(account, 'uid', before.code(), rotated)).toMatchObject({ ok: true })
      } finally {
        await rotated.close()
      }
    })

    test('a row that was tampered with is passed over', async () => {
      const { account, lost, device } = await createBegun()
      await services
        .db('begun_enrolments')
        .where({ accountId: account.id })
        .update({ sealedInteraction: 'test.AAAA' })
      expect(await type(account, lost.code())).toMatchObject({ diagnosis: { kind: 'unknown' } })
      expect(await type(account, device.code())).toMatchObject({ ok: true })
    })

    test('a row moved to another account is passed over', async () => {
      const { account, lost } = await createBegun()
      const thief = await createBegun()
      await rowsOf(thief.account).delete()
      await services
        .db('begun_enrolments')
        .where({ accountId: account.id })
        .update({ accountId: thief.account.id })
      expect(await type(thief.account, lost.code())).toMatchObject({ diagnosis: { kind: 'unknown' } })
    })
  })
}

/** RFC 4226: how an authenticator makes the code of a step. */
function codeAt(secret: Buffer, step: number): number {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(step))
  const hash = createHmac('sha1', secret).update(counter).digest()
  return (hash.readUInt32BE((hash.at(-1) ?? 0) & 15) & 0x7fffffff) % 1_000_000
}

/** Until one of the dead secrets shows, within ten minutes of it, the code that the living one shows. */
function secondsUntilTheyMeet(living: Buffer, dead: readonly Buffer[]): number {
  const now = stepAt(clock.now())
  const near = dead.map((secret) => Array.from({ length: 19 }, (_, index) => codeAt(secret, now + index)))
  for (let steps = 10; ; steps += 1) {
    const code = codeAt(living, now + steps)
    if (near.some((codes) => codes.includes(code))) return steps * STEP_SECONDS
    near.forEach((codes, index) => {
      codes.shift()
      codes.push(codeAt(dead[index] ?? living, now + steps + 10))
    })
  }
}

describe('earlier QR codes, on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'earlier QR codes, on PostgreSQL', () => suite('postgres'))
