// Threat: two requests at once that both win, or a session that outlives its owner (OIDC-3, OIDC-15, SES-5,
// M1, R3). Two providers over one database throughout.

import { afterAll, describe, expect, test } from '@jest/globals'
import { Browser } from '../../support/browser.js'
import { createEnrolled } from '../../support/people.js'
import { access, answerOf, ask, listen, read, startTwin } from '../../support/protocol.js'
import { registerRelyingParty, REDIRECT_URI } from '../../support/relying-party.js'
import { unexpectedFailures } from '../../support/situations.js'
import { exposeSsrfGuard } from '../../support/ssrf-guard.js'
import { useIdp } from '../../support/use-idp.js'

const operator = { name: 'operator:test', clientAddress: 'cli' }

exposeSsrfGuard()
const idp = await useIdp()
const twin = await startTwin(idp)
const rp = await registerRelyingParty(idp, { grant_types: ['authorization_code', 'refresh_token'] })
const basic = `Basic ${Buffer.from(`${rp.clientId}:${rp.secret}`).toString('base64')}`
const somebody = await createEnrolled(idp)
afterAll(async () => {
  await twin.stop()
  expect(unexpectedFailures(twin)).toEqual([])
})

/** The same form twenty times at once, half of them at the other provider. */
async function twentyTimes(form: Record<string, string>): Promise<{ successes: number; failures: string[] }> {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      index % 2 === 0 ? read(rp.post('/token', form)) : twin.post('/token', form, { Authorization: basic }),
    ),
  )
  const failures = answers
    .filter(({ status }) => status !== 200)
    .map(({ status, body }) => `${status} ${String(body['error'])}`)
  return { successes: answers.length - failures.length, failures: [...new Set(failures)] }
}

test('a code that twenty bring at once to two providers is exchanged once', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { callback, verifier } = await access(rp, somebody, new Browser(idp))
    const form = {
      grant_type: 'authorization_code',
      code: answerOf(callback)['code'] ?? '',
      redirect_uri: REDIRECT_URI,
      code_verifier: verifier,
    }
    expect(await twentyTimes(form)).toEqual({ successes: 1, failures: ['400 invalid_grant'] })
  }
})

test('a refresh token that twenty bring at once to two providers serves one at most', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { callback, verifier } = await access(rp, somebody, new Browser(idp))
    const { refresh_token: token = '' } = await rp.tokens(callback, verifier)
    const { successes, failures } = await twentyTimes({ grant_type: 'refresh_token', refresh_token: token })
    expect(successes).toBeLessThanOrEqual(1)
    expect(failures).toEqual(['400 invalid_grant'])
    expect(
      (await read(rp.post('/token', { grant_type: 'refresh_token', refresh_token: token }))).status,
    ).toBe(400)
  }
})

test('ten requests at once in one browser all end well, and each code is good (OIDC-15)', async () => {
  const { browser } = await access(rp, somebody, new Browser(idp))
  const requests = Array.from({ length: 10 }, () => rp.begin())
  const answers = await Promise.all(requests.map(({ url }) => browser.request(url)))
  for (const [index, answer] of answers.entries()) {
    const callback = answer.headers.get('location') ?? ''
    expect(answerOf(callback)).toMatchObject({ code: expect.any(String), state: requests[index]?.state })
    expect((await rp.tokens(callback, requests[index]?.verifier ?? '')).id_token).toEqual(expect.any(String))
  }
})

describe('a morning’s tabs: several applications reached at once in one session', () => {
  test('each gets a code that is good, and all are told when the session ends', async () => {
    const inside = await listen()
    await idp.restart({ INTERNAL_HOSTS: inside.host })
    const apps = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        registerRelyingParty(idp, {
          client_id: `app-${index}`,
          backchannel_logout_uri: `${inside.url}/app-${index}`,
        }),
      ),
    )
    const { browser } = await access(rp, somebody, new Browser(idp))
    const requests = apps.map((app) => ({ app, ...app.begin() }))
    const answers = await Promise.all(requests.map(({ url }) => browser.request(url)))
    for (const [index, { app, verifier }] of requests.entries()) {
      expect(
        (await app.exchange(answerOf(answers[index]?.headers.get('location') ?? '')['code'] ?? '', verifier))
          .status,
      ).toBe(200)
    }
    await browser.open('/session/end')
    await browser.submit({ logout: 'yes' })
    expect(inside.received.map(({ path }) => path).toSorted()).toEqual(
      apps.map(({ clientId }) => `/${clientId}`),
    )
    await inside.stop()
  })

  test('one application opened in five tabs, for the first time, gets five good codes', async () => {
    const app = await registerRelyingParty(idp, { client_id: 'five-tabs' })
    const { browser } = await access(rp, somebody, new Browser(idp))
    const requests = Array.from({ length: 5 }, () => app.begin())
    const answers = await Promise.all(requests.map(({ url }) => browser.request(url)))
    for (const [index, { verifier }] of requests.entries()) {
      expect(
        (await app.exchange(answerOf(answers[index]?.headers.get('location') ?? '')['code'] ?? '', verifier))
          .status,
      ).toBe(200)
    }
  })
})

describe('an account that is disabled', () => {
  test.each(['disable', 'disable at the other provider', 'in the database alone'])(
    '(%s) is dead at once: session, opaque token, code, refresh token (SES-5)',
    async (how) => {
      const leaving = await createEnrolled(idp)
      const browser = new Browser(idp)
      const first = await access(rp, leaving, browser)
      const tokens = await rp.tokens(first.callback, first.verifier)
      const pending = await ask(rp, browser)
      expect(answerOf(pending.callback)).toHaveProperty('code')

      const account = await idp.account(leaving.person.cip)
      if (how === 'in the database alone')
        await idp.services.store.accounts.setDisabled(account.id, Date.now())
      else await (how === 'disable' ? idp : twin).services.accountActions.disable(account, operator, 'left')

      expect(
        (await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${tokens.access_token}` } }))
          .status,
      ).toBe(401)
      const refused = { status: 400, body: { error: 'invalid_grant' } }
      expect(
        await read(rp.exchange(answerOf(pending.callback)['code'] ?? '', pending.verifier)),
      ).toMatchObject(refused)
      expect(
        await read(
          rp.post('/token', { grant_type: 'refresh_token', refresh_token: tokens.refresh_token ?? '' }),
        ),
      ).toMatchObject(refused)
      expect(answerOf((await ask(rp, browser, { prompt: 'none' })).callback)['error']).toBe('login_required')
      expect((await ask(rp, browser)).browser.step()).toBe('password')
    },
  )
})

test('an account disabled while its owner’s code is exchanged: whatever was given is dead a moment later', async () => {
  const leaving = await createEnrolled(idp)
  const { callback, verifier } = await access(rp, leaving, new Browser(idp))
  const account = await idp.account(leaving.person.cip)
  const [exchange] = await Promise.all([
    rp.exchange(answerOf(callback)['code'] ?? '', verifier),
    twin.services.accountActions.disable(account, operator, 'left'),
  ])
  expect([200, 400]).toContain(exchange.status)
  const { access_token: token, refresh_token: refresh } = (await exchange.json()) as Record<string, string>
  expect(
    (await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${String(token)}` } })).status,
  ).toBe(401)
  expect(
    (await rp.post('/token', { grant_type: 'refresh_token', refresh_token: String(refresh) })).status,
  ).toBe(400)
})
