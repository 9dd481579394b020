// What an operator reads of a refused request: each cause as a sentence, from its record and the client's.

import { describe, expect, test } from '@jest/globals'
import { addressDifference } from '../../src/oidc/refused-requests/address-difference.js'
import type { Evidence, RefusedRequest } from '../../src/oidc/refused-requests/request.js'
import { refusalInWords } from '../../src/oidc/refused-requests/words.js'

const CALLBACK = 'https://paie.exemple.ca/callback'
const client = {
  redirect_uris: [CALLBACK],
  post_logout_redirect_uris: ['https://paie.exemple.ca/'],
  scope: 'openid email',
  grant_types: ['authorization_code' as const],
  token_endpoint_auth_method: 'client_secret_basic' as const,
}

const ADDRESSES: [asked: string, registered: string[], words: string][] = [
  [`${CALLBACK}/`, [CALLBACK], `differs in its last character (${CALLBACK}/) from ${CALLBACK}`],
  [
    CALLBACK.slice(0, -1),
    [CALLBACK],
    `differs in its last character (${CALLBACK.slice(0, -1)}) from ${CALLBACK}`,
  ],
  [
    CALLBACK.replace('https', 'http'),
    [CALLBACK],
    `differs in its scheme (http instead of https) from ${CALLBACK}`,
  ],
  [
    'https://www.paie.exemple.ca/callback',
    [CALLBACK],
    `differs in its host (www.paie.exemple.ca instead of paie.exemple.ca) from ${CALLBACK}`,
  ],
  [
    'https://paie.exemple.ca:8443/callback',
    [CALLBACK],
    `differs in its port (8443 instead of 443) from ${CALLBACK}`,
  ],
  [
    'https://paie.exemple.ca/Callback',
    [CALLBACK],
    `differs in capitals (https://paie.exemple.ca/Callback) from ${CALLBACK}`,
  ],
  [
    'https://paie.exemple.ca/auth/cb?a=1',
    [CALLBACK],
    `differs in its path (/auth/cb instead of /callback) and query (?a=1 instead of none) from ${CALLBACK}`,
  ],
  // The nearest of several.
  [
    `${CALLBACK}2`,
    ['https://autre.exemple.ca/', CALLBACK],
    `differs in its last character (${CALLBACK}2) from ${CALLBACK}`,
  ],
  ['not an address', [CALLBACK], `differs (not an address) from ${CALLBACK}`],
  [CALLBACK, [], `${CALLBACK}: the client has none registered`],
]

test.each(ADDRESSES)('%s beside %j', (asked, registered, words) => {
  expect(addressDifference('redirect URI', asked, registered)).toBe(`redirect URI ${words}`)
})

type Row = [words: string, refused: Partial<RefusedRequest>, evidence: Evidence]
const code: Evidence = { grantType: 'authorization_code', ageSeconds: 5 }
const turnedIn = { endpoint: 'token', error: 'invalid_grant', description: 'grant request is invalid' }

const ROWS: Row[] = [
  ['no client is registered as "paie"', { error: 'invalid_client', detail: 'client not found' }, {}],
  [
    'what was sent as client_id has the form of a secret and is not kept: are the two settings swapped?',
    { error: 'invalid_client', detail: 'client not found', clientId: null },
    { isIdLikeSecret: true },
  ],
  [
    `redirect URI differs in its last character (${CALLBACK}/) from ${CALLBACK}`,
    { error: 'invalid_redirect_uri' },
    { redirectUri: `${CALLBACK}/` },
  ],
  [
    'post-logout redirect URI differs in its path (/bye instead of /) from https://paie.exemple.ca/',
    { endpoint: 'end_session', description: 'post_logout_redirect_uri not registered' },
    { postLogoutRedirectUri: 'https://paie.exemple.ca/bye' },
  ],
  [
    'the client sent a wrong secret (client_secret_post): `client rotate-secret` makes a new one',
    { error: 'invalid_client', detail: 'invalid secret provided' },
    { authentication: 'client_secret_post' },
  ],
  [
    'the client sent nothing; its record says client_secret_basic',
    {
      error: 'invalid_client',
      detail:
        'the provided authentication mechanism does not match the registered client authentication method',
    },
    { authentication: 'none' },
  ],
  ['the code was 75 s old: it lives 60 s', turnedIn, { ...code, ageSeconds: 75 }],
  ['PKCE verifier does not match the challenge', turnedIn, { ...code, mismatch: ['code_verifier'] }],
  [
    'there is no PKCE verifier (code_verifier), and the code has a challenge',
    { ...turnedIn, detail: 'code_verifier must be provided' },
    { ...code, mismatch: ['code_verifier'] },
  ],
  [
    'the code was given to another client (horaire)',
    turnedIn,
    { ...code, mismatch: ['client'], boundClient: 'horaire' },
  ],
  [
    `redirect URI differs in its last character (${CALLBACK}/) from ${CALLBACK}`,
    turnedIn,
    { ...code, mismatch: ['redirect_uri'], redirectUri: `${CALLBACK}/`, boundRedirectUri: CALLBACK },
  ],
  [
    'the code was used already: all that it gave has ended',
    { ...turnedIn, detail: 'already used' },
    { grantType: 'authorization_code' },
  ],
  [
    'the refresh token is unknown: it was never given, was used already, or has long run out',
    turnedIn,
    { grantType: 'refresh_token' },
  ],
  [
    'what the person had granted has ended: they signed out, or it was revoked',
    { ...turnedIn, detail: 'grant not found' },
    { grantType: 'refresh_token', ageSeconds: 900 },
  ],
  [
    'scope "phone" is not allowed: its record says "openid email"',
    { error: 'invalid_scope' },
    { scope: 'phone' },
  ],
  [
    'grant type "password" is not allowed: its record says authorization_code',
    { endpoint: 'token', error: 'unsupported_grant_type' },
    { grantType: 'password' },
  ],
  [
    'response type "id_token" is not spoken here: use "code"',
    { error: 'unsupported_response_type' },
    { responseType: 'id_token' },
  ],
  [
    'the API "https://api.exemple.ca" is not registered, or its record does not name it',
    { error: 'invalid_target' },
    { resource: 'https://api.exemple.ca' },
  ],
  [
    'the request has no code_challenge: PKCE with S256 is required of this client',
    { description: 'Authorization Server policy requires PKCE to be used for this request' },
    {},
  ],
  [
    'the sign-in was over: the person took too long, or went Back',
    { endpoint: 'resume', description: 'interaction session not found' },
    {},
  ],
  // What no rule knows is said as the library says it.
  ["missing required parameter 'code'", { description: "missing required parameter 'code'" }, {}],
  [
    'could not validate id_token_hint: jwt expired',
    { description: 'could not validate id_token_hint', detail: 'jwt expired' },
    {},
  ],
  ['access_denied', { error: 'access_denied' }, {}],
]

describe('a refusal in words', () => {
  test.each(ROWS)('%s', (words, refused, evidence) => {
    const whole: RefusedRequest = {
      endpoint: 'authorization',
      clientId: 'paie',
      error: 'invalid_request',
      description: null,
      detail: null,
      ...refused,
      evidence,
    }
    expect(refusalInWords(whole, client)).toBe(words)
  })

  test('of a client that is gone is still one', () => {
    const refused = { endpoint: 'authorization', clientId: 'paie', description: null, detail: null }
    expect(
      refusalInWords(
        { ...refused, error: 'invalid_redirect_uri', evidence: { redirectUri: CALLBACK } },
        undefined,
      ),
    ).toBe(`redirect URI ${CALLBACK}: the client has none registered`)
  })
})
