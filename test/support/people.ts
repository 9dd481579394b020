// People as a test needs them, made below the pages: at once, and with nothing behind them. (Where the first
// access itself is the subject, `enrolFirst` of journey.ts walks it.)

import { newAccountRow } from '../../src/accounts/account-row.js'
import { randomId } from '../../src/key-ring.js'
import type { Services } from '../../src/services.js'
import { clock } from './clock.js'
import { createPhone, type Phone } from './phone.js'

export type Person = { id: string; cip: string; name: string; email: string; password: string }
export type EnrolledPerson = { person: Person; phone: Phone }

/** A provider in this process, or its services alone. */
type Provider = { services: Pick<Services, 'store' | 'hasher' | 'secondFactors' | 'signIns'> }

export const TEST_PASSWORD = 'trois-chats-dorment'
export const OPERATOR = { name: 'operator:test', clientAddress: 'cli' }

/** Somebody who chose a password already, as in the printed procedure. */
export async function createPerson(
  { services: { store, hasher } }: Provider,
  person: Partial<Person> = {},
): Promise<Person> {
  const whole = {
    id: randomId(),
    cip: `p${randomId()
      .toLowerCase()
      .replace(/[^a-z0-9]/g, '')}`,
    name: 'Marie Tremblay',
    email: 'marie@exemple.ca',
    password: TEST_PASSWORD,
    ...person,
  }
  const { password, ...identity } = whole
  await store.accounts.insert(
    newAccountRow({
      ...identity,
      passwordHash: await hasher.hash(password, whole.id),
      passwordSetAt: clock.now(),
      createdAt: clock.now(),
    }),
  )
  return whole
}

/** A phone of this person, as their first access leaves it: its code of now is used up. */
export async function bindPhone(
  { services: { store, secondFactors, signIns } }: Provider,
  { cip }: Pick<Person, 'cip'>,
  deviceName = 'Mon iPhone',
): Promise<Phone> {
  const account = await store.accounts.findByCip(cip)
  if (account === undefined) throw new Error(`no account ${cip}`)
  const phone = createPhone(secondFactors.pending(account, 'earlier').key)
  const outcome = await signIns.enrol(
    { account, signIn: 'earlier', visitor: { clientAddress: 'test', browserIds: [] } },
    'earlier',
    phone.code(),
    deviceName,
    undefined,
  )
  if (!outcome.ok) throw new Error(`not enrolled: ${outcome.reason}`)
  return phone
}

/** A person with a phone, a step later: the code of now is unused, and the step has just begun. */
export async function createEnrolled(
  provider: Provider,
  person: Partial<Person> = {},
  deviceName?: string,
): Promise<EnrolledPerson> {
  const whole = await createPerson(provider, person)
  const phone = await bindPhone(provider, whole, deviceName)
  clock.nextStep()
  return { person: whole, phone }
}
