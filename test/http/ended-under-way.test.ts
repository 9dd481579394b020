// Threat: a thief keeps requests under way while the help desk ends all sessions. What such a request saves
// a moment later (a code, a refresh token of fourteen days, the grant that both stand on) is as dead as what
// was there before (SES-5, REC-2).

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { StoredArtifact } from '../../db/repositories/oidc-artifacts.js'
import { Browser } from '../support/browser.js'
import { clock } from '../support/clock.js'
import type { DatabaseKind } from '../support/databases.js'
import { holdNext, type Held } from '../support/held.js'
import { startIdp, type Idp } from '../support/idp.js'
import { createEnrolled, OPERATOR, type EnrolledPerson } from '../support/people.js'
import { access, answerOf, read, type Access } from '../support/protocol.js'
import { registerRelyingParty, type RelyingParty, type TokenResponse } from '../support/relying-party.js'
import { describeWith } from '../support/requirements.js'
import { unexpectedFailures } from '../support/situations.js'

const INVALID_GRANT = { status: 400, body: { error: 'invalid_grant' } }
/** Outlives the session, so that nothing but the act itself ends it. */
const LASTING = { scope: 'openid profile offline_access', prompt: 'consent' }

type Act = (idp: Idp, cip: string) => Promise<unknown>

const ACTS: Record<string, Act> = {
  'all sessions are ended': async ({ account, services }, cip) =>
    services.accountActions.signOutEverywhere(await account(cip), OPERATOR, 'asked'),
  'the password is reset': async ({ account, services }, cip) =>
    services.accountActions.resetPassword(await account(cip), OPERATOR, 'asked', { delivery: 'print' }),
  'the device is reset': async ({ account, services }, cip) =>
    services.accountActions.resetSecondFactor(await account(cip), OPERATOR, 'lost'),
  'the account is disabled and enabled again': async ({ account, services }, cip) => {
    await services.accountActions.disable(await account(cip), OPERATOR, 'a doubt')
    await services.accountActions.enable(await account(cip), OPERATOR, 'no doubt')
  },
  'the consent is taken back': async ({ account, services }, cip) =>
    services.consents.revoke(await account(cip), 'tiers', OPERATOR, 'asked'),
  'its owner chooses another password elsewhere': async ({ account, services }, cip) =>
    services.passwordChange.change(await account(cip), 'onze-girafes-vertes', 'a-sign-in', '192.0.2.1'),
}

