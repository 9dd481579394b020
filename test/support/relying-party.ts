// A relying party by hand: what it sends and receives is visible to the test.

import { createHash, randomBytes } from 'node:crypto'
import type { Idp } from './idp.js'

export const REDIRECT_URI = 'http://localhost:9/callback'
export const SIGNED_OUT_URI = 'http://localhost:9/signed-out'

export type TokenResponse = {
  access_token: string
  id_token: string
  refresh_token?: string
  expires_in: number
  scope: string
}

export type RelyingParty = Awaited<ReturnType<typeof registerRelyingParty>>

export async function registerRelyingParty(
  idp: Pick<Idp, 'url' | 'services'>,
  metadata: Record<string, unknown> = {},
) {
  const clientId = typeof metadata['client_id'] === 'string' ? metadata['client_id'] : 'eespresso'
  const created = await idp.services.clients.create(
    {
      client_id: clientId,
      client_name: 'eEspresso',
      client_uri: 'http://localhost:9/',
      redirect_uris: [REDIRECT_URI],
      post_logout_redirect_uris: [SIGNED_OUT_URI],
      ...metadata,
    },
    { name: 'test', clientAddress: 'test' },
  )
  if (!created.ok) throw new Error(created.fault)
  const secret = created.clientSecret ?? ''
  const basic = `Basic ${Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')}`

  const post = (path: string, parameters: Record<string, string>) =>
    fetch(`${idp.url}${path}`, {
      method: 'POST',
      headers: { Authorization: basic },
      body: new URLSearchParams(parameters),
    })

  return {
    clientId,
    secret,
    post,

    /** An authorization request: its address, and what is needed to finish it. */
    begin(parameters: Record<string, string | undefined> = {}) {
      const verifier = randomBytes(32).toString('base64url')
      const state = randomBytes(8).toString('hex')
      const nonce = randomBytes(8).toString('hex')
      const all: Record<string, string | undefined> = {
        client_id: clientId,
        response_type: 'code',
        redirect_uri: REDIRECT_URI,
        scope: 'openid profile email cip',
        state,
        nonce,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...parameters,
      }
      const query = new URLSearchParams(
        Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
      )
      return { url: `${idp.url}/auth?${query.toString()}`, verifier, state, nonce }
    },

    exchange: (code: string, verifier: string): Promise<Response> =>
      post('/token', {
        grant_type: 'authorization_code',
        code,
        redirect_uri: REDIRECT_URI,
        code_verifier: verifier,
      }),

    /** Exchanges the code in the address that the browser was sent back to. */
    async tokens(callbackUrl: string, verifier: string): Promise<TokenResponse> {
      const code = new URL(callbackUrl).searchParams.get('code')
      if (code === null) throw new Error(`no code in ${callbackUrl}`)
      const response = await this.exchange(code, verifier)
      if (!response.ok) throw new Error(`token endpoint: ${response.status} ${await response.text()}`)
      return (await response.json()) as TokenResponse
    },

    userinfo: async (accessToken: string): Promise<Record<string, unknown>> =>
      (await (
        await fetch(`${idp.url}/me`, { headers: { Authorization: `Bearer ${accessToken}` } })
      ).json()) as Record<string, unknown>,
  }
}

/** The claims of a token, unverified. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}
