// Threat: a secret that stays behind in a log, a database or a mail (LOG-2, SES-8, OTP-11). Canaries go
// through every path, then everything that is kept is searched for them.

import { describe, expect, test } from '@jest/globals'
import { Browser, formHeaders } from '../support/browser.js'
import { clock } from '../support/clock.js'
import { isPostgres } from '../support/databases.js'
import { enrolFirst, givePassword } from '../support/journey.js'
import { createEnrolled } from '../support/people.js'
import { createPhone, wrongCode } from '../support/phone.js'
import { registerRelyingParty } from '../support/relying-party.js'
import { failing, giveTemporaryPassword } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const idp = await useIdp({
  settings: { LOG_LEVEL: 'trace' },
  expectedFailure: 'a sealed sealed-artifact does not open',
})
const rp = await registerRelyingParty(idp)

/** Every text in every table, a line each. */
async function everythingStored(): Promise<string> {
  const catalogue = isPostgres(idp.config.databaseUrl)
    ? idp.db('information_schema.tables').where({ tableSchema: 'public' }).select({ name: 'table_name' })
    : idp.db('sqlite_master').where({ type: 'table' }).select('name')
  const tables = (await catalogue) as { name: string }[]
  const rows = await Promise.all(
    tables.map(async ({ name }) =>
      ((await idp.db(name)) as unknown[]).map((row) => `${name} ${JSON.stringify(row)}`),
    ),
  )
  return rows.flat().join('\n')
}

/** Which canaries are found in a text: plain, as written in an address, and as base64. */
function found(canaries: Record<string, string>, text: string): string[] {
  const forms = (value: string) => [
    value,
    encodeURIComponent(value),
    encodeURIComponent(value).replaceAll('%20', '+'),
    Buffer.from(value).toString('base64').replace(/=+$/, ''),
  ]
  return Object.entries(canaries)
    .filter(([, value]) => value.length >= 6)
    .filter(([, value]) => forms(value).some((form) => text.includes(form)))
    .map(([name]) => name)
}

test('passwords, keys, cookies, codes and tokens of a whole life are found in no log and in no table', async () => {
  const canaries: Record<string, string> = { clientSecret: rp.secret }
  const created = await idp.services.accounts.create(
    { cip: 'canari01', name: 'Canari Premier', email: 'canari@exemple.ca' },
    { name: 'operator:test', clientAddress: 'cli' },
    'mail',
  )
  if (!created.ok) throw new Error('not created')
  canaries['temporaryPassword'] = created.temporaryPassword
  expect(found(canaries, await everythingStored())).toEqual([])

  const browser = new Browser(idp)
  const { verifier } = await givePassword(browser, rp, {
    cip: 'canari01',
    password: created.temporaryPassword,
  })
  canaries['wrongPassword'] = 'mauvais-serin-jaune'
  await givePassword(new Browser(idp), rp, { cip: 'canari01', password: canaries['wrongPassword'] })
  canaries['refusedPassword'] = 'canari01-serin'
  await browser.submit({
    newPassword: canaries['refusedPassword'],
    newPasswordConfirmation: 'autre-serin-jaune',
  })
  canaries['password'] = 'onze serins à la mer'
  await browser.submit({ newPassword: canaries['password'], newPasswordConfirmation: canaries['password'] })
  canaries['totpKey'] = browser.key()
  canaries['csrf'] = browser.hidden('csrf')
  canaries['uid'] = browser.uid()
  for (const { name, value } of browser.cookies()) canaries[`cookie ${name} at enrolment`] = value
  const phone = createPhone(browser.key())
  await browser.submit({ code: wrongCode(phone), deviceName: 'x' })
  await browser.submit({ code: phone.code(), deviceName: 'Mon iPhone' })
  canaries['authorizationCode'] = new URL(browser.shown.url).searchParams.get('code') ?? ''
  for (const { name, value } of browser.cookies()) canaries[`cookie ${name}`] = value
  const tokens = await rp.tokens(browser.shown.url, verifier)
  Object.assign(canaries, { accessToken: tokens.access_token, idToken: tokens.id_token, verifier })
  await rp.userinfo(tokens.access_token)
  await rp.exchange(canaries['authorizationCode'], verifier)

  // Secrets where they do not belong: in paths, queries, headers and forms that are refused.
  for (const value of [
    canaries['password'],
    canaries['totpKey'],
    canaries['authorizationCode'],
    canaries['temporaryPassword'],
  ]) {
    await fetch(`${idp.url}/help?password=${encodeURIComponent(value)}`, {
      headers: {
        'X-Password': value.normalize('NFD').replace(/[^ -~]/g, ''),
        'Referer': `${idp.url}/?code=${encodeURIComponent(value)}`,
      },
    })
    await fetch(`${idp.url}/auth?client_id=eespresso&login_hint=${encodeURIComponent(value)}`, {
      redirect: 'manual',
    })
    await fetch(`${idp.url}/token`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${encodeURIComponent(value)}` },
      body: new URLSearchParams({ code: value, password: value }),
    })
    await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${encodeURIComponent(value)}` } })
    await fetch(`${idp.url}/interaction/x/password`, {
      method: 'POST',
      headers: formHeaders(idp.url),
      body: new URLSearchParams({ password: value, code: value }),
    })
    await fetch(`${idp.url}/interaction/x/password`, {
      method: 'POST',
      headers: formHeaders(idp.url),
      body: `password=${encodeURIComponent(value)}&password=%ff`,
    })
  }
  clock.nextStep()
  const later = new Browser(idp)
  await givePassword(later, rp, { cip: 'canari01', password: canaries['password'] }, { prompt: 'login' })
  await later.submit({ code: wrongCode(phone) })
  await later.submit({ code: phone.code() })
  await later.open(`/session/end?id_token_hint=${tokens.id_token}`)

  expect(found(canaries, idp.logLines.join(''))).toEqual([])
  expect(found(canaries, await everythingStored())).toEqual([])
})

