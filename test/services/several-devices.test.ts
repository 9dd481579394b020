// Somebody with two phones: either one serves, each code once for its own device, and what happens to one
// leaves the other alone. Run on SQLite and, where there is one, on PostgreSQL.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { randomBytes } from 'node:crypto'
import type { Account } from '../../src/accounts/accounts.js'
import { randomId } from '../../src/key-ring.js'
import { SECRET_BYTES } from '../../src/second-factors/totp.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { addDevice, type Device } from '../support/devices.js'
import { mailsAbout } from '../support/outbox.js'
import { wrongCode } from '../support/phone.js'
import { describeWith } from '../support/requirements.js'
import { openServices, type TestServices } from '../support/services.js'
import { refusedForWaiting } from '../support/waited.js'

const visitor = { clientAddress: '192.0.2.1', browserIds: [] }

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

  async function createTwoPhones(): Promise<{ account: Account; iphone: Device; tablet: Device }> {
    const account = await services.createPerson()
    const iphone = await addDevice(services, account.id, 'Mon iPhone')
    const tablet = await addDevice(services, account.id, 'Ma tablette')
    clock.nextStep()
    return { account, iphone, tablet }
  }

  const verify = (account: Account, code: string, signIn = randomId(), side = services) =>
    side.signIns.verifyCode({ account, signIn, visitor }, code, undefined)
  const ALREADY_USED = { ok: false, reason: 'wrong', diagnosis: { kind: 'already-used' } }
  const eventsOf = async ({ id }: Account, event: string): Promise<object[]> =>
    (await services.db('audit_events').where({ accountId: id, event }).orderBy('sequence')).map(
      ({ details }: { details: string }) => JSON.parse(details) as object,
    )
  const countsOf = async ({ id }: Account): Promise<number[]> =>
    (await services.db('attempts').where('key', 'like', `code%:${id}%`)).map(
      ({ failures }: { failures: number }) => failures,
    )

  test('both serve, and the log says which', async () => {
    const { account, iphone, tablet } = await createTwoPhones()
    expect(await verify(account, tablet.code())).toMatchObject({ ok: true })
    expect(await verify(account, iphone.code())).toMatchObject({ ok: true })
    expect(await eventsOf(account, 'one-time-code.verified')).toEqual([
      { device: 'Ma tablette' },
      { device: 'Mon iPhone' },
    ])
  })

  test('each code serves once; that of the one used up does not block the other’s (OTP-1)', async () => {
    const { account, iphone, tablet } = await createTwoPhones()
    for (const device of [iphone, tablet]) {
      expect(await verify(account, device.code())).toMatchObject({ ok: true })
      expect(await verify(account, device.code())).toMatchObject(ALREADY_USED)
    }
    clock.nextStep()
    expect(await verify(account, iphone.code())).toMatchObject({ ok: true })
    expect(await verify(account, tablet.code())).toMatchObject({ ok: true })
  })

  test('that show the same code, one key typed into both: it serves once for each, and no third time', async () => {
    const account = await services.createPerson()
    const secret = randomBytes(SECRET_BYTES)
    const first = await addDevice(services, account.id, 'Mon iPhone', secret)
    await addDevice(services, account.id, 'Ma tablette', secret)
    expect(await verify(account, first.code())).toMatchObject({ ok: true })
    expect(await verify(account, first.code())).toMatchObject({ ok: true })
    expect(await verify(account, first.code())).toMatchObject(ALREADY_USED)
  })

  test('one removed: its code is recognised and refused, the other’s serves', async () => {
    const { account, iphone, tablet } = await createTwoPhones()
    await services.db('second_factors').where({ id: tablet.id }).update({ removedAt: clock.now() })
    expect(await verify(account, tablet.code())).toMatchObject({
      reason: 'wrong',
      diagnosis: { kind: 'removed-device', name: 'Ma tablette' },
    })
    expect(await countsOf(account)).toEqual([])
    expect(await verify(account, iphone.code())).toMatchObject({ ok: true })
  })

  test('one disabled: its code is refused, the other’s serves, and both still stand for « enrolled »', async () => {
    const { account, iphone, tablet } = await createTwoPhones()
    await services.store.secondFactors.disable(account.id, [tablet.id], clock.now())
    expect(await verify(account, tablet.code())).toMatchObject({ ok: false, reason: 'wrong' })
    expect(await verify(account, iphone.code())).toMatchObject({ ok: true })
    expect(await services.secondFactors.list(account.id)).toHaveLength(2)
  })

  test('both disabled: no code serves, and none is counted', async () => {
    const { account, iphone, tablet } = await createTwoPhones()
    await services.store.secondFactors.disable(account.id, [iphone.id, tablet.id], clock.now())
    for (const code of [iphone.code(), tablet.code(), wrongCode(iphone, tablet)])
      expect(await verify(account, code)).toEqual({ ok: false, reason: 'suspended', devices: 2 })
    expect(await countsOf(account)).toEqual([])
  })

  test('one whose sealed key was tampered with is disabled, its owner is told, and the other serves (OTP-11)', async () => {
    const { account, iphone, tablet } = await createTwoPhones()
    await services
      .db('second_factors')
      .where({ id: tablet.id })
      .update({ sealedSecret: 'test.JBSWY3DPEHPK3PXP' })
    expect(await verify(account, iphone.code())).toMatchObject({ ok: true })
    expect(await eventsOf(account, 'second-factor.disabled')).toEqual([
      { device: 'Ma tablette', why: 'secret-unreadable' },
    ])
    const mails = await mailsAbout(account.cip, services)
    expect(mails.map(({ subject }) => subject)).toEqual(['Votre appareil mobile a été désactivé'])
    expect(mails[0]?.text).toContain('L’appareil «\u00a0Ma tablette\u00a0» du compte')
    expect(mails[0]?.text).toMatch(/^Quand\u00a0: \d.*\nDepuis l’adresse\u00a0: \S+$/m)
  })

  test.each(['iphone', 'tablet'] as const)(
    'a double click with the code of %s ends well twice, uses it once, and counts nothing',
    async (which) => {
      const { account, ...devices } = await createTwoPhones()
      const code = devices[which].code()
      const signIn = randomId()
      const outcomes = await Promise.all([
        verify(account, code, signIn),
        verify(account, code, signIn, other),
        verify(account, code, signIn),
      ])
      expect(outcomes.map(({ ok }) => ok)).toEqual([true, true, true])
      expect(await eventsOf(account, 'one-time-code.verified')).toHaveLength(1)
      expect(await countsOf(account)).toEqual([])
      expect(await verify(account, code)).toMatchObject(ALREADY_USED)
    },
  )

  test('twenty sign-ins at once, ten with the code of each: two get in, one a device (OTP-2)', async () => {
    for (let round = 1; round <= 5; round += 1) {
      const { account, iphone, tablet } = await createTwoPhones()
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          verify(
            account,
            (index % 2 === 0 ? iphone : tablet).code(),
            randomId(),
            index % 4 < 2 ? services : other,
          ).catch(refusedForWaiting),
        ),
      )
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(2)
      expect((await eventsOf(account, 'one-time-code.verified')).toSorted(byText)).toEqual([
        { device: 'Ma tablette' },
        { device: 'Mon iPhone' },
      ])
      for (const outcome of outcomes)
        if (!outcome.ok && outcome.reason !== 'busy') expect(outcome).toMatchObject(ALREADY_USED)
    }
  })

  test('what a sign-in gives up is its own verification, on whichever device, and no other’s', async () => {
    const { account, iphone, tablet } = await createTwoPhones()
    const [mine, hers] = [randomId(), randomId()]
    await verify(account, tablet.code(), mine)
    await verify(account, iphone.code(), hers)
    await services.secondFactors.forgetVerification(account.id, mine)
    const verifiedBy = async () =>
      Object.fromEntries(
        (await services.secondFactors.list(account.id)).map(({ name, verifiedBy: by }) => [name, by]),
      )
    expect(await verifiedBy()).toEqual({ 'Mon iPhone': hers, 'Ma tablette': null })
    expect(await verify(account, tablet.code(), mine)).toMatchObject(ALREADY_USED)
  })

  test('a code typed while the account was changed starts the sign-in over, and uses nothing up', async () => {
    const { account, iphone } = await createTwoPhones()
    await services.store.accounts.resetEpoch(account.id)
    expect(await verify(account, iphone.code())).toEqual({ ok: false, reason: 'overtaken' })
    expect(await verify(await services.account(account), iphone.code())).toMatchObject({ ok: true })
  })
}

const byText = (one: object, two: object): number => JSON.stringify(one).localeCompare(JSON.stringify(two))

describe('two phones, on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'two phones, on PostgreSQL', () => suite('postgres'))
