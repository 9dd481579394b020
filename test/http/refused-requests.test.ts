// Whoever must mend a refusal is told why, and nobody else: each refused request is one line in the log and
// one record, in words, under the support code that the answer bears. First what an operator reads of each
// mistake that applications make; then who would fill it, or find secrets in it.

import { beforeAll, describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { createCli } from '../support/cli.js'
import { clock } from '../support/clock.js'
import { createEnrolled, type EnrolledPerson } from '../support/people.js'
import { access, answerOf, read } from '../support/protocol.js'
import { REDIRECT_URI, registerRelyingParty } from '../support/relying-party.js'
import { failing } from '../support/situations.js'
import { useIdp } from '../support/use-idp.js'

const METRICS_TOKEN = 'm'.repeat(32)
const idp = await useIdp({ settings: { METRICS_TOKEN } })
const rp = await registerRelyingParty(idp, { grant_types: ['authorization_code', 'refresh_token'] })
const cli = createCli({
  DATABASE_URL: idp.config.databaseUrl,
  MASTER_KEYS: idp.config.masterKeys.map(({ id, key }) => `${id}:${key.toString('base64')}`).join(','),
})
let somebody: EnrolledPerson
beforeAll(async () => {
  somebody = await createEnrolled(idp)
})

type Problem = {
  supportCode: string
  client_id: string | null
  endpoint: string
  error: string
  cause: string
  requestId: string
  evidence: Record<string, unknown>
}
const problems = (...options: string[]): Promise<Problem[]> =>
  cli.json<Problem[]>('client', 'problems', ...options)
const linesOf = (supportCode: string): string[] => idp.logLines.filter((line) => line.includes(supportCode))
const open = (url: string, headers: Record<string, string> = { Accept: 'text/html' }): Promise<Response> =>
  fetch(url, { headers, redirect: 'manual' })
const basic = (id: string, secret: string) => ({
  Authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
})
const post = (path: string, form: Record<string, string>, headers: Record<string, string>) =>
  fetch(`${idp.url}${path}`, { method: 'POST', headers, body: new URLSearchParams(form) })

/** A code that nobody has turned in yet. */
async function newCode(): Promise<{ code: string; verifier: string }> {
  const { callback, verifier } = await access(rp, somebody, new Browser(idp))
  return { code: answerOf(callback)['code'] ?? '', verifier }
}
const turnIn = (code: string, verifier: string, form: Record<string, string> = {}) =>
  rp.post('/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
    ...form,
  })

type Mistake = [what: string, endpoint: string, make: () => Promise<Response>, cause: RegExp]

const MISTAKES: Mistake[] = [
  [
    'a slash too many at the end of the redirect URI',
    'authorization',
    () => open(rp.begin({ redirect_uri: `${REDIRECT_URI}/`, state: 'callback' }).url),
    /^redirect URI differs in its last character \(\S+callback\/\) from http:\/\/localhost:9\/callback$/,
  ],
  [
    'a scope that the record lacks',
    'authorization',
    () => open(rp.begin({ scope: 'openid phone' }).url),
    /^scope "phone" is not allowed: its record says "openid profile email cip"$/,
  ],
  [
    'no PKCE',
    'authorization',
    () => open(rp.begin({ code_challenge: undefined, code_challenge_method: undefined }).url),
    /^the request has no code_challenge/,
  ],
  [
    'a client id that nobody registered',
    'authorization',
    () => open(rp.begin({ client_id: 'eexpresso' }).url),
    /^no client is registered as "eexpresso"$/,
  ],
  [
    'a wrong secret',
    'token',
    () =>
      post('/token', { grant_type: 'refresh_token', refresh_token: 'x' }, basic(rp.clientId, 'wrong-secret')),
    /^the client sent a wrong secret \(client_secret_basic\)/,
  ],
  [
    'no secret',
    'introspection',
    () => post('/token/introspection', { client_id: rp.clientId, token: 'x' }, {}),
    /^the client sent nothing; its record says client_secret_basic$/,
  ],
  [
    'a wrong secret at the revocation',
    'revocation',
    () => post('/token/revocation', { token: 'x' }, basic(rp.clientId, 'wrong-secret')),
    /^the client sent a wrong secret/,
  ],
  [
    'a wrong address in a pushed request',
    'pushed_authorization_request',
    () =>
      rp.post('/request', {
        client_id: rp.clientId,
        response_type: 'code',
        redirect_uri: 'https://localhost:9/callback',
      }),
    /^redirect URI differs in its scheme \(https instead of http\) from http:\/\/localhost:9\/callback$/,
  ],
  [
    'a grant that the record lacks',
    'token',
    () => rp.post('/token', { grant_type: 'client_credentials' }),
    /^grant type "client_credentials" is not allowed: its record says authorization_code refresh_token$/,
  ],
  [
    'a code that is too old',
    'token',
    async () => {
      const { code, verifier } = await newCode()
      clock.advance({ seconds: 75 })
      return turnIn(code, verifier)
    },
    /^the code was 75 s old: it lives 60 s$/,
  ],
  [
    'a verifier of another request',
    'token',
    async () => turnIn((await newCode()).code, 'v'.repeat(43)),
    /^PKCE verifier does not match the challenge$/,
  ],
  [
    'another redirect URI than was asked for',
    'token',
    async () => {
      const { code, verifier } = await newCode()
      return turnIn(code, verifier, { redirect_uri: 'http://localhost:9/other' })
    },
    /^redirect URI differs in its path \(\/other instead of \/callback\) from \S+localhost:9\/callback$/,
  ],
  ['a code of nobody', 'token', () => turnIn('x'.repeat(43), 'v'.repeat(43)), /^the code is unknown/],
  [
    'an access token of nobody',
    'userinfo',
    () => open(`${idp.url}/me`, { Authorization: `Bearer ${'x'.repeat(43)}` }),
    /^the access token is unknown/,
  ],
  [
    'an address that is not registered, at the sign-out',
    'end_session',
    () =>
      open(
        `${idp.url}/session/end?client_id=${rp.clientId}&post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A9%2Fbye`,
      ),
    /^post-logout redirect URI differs in its path \(\/bye instead of \/signed-out\)/,
  ],
]