test('a password typed where the CIP belongs is kept nowhere either', async () => {
  const passwordAsCip = 'serin-vert-et-bleu'
  await givePassword(new Browser(idp), rp, { cip: passwordAsCip, password: 'peu-importe-vraiment' })
  expect(found({ passwordAsCip }, idp.logLines.join(''))).toEqual([])
  expect(found({ passwordAsCip }, await everythingStored())).toEqual([])
})

test('a mail brings the temporary password once, never another secret, and nothing of it stays in the outbox once it is sent', async () => {
  const { person } = await createEnrolled(idp)
  const temporary = await giveTemporaryPassword(idp, person)
  const mails = await idp.readMail()
  const canaries = {
    password: person.password,
    temporaryPassword: temporary.password,
    clientSecret: rp.secret,
  }
  expect(found(canaries, JSON.stringify(mails))).toEqual([]) // that one was printed, not mailed
  const sent = (await idp.db('outbox').whereNotNull('sentAt')) as { sealedMessage: string | null }[]
  expect(sent.length).toBeGreaterThan(0)
  expect(sent.filter(({ sealedMessage }) => sealedMessage !== null)).toEqual([])
})

describe('a failure of ours', () => {
  test.each([
    ['while a password is changed', 'update on accounts', 'new.password_hash <> old.password_hash'],
    ['while a phone is enrolled', 'insert on second_factors', 'true'],
    ['while a mail is written', 'insert on outbox', 'true'],
    ['while a sign-in is saved', 'update on oidc_artifacts', 'true'],
  ])('%s logs what failed, without the values', async (_what, when, condition) => {
    const person = await giveTemporaryPassword(idp, await idp.createPerson())
    const browser = new Browser(idp)
    await givePassword(browser, rp, person)
    const newPassword = 'douze-serins-verts'
    const before = idp.logLines.length
    const hashBefore = (await idp.account(person.cip)).passwordHash ?? ''
    await failing(idp, when, condition, async () => {
      await browser.submit({ newPassword, newPasswordConfirmation: newPassword })
      if (browser.shown.html.includes('totp-key'))
        await browser.submit({ code: createPhone(browser.key()).code(), deviceName: 'Canari' })
    })
    expect(browser.shown.status).toBeGreaterThanOrEqual(500)
    const log = idp.logLines.slice(before).join('')
    expect({
      isLogged: log.includes('failure made by a test'),
      holdsPassword: log.includes(newPassword),
      holdsHash: log.includes(hashBefore) || /\$2b\$\d\d\$/.test(log),
      holdsSealed: /test\.[A-Za-z0-9_-]{40,}/.test(log),
    }).toEqual({ isLogged: true, holdsPassword: false, holdsHash: false, holdsSealed: false })
  })
})

