// What the audit log says: of a scripted scenario every authentication, factor, session and help-desk event,
// in order, with who, whom, from where, with which outcome and why (LOG-1); and a failure that is rolled back
// leaves its row (LOG-5).

import { describe, expect, test } from '@jest/globals'
import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'
import { verifyAuditLog } from '../../src/audit/verification.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { givePassword } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { createPhone, wrongCode } from '../support/phone.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { failing, PLACES } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const operator = { name: 'operator:tremblay', clientAddress: 'cli' }
const CIP = 'tram1234'
const HOME = '192.0.2.7'
const CAFE = '198.51.100.9'

const idp = await useIdp({ settings: { TRUSTED_PROXY_HOPS: '1' } })
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

const eventsAfter = (sequence: number): Promise<StoredAuditEvent[]> =>
  idp.services.store.auditEvents.listAfter(sequence, 1_000)
const latest = async (): Promise<number> => (await idp.services.store.auditEvents.readHead()).sequence
const at = (clientAddress: string): Browser => new Browser(idp, { 'X-Forwarded-For': clientAddress })

describe('a person’s first months', () => {
  test('are an exact list of events (LOG-1)', async () => {
    const start = await latest()
    const startedAt = clock.now()
    const { accounts, accountActions } = idp.services

    const created = await accounts.create(
      { cip: CIP, name: 'Marie Tremblay', email: 'marie@exemple.ca' },
      operator,
      'print',
    )
    if (!created.ok) throw new Error(created.fault)
    const password = 'onze-girafes-vertes'

    const home = at(HOME)
    await givePassword(home, rp, { cip: CIP, password: 'faux-mot-de-passe' })
    await home.submit({ cip: 'personne1', password: 'faux-mot-de-passe' })
    await home.submit({ cip: CIP, password: created.temporaryPassword })
    await home.submit({ newPassword: password, newPasswordConfirmation: password })
    const phone = createPhone(home.key())
    await home.submit({ code: wrongCode(phone), deviceName: 'Mon iPhone' })
    await home.submit({ code: phone.code(), deviceName: 'Mon iPhone' })

    clock.nextStep()
    const cafe = at(CAFE)
    await givePassword(cafe, rp, { cip: CIP, password })
    await cafe.submit({ code: wrongCode(phone) })
    await cafe.submit({ code: phone.code() })
    await givePassword(cafe, rp, { cip: CIP, password })
    await cafe.submit({ code: phone.code() })
    await cafe.open('/session/end')
    await cafe.submit({ logout: 'yes' })

    const account = () => idp.account(CIP)
    await accountActions.resetSecondFactor(await account(), operator, 'Téléphone perdu')
    const { code } = await accountActions.issueActivationCode(
      await account(),
      operator,
      'Identité vérifiée au comptoir',
      { minutes: 60 },
    )
    await givePassword(cafe, rp, { cip: CIP, password })
    await cafe.submit({ activationCode: '0000-0000' })
    await cafe.submit({ activationCode: code })
    await accountActions.unlock(await account(), operator, 'Appel')
    await accountActions.resetPassword(await account(), operator, 'Oublié', { delivery: 'print' })
    clock.advance({ hours: 73 })
    await accountActions.disable(await account(), operator, 'Départ')
    await accountActions.enable(await account(), operator, 'Retour')

    const rows = await eventsAfter(start)
    const us = `cip:${CIP}`
    expect(
      rows.map(({ event, outcome, actor, cip, clientAddress, reason, details }) => [
        event,
        outcome,
        actor,
        cip,
        clientAddress,
        reason,
        JSON.parse(details) as object,
      ]),
    ).toEqual([
      ['account.created', 'success', 'operator:tremblay', CIP, 'cli', null, { delivered: 'print', epoch: 1 }],
      ['password.refused', 'refused', us, CIP, HOME, null, { why: 'wrong-password', waitSeconds: 0 }],
      ['password.refused', 'refused', 'cip:?', null, HOME, null, { why: 'unknown-cip', waitSeconds: 0 }],
      ['password.verified', 'success', us, CIP, HOME, null, {}],
      ['password.changed', 'success', us, CIP, HOME, null, { epoch: 2 }],
      ['second-factor.refused', 'refused', us, CIP, HOME, null, { why: 'unknown' }],
      ['second-factor.enrolled', 'success', us, CIP, HOME, null, { device: 'Mon iPhone', epoch: 3 }],
      ['session.started', 'success', us, CIP, HOME, null, { client: 'eespresso' }],
      ['password.verified', 'success', us, CIP, CAFE, null, {}],
      ['one-time-code.refused', 'refused', us, CIP, CAFE, null, { device: 'Mon iPhone', why: 'unknown' }],
      ['one-time-code.verified', 'success', us, CIP, CAFE, null, { device: 'Mon iPhone' }],
      ['session.started', 'success', us, CIP, CAFE, null, { client: 'eespresso' }],
      ['password.verified', 'success', us, CIP, CAFE, null, {}],
      [
        'one-time-code.refused',
        'refused',
        us,
        CIP,
        CAFE,
        null,
        { device: 'Mon iPhone', why: 'already-used' },
      ],
      ['session.ended', 'success', us, CIP, CAFE, null, {}],
      [
        'second-factor.reset',
        'success',
        'operator:tremblay',
        CIP,
        'cli',
        'Téléphone perdu',
        { removed: 1, epoch: 4 },
      ],
      [
        'activation-code.issued',
        'success',
        'operator:tremblay',
        CIP,
        'cli',
        'Téléphone perdu',
        { minutes: 15 },
      ],
      [
        'activation-code.issued',
        'success',
        'operator:tremblay',
        CIP,
        'cli',
        'Identité vérifiée au comptoir',
        { minutes: 60 },
      ],
      ['password.verified', 'success', us, CIP, CAFE, null, {}],
      ['activation-code.refused', 'refused', us, CIP, CAFE, null, {}],
      ['activation-code.verified', 'success', us, CIP, CAFE, null, {}],
      ['account.unlocked', 'success', 'operator:tremblay', CIP, 'cli', 'Appel', {}],
      [
        'password.reset',
        'success',
        'operator:tremblay',
        CIP,
        'cli',
        'Oublié',
        { delivered: 'print', epoch: 5 },
      ],
      ['account.disabled', 'success', 'operator:tremblay', CIP, 'cli', 'Départ', { epoch: 6 }],
      ['account.enabled', 'success', 'operator:tremblay', CIP, 'cli', 'Retour', {}],
    ])
    const times = rows.map(({ occurredAt }) => occurredAt)
    expect(times.every((time, index) => time >= (times[index - 1] ?? startedAt) && time <= clock.now())).toBe(
      true,
    )
    expect(rows.filter(({ cip, accountId }) => (cip === CIP) !== (accountId === created.account.id))).toEqual(
      [],
    )
    expect(await verifyAuditLog(idp.services)).toMatchObject({ ok: true })
  })

  test('signing out and staying, and a change of person at one browser, are told as they are', async () => {
    const shared = await registerRelyingParty(idp, { client_id: 'horaire' })
    const first = await createEnrolled(idp)
    const second = await createEnrolled(idp)
    const browser = new Browser(idp)
    const { person, phone } = first
    await givePassword(browser, shared, person)
    await browser.submit({ code: phone.code() })
    const start = await latest()
    await browser.open('/session/end')
    await browser.open(shared.begin({ prompt: 'login' }).url)
    await browser.submit({ cip: second.person.cip, password: second.person.password })
    clock.nextStep()
    await browser.submit({ code: second.phone.code() })
    expect((await eventsAfter(start)).map(({ event, cip }) => [event, cip])).toEqual([
      ['password.verified', second.person.cip],
      ['one-time-code.verified', second.person.cip],
      ['session.started', second.person.cip],
      ['session.ended', person.cip],
    ])
  })
})