describe('a request that is refused', () => {
  test.each(MISTAKES)('%s: the operator reads why, under the code that the answer bears', async (...row) => {
    const [, endpoint, make, cause] = row
    const answer = await make()
    expect(answer.status).toBeGreaterThanOrEqual(303)
    const supportCode = answer.headers.get('x-support-code') ?? 'none'
    expect(supportCode).toMatch(/^[2-9A-Y]{3}-[2-9A-Y]{3}$/)
    const [latest] = await problems('--code', supportCode)
    expect(latest).toMatchObject({ supportCode, endpoint, cause: expect.stringMatching(cause) })
    expect(latest?.requestId).toBe(answer.headers.get('x-request-id'))
    const lines = linesOf(supportCode).map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({
      ...latest?.evidence,
      endpoint,
      clientId: latest?.client_id,
      error: latest?.error,
      requestId: latest?.requestId,
      isRecorded: true,
    })
    clock.advance({ minutes: 16 }) // each source has so many records in a quarter of an hour
  })

  test('says to strangers what the specification names, and nothing of the cause', async () => {
    const { code } = await newCode()
    expect(await read(turnIn(code, 'v'.repeat(43)))).toEqual({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'grant request is invalid' },
    })
  })

  test('keeps no secret, code, token or hint, wherever they stand', async () => {
    clock.advance({ minutes: 16 })
    const { code, verifier } = await newCode()
    const wrong = {
      verifier: 'w'.repeat(50),
      secret: 'not-the-secret-of-anybody',
      hint: 'aGludA.eyJhIjoxfQ.c2ln',
    }
    await turnIn(code, wrong.verifier)
    await turnIn(code, verifier, { redirect_uri: `${REDIRECT_URI}?code=${code}#${code}` })
    await post('/token', { grant_type: `x${code}`, code }, basic(rp.clientId, wrong.secret))
    await post(
      '/token',
      { client_secret: wrong.secret, grant_type: wrong.secret, client_id: rp.clientId },
      {},
    )
    await open(rp.begin({ redirect_uri: `http://me:${wrong.secret}@localhost:9/?access_token=${code}` }).url)
    await open(`${idp.url}/session/end?id_token_hint=${wrong.hint}`)
    await post('/token', { grant_type: 'refresh_token' }, basic(rp.secret, rp.clientId)) // swapped
    const stored = JSON.stringify(await idp.db('refused_requests')) + idp.logLines.join('')
    for (const secret of [code, verifier, rp.secret, ...Object.values(wrong)])
      expect(stored).not.toContain(secret)
    const [swapped] = await problems()
    expect(swapped).toMatchObject({ client_id: null, cause: expect.stringMatching(/swapped/) })
  })

  test('counts by client and error; what is not registered counts as unknown', async () => {
    const count = async () =>
      /laissez_passer_refused_requests_total\{client="unknown",error="invalid_client"\} (\d+)/.exec(
        await renderedMetrics(),
      )?.[1]
    const before = Number((await count()) ?? 0)
    await open(rp.begin({ client_id: 'made-up-by-a-stranger' }).url)
    expect(Number(await count())).toBe(before + 1)
    expect(await renderedMetrics()).toContain('client="eespresso",error="invalid_grant"')
    expect(await renderedMetrics()).not.toContain('made-up-by-a-stranger')
  })

  test('that cannot be recorded is refused all the same, and stands in the log', async () => {
    const answer = await failing(idp, 'insert on refused_requests', 'true', () =>
      open(rp.begin({ client_id: 'eexpresso' }).url),
    )
    expect(answer.status).toBe(400)
    const supportCode = answer.headers.get('x-support-code') ?? 'none'
    expect(await answer.text()).toContain(`id="support-code">${supportCode}</`)
    expect(linesOf(supportCode).join('')).toContain('"isRecorded":false')
  })

  test('an answer to prompt=none is the protocol at work: logged, and no problem', async () => {
    const before = await problems()
    const answer = await open(rp.begin({ prompt: 'none' }).url)
    expect(answer.headers.get('location')).toContain('error=login_required')
    expect(linesOf(answer.headers.get('x-support-code') ?? 'none')).toHaveLength(1)
    expect(await problems()).toEqual(before)
  })
})