describe('what a stolen copy of the database is worth (SES-8)', () => {
  test('its ids are no cookies, no codes and no tokens', async () => {
    const { browser, callback, verifier } = await enrolFirst(idp, rp, await idp.createPerson())
    const stored = await idp.db<{
      model: string
      idHash: string
      uidHash: string | null
      sealedPayload: string
    }>('oidcArtifacts')
    expect(stored.length).toBeGreaterThan(0)
    for (const { idHash, uidHash } of stored.slice(-20)) {
      for (const value of [idHash, uidHash ?? idHash]) {
        const thief = new Browser(idp)
        thief.setCookie('laissez-passer-session', value)
        const silent = await thief.request(rp.begin({ prompt: 'none' }).url)
        expect(silent.headers.get('location')).toContain('error=login_required')
        expect((await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${value}` } })).status).toBe(
          401,
        )
        expect((await rp.exchange(value, verifier)).status).toBe(400)
      }
    }
    expect(JSON.stringify(stored)).not.toContain(browser.cookie('laissez-passer-session') ?? 'none')
    expect(JSON.stringify(stored)).not.toContain(new URL(callback).searchParams.get('code') ?? 'none')
  })

  test('a payload moved to another row opens nothing', async () => {
    const victim = await enrolFirst(idp, rp, await idp.createPerson())
    const thief = await enrolFirst(idp, rp, await idp.createPerson())
    const sessions = (await idp
      .db('oidc_artifacts')
      .where({ model: 'Session' })
      .orderBy('createdAt', 'desc')) as {
      idHash: string
      accountId: string
      sealedPayload: string
    }[]
    const [first, second] = sessions
    if (first === undefined || second === undefined) throw new Error('no sessions')
    await idp
      .db('oidc_artifacts')
      .where({ model: 'Session', idHash: first.idHash })
      .update({ sealedPayload: second.sealedPayload })
    for (const { browser } of [victim, thief]) {
      const answer = await browser.request(rp.begin({ prompt: 'none' }).url)
      const location = answer.headers.get('location') ?? ''
      if (location.includes('code=')) continue // the one that was left alone
      expect(answer.status).toBeGreaterThanOrEqual(300)
    }
    await idp.db('oidc_artifacts').where({ model: 'Session', idHash: first.idHash }).delete()
  })

  test('a session cookie changed by one letter is none', async () => {
    const { browser } = await enrolFirst(idp, rp, await idp.createPerson())
    const value = browser.cookie('laissez-passer-session') ?? ''
    browser.setCookie('laissez-passer-session', `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`)
    const answer = await browser.request(rp.begin({ prompt: 'none' }).url)
    expect(answer.headers.get('location')).toContain('error=login_required')
  })
})

test('no log line holds the id of a sign-in, in whatever way its address is written', async () => {
  const browser = new Browser(idp)
  await browser.open(rp.begin().url)
  const uid = browser.uid()
  for (const path of [
    `/interaction/${uid}`,
    `/Interaction/${uid}/password`,
    `/INTERACTION/${uid}`,
    `/auth/${uid}`,
    `/AUTH/${uid}`,
  ]) {
    await fetch(`${idp.url}${path}`, { redirect: 'manual' })
  }
  expect(
    idp.logLines
      .filter((line) => line.includes(uid))
      .map((line) => (JSON.parse(line) as { path?: string }).path),
  ).toEqual([])
})

test('a line of the log is one line, whatever is in the address (LOG-3)', async () => {
  await fetch(`${idp.url}/x%0aSUCCESS%1b[31m%e2%80%ae`, { redirect: 'manual' })
  expect(idp.logLines.filter((line) => line.trimEnd().includes('\n'))).toEqual([])
  expect(idp.logLines.join('')).not.toMatch(/[\u001b\u202e]/)
})

test('a CIP made of line breaks and markup is no audit event of its own (LOG-3)', async () => {
  await givePassword(new Browser(idp), rp, { cip: 'x\nSUCCESS\u001b[31m', password: 'peu-importe-vraiment' })
  const events = await idp.db<{ cip: string | null; actor: string; details: string }>('audit_events')
  expect(events.filter((event) => /[\n\u001b]/.test(`${event.cip}${event.actor}${event.details}`))).toEqual(
    [],
  )
})