function suite(kind: DatabaseKind): void {
  let idp: Idp
  let rp: RelyingParty
  let somebody: EnrolledPerson
  let browser: Browser
  beforeAll(async () => {
    idp = await startIdp({ database: kind })
    rp = await registerRelyingParty(idp, {
      client_id: 'tiers',
      consent: 'ask',
      scope: 'openid profile offline_access',
      grant_types: ['authorization_code', 'refresh_token'],
    })
  })
  afterAll(async () => {
    await idp.stop()
    expect(unexpectedFailures(idp)).toEqual([])
  })

  async function signedIn(): Promise<TokenResponse> {
    somebody = await createEnrolled(idp)
    browser = new Browser(idp)
    const { callback, verifier } = await access(rp, somebody, browser, LASTING)
    return rp.tokens(callback, verifier)
  }

  /** Another code of the same session. */
  async function askForCode(): Promise<Access> {
    const request = rp.begin(LASTING)
    await browser.open(request.url)
    await browser.submit({ decision: 'allow' })
    return { browser, callback: browser.shown.url, ...request }
  }

  const exchange = ({ callback, verifier }: Access) =>
    read(rp.exchange(answerOf(callback)['code'] ?? '', verifier))
  const refresh = (token = '') =>
    read(rp.post('/token', { grant_type: 'refresh_token', refresh_token: token }))
  const introspect = async (token = '') => (await read(rp.post('/token/introspection', { token }))).body
  const userinfoStatus = async (token: string) =>
    (await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${token}` } })).status

  /** The act, and what requests under way save again a moment later: all that it has deleted. */
  async function actWithRequestsUnderWay(act: Act): Promise<void> {
    const artifacts = () => idp.db<StoredArtifact>('oidc_artifacts').where({ accountId: somebody.person.id })
    const before = await artifacts()
    await act(idp, somebody.person.cip)
    const left = new Set((await artifacts()).map(({ idHash }) => idHash))
    for (const artifact of before)
      if (!left.has(artifact.idHash)) await idp.services.store.oidcArtifacts.upsert(artifact)
    expect(await artifacts()).toHaveLength(before.length)
  }

  async function expectDead({
    access_token: token,
    refresh_token: refreshToken,
  }: TokenResponse): Promise<void> {
    expect(await userinfoStatus(token)).toBe(401)
    for (const each of [token, refreshToken]) expect(await introspect(each)).toEqual({ active: false })
    expect(await refresh(refreshToken)).toMatchObject(INVALID_GRANT)
  }

  test.each(Object.entries(ACTS))('%s: codes and tokens from before are dead', async (_name, act) => {
    const tokens = await signedIn()
    const pending = await askForCode()
    expect([
      await userinfoStatus(tokens.access_token),
      (await introspect(tokens.refresh_token))['active'],
    ]).toEqual([200, true])
    await actWithRequestsUnderWay(act)
    await expectDead(tokens)
    expect(await exchange(pending)).toMatchObject(INVALID_GRANT)
  })

  const saveOf = (model: string): Held =>
    holdNext(idp.services.store.oidcArtifacts, 'upsert', (artifact) => artifact.model === model)

  test.each(Object.entries(ACTS))(
    '%s while a code is about to be saved: it is saved, and buys nothing',
    async (_name, act) => {
      await signedIn()
      const held = saveOf('AuthorizationCode')
      const asking = askForCode()
      await held.arrived
      clock.advance({ seconds: 2 })
      await actWithRequestsUnderWay(act)
      held.release()
      const late = await asking
      expect(answerOf(late.callback)['code']).toEqual(expect.any(String))
      expect(await exchange(late)).toMatchObject(INVALID_GRANT)
    },
  )

  test.each(Object.entries(ACTS))(
    '%s while tokens are about to be saved: they are given, and dead',
    async (_name, act) => {
      await signedIn()
      const pending = await askForCode()
      const held = saveOf('AccessToken')
      const exchanging = exchange(pending)
      await held.arrived
      clock.advance({ seconds: 2 })
      await actWithRequestsUnderWay(act)
      held.release()
      const { status, body } = await exchanging
      expect(status).toBe(200)
      await expectDead(body as TokenResponse)
    },
  )

  test('a refresh token that is turned in meanwhile lives on no more than the others', async () => {
    const tokens = await signedIn()
    const held = saveOf('RefreshToken')
    const refreshing = refresh(tokens.refresh_token)
    await held.arrived
    await actWithRequestsUnderWay(ACTS['all sessions are ended'] as Act)
    clock.advance({ seconds: 2 }) // what is made from here on is younger than the act
    held.release()
    const { status, body } = await refreshing
    expect(status).toBe(200)
    await expectDead(body as TokenResponse)
  })

  test('whoever signs in after the act has tokens that live', async () => {
    await signedIn()
    await actWithRequestsUnderWay(ACTS['all sessions are ended'] as Act)
    const again = new Browser(idp)
    const { callback, verifier } = await access(rp, somebody, again, LASTING)
    const tokens = await rp.tokens(callback, verifier)
    expect(await userinfoStatus(tokens.access_token)).toBe(200)
    expect(await introspect(tokens.access_token)).toMatchObject({ active: true })
    expect((await refresh(tokens.refresh_token)).status).toBe(200)
  })
}

describe('on SQLite', () => suite('sqlite'))
describeWith(['postgres'], 'on PostgreSQL', () => suite('postgres'))
