// Threat: a key of a phone that can be guessed, reused, moved to another row, or bound by whoever holds a
// cookie (OTP-10, OTP-11, ENR-2, ENR-3, ENR-8).

import { describe, expect, test } from '@jest/globals'
import type { StoredSecondFactor } from '../../db/repositories/second-factors.js'
import { sealAgain } from '../support/sealed.js'
import { Browser, formHeaders } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { startIdp } from '../support/idp.js'
import { givePassword, signIn } from '../support/journey.js'
import { createEnrolled, type Person } from '../support/people.js'
import { createPhone } from '../support/phone.js'
import { registerRelyingParty, REDIRECT_URI } from '../support/relying-party.js'
import { giveTemporaryPassword } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }

const idp = await useIdp()
const rp = await registerRelyingParty(idp)

const isBack = (browser: Browser): boolean => browser.shown.url.startsWith(REDIRECT_URI)
const factorOf = async ({ id }: Person): Promise<StoredSecondFactor> =>
  (await idp.services.store.secondFactors.listCurrent(id))[0] as StoredSecondFactor

describe('a pending key (OTP-10, ENR-2)', () => {
  test('of ten thousand interactions, ten thousand: each of 160 bits, and none like another', async () => {
    const account = await idp.account((await idp.createPerson()).cip)
    const secrets = Array.from(
      { length: 10_000 },
      (_, index) => idp.services.secondFactors.pending(account, `interaction-${index}`).secret,
    )
    expect(new Set(secrets.map((secret) => secret.length))).toEqual(new Set([20]))
    expect(new Set(secrets.map((secret) => secret.toString('hex'))).size).toBe(10_000)
    // Every byte value at about its share: what a hash gives, and no counter or clock would.
    const counts = new Map<number, number>()
    for (const byte of secrets.flatMap((secret) => [...secret])) counts.set(byte, (counts.get(byte) ?? 0) + 1)
    expect(counts.size).toBe(256)
    const share = 200_000 / 256
    expect([...counts.values()].filter((count) => Math.abs(count - share) > share * 0.25)).toEqual([])
  })

  test('is another for another interaction, person, epoch or master key, and the same for the same', async () => {
    const account = await idp.account((await idp.createPerson()).cip)
    const other = await idp.account((await idp.createPerson()).cip)
    const { pending } = idp.services.secondFactors
    const keys = [
      pending(account, 'a').key,
      pending(account, 'b').key,
      pending(other, 'a').key,
      pending({ ...account, credentialEpoch: account.credentialEpoch + 1 }, 'a').key,
    ]
    expect(new Set(keys).size).toBe(4)
    expect(pending(account, 'a').key).toBe(keys[0])
    const elsewhere = await startIdp({
      settings: {
        MASTER_KEYS: `other:${Buffer.from('another test key, thirty-two by.').toString('base64')}`,
      },
    })
    expect(elsewhere.services.secondFactors.pending(account, 'a').key).not.toBe(keys[0])
    await elsewhere.stop()
  })

  test('is not derived from what an outsider knows: address and cookie of the interaction give nothing', async () => {
    const person = await idp.createPerson()
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    const key = browser.key()
    const known = [
      browser.uid(),
      browser.hidden('csrf'),
      ...browser.cookies().map(({ value }) => value),
      person.id,
      person.cip,
    ]
    expect(known.filter((value) => value.includes(key) || key.includes(value))).toEqual([])
    expect(JSON.stringify(await idp.db('oidc_artifacts'))).not.toContain(key)
  })
})

