// A program without a person: it gets a token for an API by its own credentials (RFC 6749 §4.4, RFC 8707).
import * as client from 'openid-client'

export async function getToken({ issuer, clientId, clientSecret, api, scope }) {
  const execute = issuer.startsWith('http://localhost') ? [client.allowInsecureRequests] : []
  const config = await client.discovery(
    new URL(issuer),
    clientId,
    undefined,
    client.ClientSecretBasic(clientSecret),
    { execute },
  )
  const { access_token: accessToken } = await client.clientCredentialsGrant(config, { resource: api, scope })
  return accessToken // good for five minutes: ask again rather than keep it
}
