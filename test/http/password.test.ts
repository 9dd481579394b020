// Threat: a password guessed, an account found out, or a person locked out for good (PW-*, FLOW-6, RATE-*),
// as browsers meet it. Long rows of guesses need none: test/services/password-waits.test.ts.

import { describe, expect, test } from '@jest/globals'
import bcrypt from 'bcrypt'
import { callerOf } from '../../src/sign-ins/caller.js'
import { setColumns } from '../support/sealed.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { holdHashes } from '../support/held-hashes.js'
import { startIdp } from '../support/idp.js'
import { givePassword, signIn } from '../support/journey.js'
import { TEST_PASSWORD, createEnrolled, type Person } from '../support/people.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { failing, failuresOf, giveTemporaryPassword, PLACES } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const WRONG = 'faux-mot-de-passe'
const MIXED_UP = 'Le nom d’utilisateur ou le mot de passe est inexact, ou votre accès est suspendu.'
const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp()
const rp = await registerRelyingParty(idp, { sign_in_every_time: true })

async function tryPassword(cip: string, password: string, browser = new Browser(idp)): Promise<Browser> {
  await givePassword(browser, rp, { cip, password })
  return browser
}

const statusOf = async (cip: string, password: string): Promise<number> =>
  (await tryPassword(cip, password)).shown.status

async function fail(person: Pick<Person, 'cip'>, times: number): Promise<void> {
  for (let attempt = 1; attempt <= times; attempt += 1) await tryPassword(person.cip, WRONG)
}