describe('a request whose rest fails (LOG-5, M8)', () => {
  const rowsOf = async (id: string, event: string): Promise<number> =>
    (await eventsAfter(0)).filter((row) => row.accountId === id && row.event === event).length

  test('the fifth wrong code, whose request then fails, is counted, told, and starts its wait', async () => {
    for (let round = 1; round <= 4; round += 1) {
      const { browser, person, phone } = await PLACES['at the code'](idp, rp)
      if (phone === undefined) throw new Error('no phone')
      const code = wrongCode(phone)
      for (let attempt = 1; attempt <= 4; attempt += 1) await browser.submit({ code })
      await failing(idp, 'insert on oidc_artifacts', "new.model = 'Interaction'", () =>
        browser.submit({ code }),
      )
      expect(browser.shown.status).toBe(500)
      expect(await rowsOf(person.id, 'one-time-code.refused')).toBe(5)
      expect(await idp.services.oneTimeCodes.waitForCode(await idp.account(person.cip), undefined)).toBe(60)
    }
  })

  test.each([
    ['at the code', 'second_factors', 'one-time-code.verified', 'update on second_factors'],
    ['at the QR code', 'second_factors', 'second-factor.enrolled', 'insert on outbox'],
    ['at the change of password', 'accounts', 'password.changed', 'insert on outbox'],
  ] as const)(
    '%s: when a part of the change fails there is neither change nor row',
    async (place, table, event, when) => {
      const { browser, person, phone } = await PLACES[place](idp, rp)
      const whole = async (): Promise<string> =>
        JSON.stringify(
          await idp.db(table).where(table === 'accounts' ? { id: person.id } : { accountId: person.id }),
        )
      const before = await whole()
      const rowsBefore = await rowsOf(person.id, event)
      const code = browser.step() === 'enrol' ? createPhone(browser.key()).code() : (phone?.code() ?? '')
      await failing(idp, when, 'true', () =>
        browser.submit({
          code,
          deviceName: 'Mon iPhone',
          newPassword: 'onze-girafes-vertes',
          newPasswordConfirmation: 'onze-girafes-vertes',
        }),
      )
      expect(browser.shown.status).toBe(500)
      expect(await whole()).toBe(before)
      expect(await rowsOf(person.id, event)).toBe(rowsBefore)
    },
  )

  test('a row that cannot be written keeps the change from happening', async () => {
    const { person } = await createEnrolled(idp)
    const account = await idp.account(person.cip)
    await failing(idp, 'insert on audit_events', 'true', async () => {
      await expect(idp.services.accountActions.disable(account, operator, 'left')).rejects.toThrow()
      await expect(idp.services.accountActions.resetSecondFactor(account, operator, 'lost')).rejects.toThrow()
      await expect(
        idp.services.accountActions.resetPassword(account, operator, 'asked', { delivery: 'mail' }),
      ).rejects.toThrow()
    })
    expect(await idp.account(person.cip)).toEqual(account)
    expect((await idp.services.secondFactors.list(person.id))[0]?.removedAt).toBeNull()
    expect(await verifyAuditLog(idp.services)).toMatchObject({ ok: true })
  })
})