describe('a sealed key that does not open (OTP-11)', () => {
  async function standWith(
    change: (mine: StoredSecondFactor, thiefs: StoredSecondFactor) => Partial<StoredSecondFactor>,
  ) {
    const victim = await createEnrolled(idp)
    const thief = await createEnrolled(idp)
    await idp
      .db('second_factors')
      .where({ accountId: victim.person.id })
      .update(change(await factorOf(victim.person), await factorOf(thief.person)))
    const browser = new Browser(idp)
    await givePassword(browser, rp, victim.person)
    clock.nextStep()
    return { victim, thief, browser }
  }

  test.each<[string, (mine: StoredSecondFactor, thiefs: StoredSecondFactor) => Partial<StoredSecondFactor>]>([
    ['another’s, copied into the row', (_mine, { sealedSecret }) => ({ sealedSecret })],
    [
      'changed in one sign',
      ({ sealedSecret }) => ({
        sealedSecret: sealedSecret.replace(
          /(.{20})$/,
          (end) => `${end.startsWith('A') ? 'B' : 'A'}${end.slice(1)}`,
        ),
      }),
    ],
    ['cut short', ({ sealedSecret }) => ({ sealedSecret: sealedSecret.slice(0, 30) })],
    [
      'written in clear by whoever can write to the database',
      () => ({ sealedSecret: 'test.JBSWY3DPEHPK3PXP' }),
    ],
  ])(
    '%s: no code gets in, the device is disabled, the log says why, the owner is told, and the help desk can mend it',
    async (_what, change) => {
      const { victim, thief, browser } = await standWith(change)
      await browser.submit({ code: thief.phone.code() })
      expect(isBack(browser)).toBe(false)
      expect(browser.shown.status).toBe(422)
      expect((await factorOf(victim.person)).disabledAt).not.toBeNull()
      const [row] = await idp
        .db('audit_events')
        .where({ accountId: victim.person.id, event: 'second-factor.disabled' })
      expect(JSON.parse((row as { details: string }).details)).toMatchObject({ why: 'secret-unreadable' })
      expect(
        (await idp.readMail()).some(({ subject }) => subject === 'Votre appareil mobile a été désactivé'),
      ).toBe(true)

      const owner = new Browser(idp)
      await givePassword(owner, rp, victim.person)
      await owner.submit({ code: victim.phone.code() })
      expect(isBack(owner)).toBe(false)

      const { code } = await idp.services.accountActions.resetSecondFactor(
        await idp.account(victim.person.cip),
        operator,
        'asked',
      )
      await givePassword(owner, rp, victim.person)
      await owner.submit({ activationCode: code })
      await owner.submit({ code: createPhone(owner.key()).code(), deviceName: 'Mon iPhone' })
      expect(isBack(owner)).toBe(true)
    },
  )

  test('a whole row copied from another person is theirs no more', async () => {
    const victim = await createEnrolled(idp)
    const thief = await createEnrolled(idp)
    const stolen = await factorOf(thief.person)
    await idp.db('second_factors').where({ accountId: victim.person.id }).delete()
    await idp
      .db('second_factors')
      .insert({ ...stolen, id: `${stolen.id.slice(0, -1)}_`, accountId: victim.person.id, lastStep: 0 })
    await sealAgain(idp.services, victim.person.id) // even where the account's own seal did not tell
    const browser = new Browser(idp)
    await givePassword(browser, rp, victim.person)
    clock.nextStep()
    await browser.submit({ code: thief.phone.code() })
    expect(isBack(browser)).toBe(false)
  })
})

describe('whoever holds a cookie alone (ENR-3, ENR-8)', () => {
  test('finds no address that shows, adds, renames or removes a device', async () => {
    const { person, phone } = await createEnrolled(idp)
    const owner = new Browser(idp)
    await signIn(rp, person, phone, owner)
    const before = await factorOf(person)
    const thief = owner.clone()
    for (const path of [
      '/account',
      '/account/devices',
      '/account/second-factors',
      '/enrol',
      '/interaction',
      `/interaction/${person.id}/enrol`,
      '/help-desk',
    ]) {
      const shown = await thief.request(path)
      expect({ path, status: shown.status, hasKey: (await shown.text()).includes('totp-key') }).toEqual({
        path,
        status: shown.status,
        hasKey: false,
      })
      const posted = await thief.request(path, {
        method: 'POST',
        body: 'code=123456&deviceName=x',
        headers: formHeaders(idp.url),
      })
      expect({ path, isRefused: posted.status >= 400 && posted.status < 500 }).toEqual({
        path,
        isRefused: true,
      })
    }
    expect(await factorOf(person)).toEqual(before)
  })

  test('is asked for the password and the code by a new sign-in in full, and reaches no QR code on the way', async () => {
    const { person, phone } = await createEnrolled(idp)
    const owner = new Browser(idp)
    await signIn(rp, person, phone, owner)
    const thief = owner.clone()
    await thief.open(rp.begin({ prompt: 'login' }).url)
    expect(thief.step()).toBe('password')
    for (const step of ['enrol', 'activation', 'change-password', 'done']) {
      await thief.open(`/interaction/${thief.uid()}/${step}`)
      expect({ step, stands: thief.step(), hasKey: thief.shown.html.includes('totp-key') }).toEqual({
        step,
        stands: 'password',
        hasKey: false,
      })
    }
  })

  test('with an overheard temporary password too, an enrolled person’s device stands before everything (PW-9)', async () => {
    const { person } = await createEnrolled(idp)
    const overheard = await giveTemporaryPassword(idp, person)
    const thief = new Browser(idp)
    await givePassword(thief, rp, overheard)
    expect(thief.step()).toBe('one-time-code')
    for (const step of ['change-password', 'enrol']) {
      await thief.open(`/interaction/${thief.uid()}/${step}`)
      expect(thief.step()).toBe('one-time-code')
    }
  })
})