describe('waits', () => {
  test('four wrong passwords are free, the fifth starts a minute, the sixth is told so, and then the right one serves', async () => {
    const person = await idp.createPerson()
    for (const attempt of [1, 2, 3, 4]) {
      const browser = await tryPassword(person.cip, WRONG)
      expect({ attempt, status: browser.shown.status }).toEqual({ attempt, status: 422 })
      expect(browser.refusal()).not.toContain('Attendez')
    }
    const fifth = await tryPassword(person.cip, WRONG)
    expect(fifth.shown.status).toBe(422)
    expect(fifth.refusal()).toContain('Attendez 1\u00a0min')
    const sixth = await tryPassword(person.cip, person.password)
    expect(sixth.shown.status).toBe(429)
    expect(Number(sixth.shown.headers.get('retry-after'))).toBeGreaterThan(50)
    expect(Number(sixth.shown.headers.get('retry-after'))).toBeLessThanOrEqual(60)
    expect(sixth.refusal()).toContain('Trop d’essais\u00a0: il faut patienter.')
    clock.advance({ seconds: 61 })
    expect((await tryPassword(person.cip, person.password)).step()).toBe('enrol')
  })

  test('it holds in other browsers, in every spelling of the CIP, and after a restart', async () => {
    const person = await idp.createPerson()
    await fail(person, 5)
    await idp.restart()
    for (const spelling of [person.cip, ` ${person.cip.toUpperCase()} `, person.cip.replace('p', 'ｐ')]) {
      expect({ spelling, status: await statusOf(spelling, person.password) }).toEqual({
        spelling,
        status: 429,
      })
    }
  })

  test('only a full sign-in clears the count: a right password alone does not (RATE-5)', async () => {
    const { person, phone } = await createEnrolled(idp)
    await fail(person, 4)
    expect((await tryPassword(person.cip, person.password)).step()).toBe('one-time-code')
    const fifth = await tryPassword(person.cip, WRONG)
    expect(fifth.refusal()).toContain('Attendez 1\u00a0min')
    clock.advance({ seconds: 61 })
    await signIn(rp, person, phone, new Browser(idp))
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(0)
    await fail(person, 4)
    expect(await statusOf(person.cip, WRONG)).toBe(422)
  })

  test('a failure stays counted although the rest of its request fails (M8)', async () => {
    const person = await idp.createPerson()
    await failing(idp, 'insert on audit_events', "new.event = 'password.refused'", () => fail(person, 5))
    expect(await statusOf(person.cip, WRONG)).toBe(429)
  })

  test('a provider too busy to look at a password does not count it as a wrong one', async () => {
    const person = await idp.createPerson()
    const browser = new Browser(idp)
    await browser.open(rp.begin().url)
    const held = holdHashes(idp.services)
    // All from the same address: whoever comes last finds no room.
    const crowd = Array.from({ length: 1_000 }, (_, index) => {
      const caller = callerOf(undefined, index % 2 === 0 ? '::1' : '127.0.0.1', () => false)
      return idp.services.hasher.verify('x', undefined, { caller })
    })
    const served = Promise.allSettled(crowd)
    await browser.submit({ cip: person.cip, password: person.password })
    await held.release()
    await served
    held.stop()
    expect(browser.shown.status).toBe(503)
    expect(Number(browser.shown.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(browser.refusal()).toContain('Votre mot de passe n’a pas été vérifié')
    expect(browser.shown.html).toContain(`value="${person.cip}"`)
    expect(await failuresOf(idp, `password-account:${person.cip}`)).toBe(0)
  })
})

describe('who has an account cannot be found out (FLOW-6, RATE-4)', () => {
  /**
   * All that a stranger sees of eight wrong tries in a row; tokens, ids, lengths of time and what was typed
   * set aside.
   */
  async function seen(cip: string, passwords: string[]) {
    const all = []
    for (const password of passwords) {
      const browser = await tryPassword(cip, password)
      const { status, headers, html } = browser.shown
      const names = [...headers.keys()].filter((name) => name !== 'date').sort()
      const fixed = Object.fromEntries(
        names
          .filter((name) => !['x-request-id', 'content-length', 'set-cookie', 'retry-after'].includes(name))
          .map((name) => [name, headers.get(name)]),
      )
      const body = html
        .replaceAll(browser.uid(), 'UID')
        .replace(/name="csrf" value="[^"]*"/g, 'name="csrf"')
        .replaceAll(cip, 'CIP')
        .replace(/\d+\u00a0(s|min)(\u00a0\d+\u00a0s)?/g, 'WAIT')
      all.push({
        status,
        names,
        fixed,
        body,
        cookies: browser.cookies().map(({ name, path }) => `${name} ${path.replace(browser.uid(), 'UID')}`),
      })
    }
    return all
  }

  test('unknown, wrong, disabled, without a phone, with a temporary password, locked: the same pages, headers and cookies', async () => {
    const wrong = Array.from({ length: 8 }, () => WRONG)
    const { person: enrolled } = await createEnrolled(idp)
    const expected = await seen(enrolled.cip, wrong)
    expect(expected.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422, 429, 429, 429])

    const disabled = await idp.createPerson()
    await idp.services.accountActions.disable(await idp.account(disabled.cip), operator, 'left')
    const temporary = await giveTemporaryPassword(idp, await idp.createPerson())
    const unenrolled = await idp.createPerson()
    expect(await seen('inconnu.du.bataillon', wrong)).toEqual(expected)
    expect(await seen(disabled.cip, wrong)).toEqual(expected)
    expect(await seen(unenrolled.cip, wrong)).toEqual(expected)
    expect(await seen(temporary.cip, wrong)).toEqual(expected)
  })

  const suspended = async (): Promise<Person> => {
    const person = await idp.createPerson()
    await idp.services.accountActions.disable(await idp.account(person.cip), operator, 'left')
    return person
  }

  test('a disabled account’s right password looks like a wrong one', async () => {
    const disabled = await suspended()
    const right = Array.from({ length: 6 }, () => disabled.password)
    expect(await seen(disabled.cip, right)).toEqual(await seen('encore.un.inconnu', right))
    const refused = await tryPassword((await suspended()).cip, TEST_PASSWORD)
    expect(refused.refusal()).toContain(MIXED_UP) // and the sentence is true for it too
  })
})

describe('what a password is', () => {
  test('an accent typed in either form is the same (PW-3)', async () => {
    const person = await idp.createPerson({ password: 'été-à-la-crémaillère'.normalize('NFC') })
    expect((await tryPassword(person.cip, person.password.normalize('NFD'))).step()).toBe('enrol')
  })

  test('spaces at its ends and capitals count (PW-3)', async () => {
    const person = await idp.createPerson({ password: ' Trois Chats Dorment ' })
    expect(await statusOf(person.cip, 'Trois Chats Dorment')).toBe(422)
    expect(await statusOf(person.cip, ' trois chats dorment ')).toBe(422)
    expect((await tryPassword(person.cip, ' Trois Chats Dorment ')).step()).toBe('enrol')
  })

  test('twenty emoji are all verified, none cut off (PW-2)', async () => {
    const emoji = [...'🐈🐕🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧🐦🦆🦅🦉🦇🐺'].join('')
    const { browser, person } = await PLACES['at the change of password'](idp, rp)
    await browser.submit({ newPassword: emoji, newPasswordConfirmation: emoji })
    expect(browser.step()).toBe('enrol')
    const cut = `${[...emoji].slice(0, 18).join('')}🐴🐗`
    expect(await statusOf(person.cip, cut)).toBe(422)
    expect(await statusOf(person.cip, [...emoji].slice(0, 18).join(''))).toBe(422)
    expect((await tryPassword(person.cip, emoji)).step()).toBe('enrol')
  })

  test('of one’s own, it needs fourteen characters (PW-1; every limit: test/services/password-change)', async () => {
    for (const [password, isAccepted] of [
      ['trois chats 🐈', false],
      ['trois chats 🐈🐈', true],
    ] as const) {
      const { browser } = await PLACES['at the change of password'](idp, rp)
      await browser.submit({ newPassword: password, newPasswordConfirmation: password })
      expect({ password, isAccepted: browser.step() === 'enrol' }).toEqual({ password, isAccepted })
    }
  })

  test('a temporary password serves at 71 h, is refused at 73 h, and says whom to call (PW-9)', async () => {
    const person = await giveTemporaryPassword(idp, await idp.createPerson())
    clock.advance({ hours: 71 })
    expect((await tryPassword(person.cip, person.password)).step()).toBe('change-password')
    clock.advance({ hours: 2 })
    const late = await tryPassword(person.cip, person.password)
    expect(late.shown.status).toBe(422)
    expect(late.step()).toBe('password')
    expect(late.refusal()).toContain('Ce mot de passe temporaire n’est plus valide.')
    const wrong = await tryPassword(person.cip, WRONG)
    expect(wrong.refusal()).toContain(MIXED_UP)
  })

  test('a temporary password serves again after a closed browser, and still must be changed (PW-9)', async () => {
    const person = await giveTemporaryPassword(idp, await idp.createPerson())
    for (const visit of [1, 2, 3]) {
      const browser = await tryPassword(person.cip, person.password)
      expect({ visit, step: browser.step() }).toEqual({ visit, step: 'change-password' })
    }
  })

  test('a password of one’s own is still good after 400 days (PW-5)', async () => {
    const { person, phone } = await createEnrolled(idp)
    clock.advance({ days: 400 })
    const browser = await tryPassword(person.cip, person.password)
    expect(browser.step()).toBe('one-time-code')
    clock.nextStep()
    await browser.submit({ code: phone.code() })
    expect(browser.step()).toBeUndefined()
  })
})

describe('what is stored of a password', () => {
  test('it is hashed anew, silently, once the cost has risen; the old hash serves once more (PW-7)', async () => {
    const person = await idp.createPerson()
    const stronger = await startIdp({ databaseUrl: idp.config.databaseUrl, settings: { BCRYPT_COST: '5' } })
    try {
      const before = (await stronger.account(person.cip)).passwordHash ?? ''
      expect(before).toContain('$2b$04$')
      const visit = async (password: string): Promise<string | undefined> => {
        const browser = new Browser(stronger)
        await browser.open(rp.begin().url.replace(idp.url, stronger.url))
        await browser.submit({ cip: person.cip, password })
        return browser.step()
      }
      await visit(WRONG)
      expect((await stronger.account(person.cip)).passwordHash).toBe(before)
      for (const time of [1, 2]) {
        expect({ time, step: await visit(person.password) }).toEqual({ time, step: 'enrol' })
        expect((await stronger.account(person.cip)).passwordHash).toContain('$2b$05$')
      }
      expect((await stronger.account(person.cip)).credentialEpoch).toBe(1)
    } finally {
      await stronger.stop()
    }
  })

  test('a plain bcrypt hash from an import serves once and becomes ours (decision on the hash)', async () => {
    const person = await idp.createPerson()
    const passwordHash = await bcrypt.hash(TEST_PASSWORD, 4)
    await setColumns(idp.db, idp.services, person.id, { passwordHash })
    expect((await tryPassword(person.cip, TEST_PASSWORD)).step()).toBe('enrol')
    expect((await idp.account(person.cip)).passwordHash).toMatch(/^v2\$/)
    expect((await tryPassword(person.cip, TEST_PASSWORD)).step()).toBe('enrol')
  })

  test('the database alone does not verify the right password (PW-8)', async () => {
    const person = await idp.createPerson()
    const stored = (await idp.account(person.cip)).passwordHash ?? ''
    const hash = /\$2b\$.*$/.exec(stored)?.[0] ?? ''
    expect(await bcrypt.compare(person.password, hash)).toBe(false)
    expect(stored).not.toContain(person.password)
  })
})
