// A browser brought to each place of a sign-in by the way a person takes, for tests that then try doors they
// should not.

import { Browser } from './browser.js'
import { isPostgres } from './databases.js'
import type { Idp } from './idp.js'
import { givePassword } from './journey.js'
import { createEnrolled, type Person } from './people.js'
import type { Phone } from './phone.js'
import type { RelyingParty } from './relying-party.js'

export type Situation = {
  browser: Browser
  person: Person
  phone: Phone | undefined
  verifier: string
  step: string
}
export type Place =
  | 'at the password'
  | 'at the QR code'
  | 'at the code'
  | 'at the code, with a temporary password'
  | 'at the change of password'
  | 'at the change of password, after the code'
  | 'at the end, cut off before it was saved'

type Way = (idp: Idp, rp: RelyingParty) => Promise<Situation>

export const PLACES: Record<Place, Way> = {
  'at the password': async (idp, rp) => {
    const browser = new Browser(idp)
    const { url, verifier } = rp.begin()
    await browser.open(url)
    return { browser, person: await idp.createPerson(), phone: undefined, verifier, step: 'password' }
  },
  'at the QR code': async (idp, rp) =>
    standAfterPassword(idp, rp, await idp.createPerson(), undefined, 'enrol'),
  'at the code': async (idp, rp) => {
    const { person, phone } = await createEnrolled(idp)
    return standAfterPassword(idp, rp, person, phone, 'one-time-code')
  },
  'at the code, with a temporary password': async (idp, rp) => {
    const { person, phone } = await createEnrolled(idp)
    return standAfterPassword(idp, rp, await giveTemporaryPassword(idp, person), phone, 'one-time-code')
  },
  'at the change of password': async (idp, rp) =>
    standAfterPassword(
      idp,
      rp,
      await giveTemporaryPassword(idp, await idp.createPerson()),
      undefined,
      'change-password',
    ),
  'at the change of password, after the code': async (idp, rp) => {
    const before = await PLACES['at the code, with a temporary password'](idp, rp)
    await before.browser.submit({ code: before.phone?.code() ?? '' })
    return { ...before, step: 'change-password' }
  },
  'at the end, cut off before it was saved': async (idp, rp) => {
    const before = await PLACES['at the code'](idp, rp)
    await failing(idp, 'insert on oidc_artifacts', "new.model = 'Interaction'", () =>
      before.browser.submit({ code: before.phone?.code() ?? '' }),
    )
    await before.browser.open(before.browser.shown.url)
    return { ...before, step: 'done' }
  },
}

export async function giveTemporaryPassword(idp: Idp, person: Person): Promise<Person> {
  const { temporaryPassword } = await idp.services.accountActions.resetPassword(
    await idp.account(person.cip),
    { name: 'operator:test', clientAddress: 'cli' },
    'test',
    { delivery: 'print' },
  )
  return { ...person, password: temporaryPassword }
}

async function standAfterPassword(
  idp: Idp,
  rp: RelyingParty,
  person: Person,
  phone: Phone | undefined,
  step: string,
): Promise<Situation> {
  const browser = new Browser(idp)
  const { verifier } = await givePassword(browser, rp, person)
  if (browser.step() !== step)
    throw new Error(`expected ${step}, got ${browser.shown.url}: ${browser.text().slice(0, 200)}`)
  return { browser, person, phone, verifier, step }
}

/** While `work` runs, such a statement fails in the database: a crash at that very point. */
export async function failing<T>(
  idp: Pick<Idp, 'db' | 'config'>,
  when: string,
  condition: string,
  work: () => Promise<T>,
): Promise<T> {
  const table = when.split(' on ')[1] ?? ''
  const isOnPostgres = isPostgres(idp.config.databaseUrl)
  if (isOnPostgres) {
    await idp.db.raw(
      `create or replace function test_failure() returns trigger language plpgsql as $$ begin raise 'failure made by a test'; end $$`,
    )
    await idp.db.raw(
      `create trigger test_failure before ${when} for each row when (${condition}) execute function test_failure()`,
    )
  } else
    await idp.db.raw(
      `create trigger test_failure before ${when} when ${condition} begin select raise(abort, 'failure made by a test'); end`,
    )
  try {
    return await work()
  } finally {
    await idp.db.raw(`drop trigger test_failure ${isOnPostgres ? `on ${table}` : ''}`)
  }
}

/** What the log calls a failure of ours, apart from those that `failing` made. */
export function unexpectedFailures(idp: Pick<Idp, 'logLines'>): string[] {
  return idp.logLines.filter(
    (line) => (JSON.parse(line) as { level: number }).level >= 50 && !line.includes('failure made by a test'),
  )
}

/** Failures counted under a key, 0 when there are none. */
export async function failuresOf(idp: Pick<Idp, 'services'>, key: string): Promise<number> {
  return (await idp.services.store.attempts.find([key]))[0]?.failures ?? 0
}