describe('the page of a refusal', () => {
  test.each([
    ['fr-CA', 'Code de soutien'],
    ['en-CA', 'Support code'],
  ])('bears its support code (%s)', async (language, words) => {
    clock.advance({ minutes: 16 })
    const browser = new Browser(idp, { 'Accept-Language': language })
    await browser.open(rp.begin({ redirect_uri: 'http://localhost:9/ailleurs' }).url)
    const supportCode = browser.shown.headers.get('x-support-code') ?? 'none'
    expect(browser.shown.html).toContain(`id="support-code">${supportCode}</`)
    expect(browser.text()).toContain(words)
    expect(await problems('--code', supportCode.toLowerCase().replace('-', ' '))).toHaveLength(1)
  })

  test('of an address that does not exist has one too, in the log alone', async () => {
    const answer = await open(`${idp.url}/nulle-part`)
    const supportCode = answer.headers.get('x-support-code') ?? 'none'
    expect(await answer.text()).toContain(`id="support-code">${supportCode}</`)
    expect(await problems('--code', supportCode)).toEqual([])
  })
})

test.each(['/', '/nulle-part', '/healthz', '/.well-known/openid-configuration', '/me', '/auth', '/assets/x'])(
  '%s: the answer says its request id',
  async (path) => {
    const answer = await open(`${idp.url}${path}`)
    const requestId = answer.headers.get('x-request-id') ?? 'none'
    expect(linesOf(requestId).some((line) => line.includes('"msg":"request"'))).toBe(true)
  },
)

describe('whoever would fill the records', () => {
  test('has thirty of them in a quarter of an hour; the rest is only logged', async () => {
    clock.advance({ minutes: 16 })
    const before = (await idp.db('refused_requests')).length
    const answers = []
    for (let index = 0; index < 35; index += 1)
      answers.push(await open(rp.begin({ client_id: `stranger-${index}` }).url))
    expect((await idp.db('refused_requests')).length - before).toBe(30)
    const last = answers.at(-1)?.headers.get('x-support-code') ?? 'none'
    expect(linesOf(last).join('')).toContain('"isRecorded":false')
  })

  test('reaches no terminal with control characters, and no column with too much', async () => {
    clock.advance({ minutes: 16 })
    const answer = await open(rp.begin({ client_id: `\u001b[31m\0${'x'.repeat(5_000)}` }).url)
    const { stdout } = await cli.run('client', 'problems', '--limit', '1')
    expect(stdout).not.toContain('\u001b')
    const [latest] = await problems('--code', answer.headers.get('x-support-code') ?? '')
    expect(latest?.client_id).toHaveLength(128)
  })
})

describe('a client whose secret is wrong again and again', () => {
  const wrong = (id = rp.clientId) =>
    post('/token', { grant_type: 'refresh_token', refresh_token: 'x' }, basic(id, 'wrong-secret'))

  test('is told to wait after ten, and is in the audit log; the right secret is let in', async () => {
    clock.advance({ minutes: 16 })
    const statuses = []
    for (let index = 0; index < 12; index += 1) statuses.push(await wrong())
    expect(statuses.map(({ status }) => status)).toEqual([...Array<number>(10).fill(401), 429, 429])
    expect(Number(statuses.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await idp.db('audit_events').where({ event: 'client-secret.refused' })).toMatchObject([
      {
        actor: `client:${rp.clientId}`,
        outcome: 'refused',
        details: JSON.stringify({ client: rp.clientId, failures: 10 }),
      },
    ])
    expect((await read(rp.post('/token/introspection', { token: 'x' }))).status).toBe(200)
    clock.advance({ seconds: 6 })
    expect((await wrong()).status).toBe(401)
  })

  test('says nothing of it to a client that nobody registered', async () => {
    for (let index = 0; index < 12; index += 1) expect((await wrong('nobody')).status).toBe(401)
  })
})

const renderedMetrics = async (): Promise<string> =>
  (await fetch(`${idp.url}/metrics`, { headers: { Authorization: `Bearer ${METRICS_TOKEN}` } })).text()
