// What is refused because a wait stands is in the audit log, and cannot fill it (LOG-1): the first, the
// tenth, the hundredth of a quarter of an hour.

import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Account } from '../../src/accounts/accounts.js'
import { randomId } from '../../src/key-ring.js'
import { clock } from '../support/clock.js'
import { addDevice } from '../support/devices.js'
import { TEST_PASSWORD } from '../support/people.js'
import { wrongCode } from '../support/phone.js'
import { openServices, type TestServices } from '../support/services.js'

const STRANGER = { clientAddress: '203.0.113.7', browserIds: [] }

let services: TestServices
beforeAll(async () => {
  services = await openServices()
})
afterAll(() => services.close())

type Row = { event: string; clientAddress: string; accountId: string | null; details: string }
type Details = { refusals?: number; limit?: string }
async function rowsAfter(sequence: number) {
  const rows = (await services.store.auditEvents.listAfter(sequence, 10_000)) as Row[]
  return rows.map(({ details, ...row }) => ({ ...row, details: JSON.parse(details) as Details }))
}
const head = async (): Promise<number> => (await services.store.auditEvents.readHead()).sequence
const give = (cip: string, visitor = STRANGER) => services.passwords.verify(cip, TEST_PASSWORD, visitor)
async function startWait(cip: string): Promise<void> {
  for (let attempt = 1; attempt <= 5; attempt += 1) await services.passwords.verify(cip, 'faux', STRANGER)
}

test('a thousand passwords posted into a wait leave four rows, which say how many there were', async () => {
  const { id, cip } = await services.createPerson()
  await startWait(cip)
  const start = await head()
  for (let post = 1; post <= 1_000; post += 1) await give(cip)
  const rows = await rowsAfter(start)
  expect(rows.map(({ details }) => details.refusals)).toEqual([1, 10, 100, 1_000])
  for (const row of rows)
    expect(row).toMatchObject({
      event: 'attempt.refused',
      outcome: 'refused',
      accountId: id,
      clientAddress: '203.0.113.7',
      details: { limit: 'password-network' },
    })
})

test('they are counted anew a quarter of an hour later', async () => {
  const { cip } = await services.createPerson()
  await startWait(cip)
  for (let post = 1; post <= 5; post += 1) await give(cip)
  clock.advance({ minutes: 16 })
  await services.passwords.verify(cip, 'faux', STRANGER)
  const start = await head()
  for (let post = 1; post <= 5; post += 1) await give(cip)
  expect((await rowsAfter(start)).map(({ details }) => details.refusals)).toEqual([1])
})

test('a CIP that no account has leaves the same rows, and is not named in them', async () => {
  await startWait('personne.ici')
  const start = await head()
  for (let post = 1; post <= 12; post += 1) await give('personne.ici')
  const rows = await rowsAfter(start)
  expect(rows.map(({ details }) => details.refusals)).toEqual([1, 10])
  expect(JSON.stringify(rows)).not.toContain('personne.ici')
})

test('so it is with one-time codes and with activation codes', async () => {
  const account = await services.createPerson()
  const phone = await addDevice(services, account.id, 'Mon iPhone')
  const type = (): Promise<unknown> =>
    services.signIns.verifyCode(
      { account, signIn: randomId(), visitor: STRANGER },
      wrongCode(phone),
      undefined,
    )
  expect(await refusalsOf('code-account', type)).toEqual([1, 10])
  const claim = (one: Account) => services.activation.submit(one, 'ZZZZ-ZZZZ', randomId(), '203.0.113.7')
  expect(await refusalsOf('activation-account', () => claim(account))).toEqual([1, 10])
})

/** Five failures, then twelve tries into the wait that they started. */
async function refusalsOf(limit: string, attempt: () => Promise<unknown>): Promise<(number | undefined)[]> {
  for (let failure = 1; failure <= 5; failure += 1) await attempt()
  const start = await head()
  for (let refused = 1; refused <= 12; refused += 1) await attempt()
  const rows = await rowsAfter(start)
  expect(rows).toMatchObject(rows.map(() => ({ event: 'attempt.refused', details: { limit } })))
  return rows.map(({ details }) => details.refusals)
}
