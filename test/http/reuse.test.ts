// Threat: a stolen code or refresh token that is turned in beside its owner, a moment before or after, and
// leaves the thief with tokens that live (OIDC-3, OIDC-7, RFC 9700 §4.14.2). Two providers over one
// database.

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { holdNext } from '../support/held.js'
import { startIdp, type Idp } from '../support/idp.js'
import { createEnrolled, type EnrolledPerson } from '../support/people.js'
import { access, answerOf, read, startTwin } from '../support/protocol.js'
import {
  registerRelyingParty,
  REDIRECT_URI,
  type RelyingParty,
  type TokenResponse,
} from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { unexpectedFailures } from '../support/situations.js'

const TWENTY = Array.from({ length: 20 }, (_, index) => index)
const ROUNDS = [1, 2, 3, 4, 5]

type Form = Record<string, string>
type Answer = { status: number; body: Record<string, unknown> }

function suite(kind: DatabaseKind): void {
  let idp: Idp
  let twin: Awaited<ReturnType<typeof startTwin>>
  let rp: RelyingParty
  let somebody: EnrolledPerson
  beforeAll(async () => {
    idp = await startIdp({ database: kind })
    twin = await startTwin(idp)
    rp = await registerRelyingParty(idp, { grant_types: ['authorization_code', 'refresh_token'] })
    somebody = await createEnrolled(idp)
  })
  afterAll(async () => {
    await twin.stop()
    await idp.stop()
    expect([idp, twin].flatMap(unexpectedFailures)).toEqual([])
  })

  const here = (form: Form): Promise<Answer> => read(rp.post('/token', form))
  const there = (form: Form): Promise<Answer> =>
    twin.post('/token', form, {
      Authorization: `Basic ${Buffer.from(`${rp.clientId}:${rp.secret}`).toString('base64')}`,
    })
  const refreshForm = (token: string): Form => ({ grant_type: 'refresh_token', refresh_token: token })

  /** What serves once, of a new sign-in. */
  const MAKE: Record<string, () => Promise<Form>> = {
    'authorization-code': async () => {
      const { callback, verifier } = await access(rp, somebody, new Browser(idp))
      const code = answerOf(callback)['code'] ?? ''
      return {
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT_URI,
        code_verifier: verifier,
      }
    },
    'refresh-token': async () => {
      const { callback, verifier } = await access(rp, somebody, new Browser(idp))
      return refreshForm((await rp.tokens(callback, verifier)).refresh_token ?? '')
    },
  }
  const MODELS: Record<string, string> = {
    'authorization-code': 'AuthorizationCode',
    'refresh-token': 'RefreshToken',
  }
  const KINDS = Object.keys(MAKE)
  const make = async (what: string): Promise<Form> => (await MAKE[what]?.()) ?? {}

  const isAlive = async (token: string): Promise<boolean[]> => [
    (await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${token}` } })).status === 200,
    (await read(rp.post('/token/introspection', { token }))).body['active'] === true,
  ]
  const eventsOf = async (what: string) =>
    idp.db('audit_events').where({ event: `${what}.reused`, accountId: somebody.person.id })

  /** `work` ends with one winner at most, who has nothing, and one event. */
  async function expectAllEnded(what: string, work: () => Promise<Answer[]>): Promise<Answer[]> {
    const before = (await eventsOf(what)).length
    const answers = await work()
    const winners = answers.filter(({ status }) => status === 200)
    expect(winners.length).toBeLessThanOrEqual(1)
    expect(answers.filter(({ status, body }) => status !== 200 && body['error'] !== 'invalid_grant')).toEqual(
      [],
    )
    for (const { body } of winners) {
      const { access_token: token, refresh_token: refresh = '' } = body as TokenResponse
      expect(await isAlive(token)).toEqual([false, false])
      expect(await here(refreshForm(refresh))).toMatchObject({
        status: 400,
        body: { error: 'invalid_grant' },
      })
    }
    const events = (await eventsOf(what)).slice(before)
    expect(events).toMatchObject([
      { actor: 'client:eespresso', outcome: 'refused', details: JSON.stringify({ client: 'eespresso' }) },
    ])
    return answers
  }

  describe.each(KINDS)('the %s', (what) => {
    test('used once gives tokens that live, and tells nobody', async () => {
      const before = await eventsOf(what)
      const { status, body } = await here(await make(what))
      expect(status).toBe(200)
      expect(await isAlive(String(body['access_token']))).toEqual([true, true])
      expect(await eventsOf(what)).toEqual(before)
    })

    test.each(ROUNDS)('turned in twenty times at once (round %i): what the winner has is dead', async () => {
      const form = await make(what)
      await expectAllEnded(what, () =>
        Promise.all(TWENTY.map((index) => (index % 2 === 0 ? here(form) : there(form)))),
      )
    })

    test.each([1, 1500])('turned in again %i s later ends what it gave', async (seconds) => {
      const form = await make(what)
      const first = await here(form)
      clock.advance({ seconds })
      const answers = await expectAllEnded(what, async () => [first, await there(form)])
      expect(answers.map(({ status }) => status)).toEqual([200, 400])
    })

    test('turned in again while the first request has its tokens yet to save: they are dead', async () => {
      const form = await make(what)
      const held = holdNext(
        idp.services.store.oidcArtifacts,
        'upsert',
        ({ model }) => model === 'AccessToken',
      )
      await expectAllEnded(what, async () => {
        const first = here(form)
        await held.arrived
        const second = await there(form)
        held.release()
        return [await first, second]
      })
    })

    test('about to be used by one request, while another is served: both end with nothing', async () => {
      const form = await make(what)
      const held = holdNext(idp.services.store.oidcArtifacts, 'consume', (model) => model === MODELS[what])
      const answers = await expectAllEnded(what, async () => {
        const first = here(form)
        await held.arrived
        const second = await there(form)
        held.release()
        return [await first, second]
      })
      expect(answers.map(({ status }) => status)).toEqual([400, 200])
    })
  })

  test('a refresh token that was turned in is none any more for whoever asks', async () => {
    const form = await make('refresh-token')
    expect((await here(form)).status).toBe(200)
    expect(await read(rp.post('/token/introspection', { token: form['refresh_token'] ?? '' }))).toMatchObject(
      {
        body: { active: false },
      },
    )
  })

  test('the next sign-in in the same browser is not touched by what ended before', async () => {
    const browser = new Browser(idp)
    const first = await access(rp, somebody, browser)
    await rp.tokens(first.callback, first.verifier)
    expect((await rp.exchange(answerOf(first.callback)['code'] ?? '', first.verifier)).status).toBe(400)
    const request = rp.begin()
    await browser.open(request.url)
    const { access_token: token } = await rp.tokens(browser.shown.url, request.verifier)
    expect(await isAlive(token)).toEqual([true, true])
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
