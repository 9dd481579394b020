// Threat: a native application's answer ends at somebody else's (RFC 8252 §7, §8). It waits on loopback, at
// whatever port the system gives it, or under a scheme that its record names; nothing else follows from that.

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../../support/browser.js'
import { createEnrolled } from '../../support/people.js'
import { access, answerOf, ask, listen } from '../../support/protocol.js'
import { claimsOf, registerRelyingParty } from '../../support/relying-party.js'
import { useIdp } from '../../support/use-idp.js'

const OPERATOR = { name: 'operator:test', clientAddress: 'cli' }
const NATIVE = {
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  redirect_uris: ['http://127.0.0.1/callback', 'http://[::1]/callback'],
  post_logout_redirect_uris: [],
}
const SCHEME = 'ca.exemple.horaire'

const idp = await useIdp()
const somebody = await createEnrolled(idp)
const desktop = await registerRelyingParty(idp, { client_id: 'desktop', ...NATIVE })

/** As a public client does it, with the very address that the request named. */
async function exchange(clientId: string, redirectUri: string, callback: string, verifier: string) {
  const response = await fetch(`${idp.url}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: clientId,
      code: answerOf(callback)['code'] ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
    }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, string> }
}

describe('on loopback (RFC 8252 §7.3)', () => {
  test('a sign-in ends where the application listens, at a port that nobody registered, without a question', async () => {
    const application = await listen('127.0.0.1')
    const redirectUri = `${application.url}/callback`
    const signedIn = await access(desktop, somebody, new Browser(idp), { redirect_uri: redirectUri })
    await fetch(signedIn.callback)
    const paths = application.received.map(({ path }) => path)
    expect(paths).toEqual([expect.stringMatching(/^\/callback\?code=/)])
    const { body } = await exchange('desktop', redirectUri, signedIn.callback, signedIn.verifier)
    expect(claimsOf(String(body['id_token']))).toMatchObject({ sub: somebody.person.id, aud: 'desktop' })
    await application.stop()
  })

  test('with a session it comes back at once, also under prompt=none', async () => {
    const { browser } = await access(desktop, somebody, new Browser(idp), {
      redirect_uri: 'http://127.0.0.1:40001/callback',
    })
    const again = await ask(desktop, browser, {
      redirect_uri: 'http://[::1]:40002/callback',
      prompt: 'none',
    })
    expect(again.callback).toMatch('http://[::1]:40002/callback?code=')
  })

  test('a code is good for the port alone that it was asked for', async () => {
    const redirectUri = 'http://127.0.0.1:40001/callback'
    const { callback, verifier } = await access(desktop, somebody, new Browser(idp), {
      redirect_uri: redirectUri,
    })
    const other = await exchange('desktop', 'http://127.0.0.1:40002/callback', callback, verifier)
    expect(other).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
  })

  test.each([
    ['another path', 'http://127.0.0.1:40001/other'],
    ['another name of the same machine', 'http://localhost:40001/callback'],
    ['another machine', 'http://127.0.0.2:40001/callback'],
    ['a name that begins alike', 'http://127.0.0.1.evil.example:40001/callback'],
    ['a user in front', 'http://127.0.0.1@evil.example:40001/callback'],
    ['https', 'https://127.0.0.1:40001/callback'],
    ['a scheme of its own', `${SCHEME}:/callback`],
  ])('%s is not the registered address', async (_what, redirectUri) => {
    const { browser } = await ask(desktop, new Browser(idp), { redirect_uri: redirectUri })
    expect({ status: browser.shown.status, url: new URL(browser.shown.url).origin }).toEqual({
      status: 400,
      url: idp.url,
    })
  })

  test('an application that is not native gets its one port', async () => {
    const web = await registerRelyingParty(idp, {
      client_id: 'web',
      redirect_uris: ['http://127.0.0.1:40001/callback'],
    })
    const { browser } = await ask(web, new Browser(idp), { redirect_uri: 'http://127.0.0.1:40002/callback' })
    expect(browser.shown.status).toBe(400)
  })

  test('a third party’s asks the person each time: anybody on the device may pretend to be it (§8.6)', async () => {
    const foreign = await registerRelyingParty(idp, { client_id: 'foreign', ...NATIVE, consent: 'ask' })
    const redirect = { redirect_uri: 'http://127.0.0.1:40001/callback' }
    const { browser } = await access(foreign, somebody, new Browser(idp), redirect)
    expect((await ask(foreign, browser, redirect)).browser.step()).toBe('consent')
    const silent = await ask(foreign, browser, { ...redirect, prompt: 'none' })
    expect(answerOf(silent.callback)['error']).toMatch(/^(consent|interaction)_required$/)
  })
})

describe('a scheme of its own (RFC 8252 §7.1)', () => {
  test('named in the record, the answer goes there', async () => {
    const redirectUri = `${SCHEME}:/callback`
    const phone = await registerRelyingParty(idp, {
      client_id: 'phone',
      ...NATIVE,
      redirect_uris: [redirectUri],
      private_use_schemes: [SCHEME],
    })
    const request = phone.begin({ redirect_uri: redirectUri })
    const { browser } = await access(desktop, somebody, new Browser(idp), {
      redirect_uri: 'http://127.0.0.1:40001/callback',
    })
    const answer = await browser.request(request.url)
    const callback = answer.headers.get('location') ?? ''
    expect(callback).toMatch(`${redirectUri}?code=`)
    const { body } = await exchange('phone', redirectUri, callback, request.verifier)
    expect(claimsOf(String(body['id_token']))).toMatchObject({ sub: somebody.person.id, aud: 'phone' })
  })

  const uri = (value: string) => ({ redirect_uris: [value] })
  test.each([
    [
      'that the record does not name',
      uri(`${SCHEME}:/callback`),
      /^redirect_uris, number 1: .*does not name/,
    ],
    [
      'without a dot, anybody’s',
      { ...uri('horaire:/callback'), private_use_schemes: ['horaire'] },
      /^private_use_schemes, number 1: must be a reversed host name/,
    ],
    [
      'that the browser itself runs',
      { ...uri('javascript:/x'), private_use_schemes: ['javascript'] },
      /private_use_schemes, number 1/,
    ],
    [
      'of a web application',
      { ...uri(`${SCHEME}:/callback`), private_use_schemes: [SCHEME], application_type: 'web' },
      /private_use_schemes: goes with application_type native only/,
    ],
    [
      'with pairwise subjects, which all applications of no host would share',
      { ...uri(`${SCHEME}:/callback`), private_use_schemes: [SCHEME], subject_type: 'pairwise' },
      /^subject_type: pairwise needs sector_identifier_uri/,
    ],
    [
      'with a host',
      { ...uri(`${SCHEME}://callback`), private_use_schemes: [SCHEME] },
      /redirect_uris, number 1: must be written ca\.exemple\.horaire:\/path/,
    ],
    [
      'in capitals, which no browser keeps',
      { ...uri(`${SCHEME.toUpperCase()}:/callback`), private_use_schemes: [SCHEME] },
      /redirect_uris, number 1: must be https/,
    ],
  ])('%s is refused when it is registered', async (_what, changed, message) => {
    const record = { client_id: 'refused', ...NATIVE, ...changed }
    const outcome = await idp.services.clients.create(record, OPERATOR)
    expect(outcome).toEqual({ ok: false, fault: expect.stringMatching(message) })
  })
})
