// A program on the person's own device, with openid-client 6: the system's browser asks, and the answer comes
// to 127.0.0.1, at whatever port is free (RFC 8252).
import { once } from 'node:events'
import { createServer } from 'node:http'
import * as client from 'openid-client'

/** `open` shows an address in the system's browser: xdg-open, open, start. */
export async function signIn({ issuer, clientId, open }) {
  const execute = issuer.startsWith('http://localhost') ? [client.allowInsecureRequests] : []
  const config = await client.discovery(new URL(issuer), clientId, undefined, client.None(), { execute })
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const redirectUri = `http://127.0.0.1:${server.address().port}/callback`
    const pkceCodeVerifier = client.randomPKCECodeVerifier()
    const expectedState = client.randomState()
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email cip',
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
    })
    open(address.href)
    const answer = await nextAnswer(server, redirectUri, expectedState)
    const tokens = await client.authorizationCodeGrant(config, answer, { pkceCodeVerifier, expectedState })
    return await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

/** Whatever else knocks at the port is not it. */
async function nextAnswer(server, redirectUri, state) {
  for (;;) {
    const [request, response] = await once(server, 'request')
    const address = new URL(request.url, redirectUri)
    const isAnswer = address.pathname === '/callback' && address.searchParams.get('state') === state
    response.writeHead(isAnswer ? 200 : 404, { 'Content-Type': 'text/plain; charset=utf-8' })
    await new Promise((resolve) => response.end(isAnswer ? 'Vous pouvez fermer cette page.' : '', resolve))
    if (isAnswer) return address
  }
}
