// Threat: an application that believes what discovery says, and meets a door that is closed, or one that
// should be (OIDC-2, M11).

import { describe, expect, test } from '@jest/globals'
import { Browser } from '../../support/browser.js'
import { read } from '../../support/protocol.js'
import { registerRelyingParty } from '../../support/relying-party.js'
import { useIdp } from '../../support/use-idp.js'

const sort = (names: readonly string[]): string[] => names.toSorted()

const idp = await useIdp()
const metadata = (await read(fetch(`${idp.url}/.well-known/openid-configuration`))).body

describe('discovery', () => {
  test('says exactly this, and nothing that is not meant', () => {
    const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519']
    const at = (path: string) => `${idp.url}${path}`
    const sorted = Object.fromEntries(
      Object.entries(metadata).map(([name, value]) => [
        name,
        Array.isArray(value) ? sort(value as string[]) : value,
      ]),
    )
    expect(sorted).toEqual({
      issuer: idp.url,
      authorization_endpoint: at('/auth'),
      token_endpoint: at('/token'),
      userinfo_endpoint: at('/me'),
      jwks_uri: at('/jwks'),
      end_session_endpoint: at('/session/end'),
      introspection_endpoint: at('/token/introspection'),
      revocation_endpoint: at('/token/revocation'),
      pushed_authorization_request_endpoint: at('/request'),
      response_types_supported: ['code'],
      response_modes_supported: ['form_post', 'fragment', 'query'],
      grant_types_supported: ['authorization_code', 'client_credentials', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      acr_values_supported: ['https://refeds.org/profile/mfa'],
      scopes_supported: [
        'openid',
        'offline_access',
        'profile',
        'email',
        'phone',
        'address',
        'cip',
        'groups',
      ].toSorted(),
      claims_supported: sort(
        'sub iss sid acr amr auth_time name given_name family_name locale zoneinfo preferred_username updated_at email email_verified phone_number phone_number_verified address cip groups roles'.split(
          ' ',
        ),
      ),
      claim_types_supported: ['normal'],
      claims_parameter_supported: true,
      request_parameter_supported: true,
      request_object_signing_alg_values_supported: algorithms.toSorted(),
      introspection_signing_alg_values_supported: algorithms.toSorted(),
      request_uri_parameter_supported: false,
      subject_types_supported: ['pairwise', 'public'],
      id_token_signing_alg_values_supported: algorithms.toSorted(),
      userinfo_signing_alg_values_supported: algorithms.toSorted(),
      token_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'none',
        'private_key_jwt',
      ],
      introspection_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'private_key_jwt',
      ],
      revocation_endpoint_auth_methods_supported: [
        'client_secret_basic',
        'client_secret_post',
        'none',
        'private_key_jwt',
      ],
      token_endpoint_auth_signing_alg_values_supported: algorithms.toSorted(),
      backchannel_logout_supported: true,
      backchannel_logout_session_supported: true,
      prompt_values_supported: ['consent', 'login', 'none', 'select_account'],
      ui_locales_supported: ['en', 'fr-CA'],
    })
  })

  test('is the same for OAuth alone (RFC 8414)', async () => {
    expect((await read(fetch(`${idp.url}/.well-known/oauth-authorization-server`))).body).toEqual(metadata)
  })

  test('names endpoints that answer, each in its own way', async () => {
    const post = (name: string) =>
      fetch(String(metadata[name]), { method: 'POST', body: new URLSearchParams() })
    expect(await read(fetch(String(metadata['jwks_uri'])))).toMatchObject({ status: 200 })
    expect(await read(fetch(String(metadata['userinfo_endpoint'])))).toMatchObject({
      status: 401,
      body: { error: 'invalid_token' },
    })
    for (const name of [
      'token_endpoint',
      'introspection_endpoint',
      'revocation_endpoint',
      'pushed_authorization_request_endpoint',
    ]) {
      expect({ name, ...(await read(post(name))) }).toMatchObject({
        name,
        status: 400,
        body: { error: 'invalid_request' },
      })
    }
    for (const name of ['authorization_endpoint', 'end_session_endpoint']) {
      expect({ name, status: (await new Browser(idp).open(String(metadata[name]))).status }).toEqual({
        name,
        status: name === 'end_session_endpoint' ? 200 : 400,
      })
    }
  })

  test.each([
    '/reg',
    '/registration',
    '/device',
    '/device/auth',
    '/backchannel',
    '/challenge',
    '/.well-known/openid-credential-issuer',
  ])('there is nothing at %s', async (path) => {
    expect((await fetch(`${idp.url}${path}`)).status).toBe(404)
    expect((await fetch(`${idp.url}${path}`, { method: 'POST', body: new URLSearchParams() })).status).toBe(
      404,
    )
  })

  test('the published keys are public ones, each for signatures, strong enough, with an id of its own (OIDC-6)', async () => {
    const { keys } = (await read(fetch(String(metadata['jwks_uri'])))).body as {
      keys: Record<string, string>[]
    }
    expect(sort(keys.map(({ kty }) => String(kty)))).toEqual(['EC', 'OKP', 'RSA'])
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(keys.length)
    for (const key of keys) {
      expect(key['use']).toBe('sig')
      expect(
        Object.keys(key).filter((name) => ['d', 'p', 'q', 'dp', 'dq', 'qi', 'k'].includes(name)),
      ).toEqual([])
    }
    expect(
      Buffer.from(keys.find(({ kty }) => kty === 'RSA')?.['n'] ?? '', 'base64url').length * 8,
    ).toBeGreaterThanOrEqual(3072)
  })

  test.each(['query', 'fragment', 'form_post'])(
    'the response mode %s carries an answer and the issuer (RFC 9207)',
    async (mode) => {
      const rp = await registerRelyingParty(idp, { client_id: `mode-${mode}` })
      const browser = new Browser(idp)
      const request = rp.begin({ response_mode: mode, prompt: 'none' })
      await browser.open(request.url)
      const iss = mode === 'form_post' ? browser.hidden('iss') : /iss=([^&]*)/.exec(browser.shown.url)?.[1]
      expect(decodeURIComponent(String(iss))).toBe(idp.url)
      expect(mode === 'fragment').toBe(browser.shown.url.includes('#'))
    },
  )

  test.each(['web_message', 'jwt', 'query.jwt', 'no-such-mode'])(
    'the response mode %s is refused',
    async (mode) => {
      const rp = await registerRelyingParty(idp, { client_id: `refused-${mode}` })
      const answer = await new Browser(idp).request(rp.begin({ response_mode: mode }).url)
      expect(new URL(answer.headers.get('location') ?? '').searchParams.get('error')).toBe(
        'unsupported_response_mode',
      )
    },
  )
})
