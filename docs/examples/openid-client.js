// Express 5 and openid-client 6: sign-in, claims, sign-out, and the notice that a session has ended
// elsewhere.
import { randomBytes } from 'node:crypto'
import express from 'express'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'

export async function createApp({ issuer, clientId, clientSecret, baseUrl }) {
  // Leave `execute` out for a provider on https.
  const execute = issuer.startsWith('http://localhost') ? [client.allowInsecureRequests] : []
  const config = await client.discovery(
    new URL(issuer),
    clientId,
    undefined,
    client.ClientSecretBasic(clientSecret),
    { execute },
  )
  const keys = createRemoteJWKSet(new URL(config.serverMetadata().jwks_uri))
  const redirectUri = `${baseUrl}/callback`
  const isSecure = baseUrl.startsWith('https:')
  const sessions = new Map() // by the id in the cookie; in earnest a database that all your processes share

  const idOf = (request) => /(?:^|; )app=([^;]+)/.exec(request.headers.cookie ?? '')?.[1]
  const begin = (response, session) => {
    const id = randomBytes(32).toString('base64url') // a new one at each sign-in
    sessions.set(id, session)
    response.cookie('app', id, { httpOnly: true, sameSite: 'lax', secure: isSecure })
  }

  const app = express()

  app.get('/', (request, response) => {
    const person = sessions.get(idOf(request))?.person
    if (person === undefined) return response.redirect('/login')
    response.json({ cip: person.cip, name: person.name })
  })

  app.get('/login', async (_request, response) => {
    const codeVerifier = client.randomPKCECodeVerifier()
    const expected = {
      pkceCodeVerifier: codeVerifier,
      expectedState: client.randomState(),
      expectedNonce: client.randomNonce(),
    }
    begin(response, { expected })
    const address = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid profile email cip',
      code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
      code_challenge_method: 'S256',
      state: expected.expectedState,
      nonce: expected.expectedNonce,
    })
    response.redirect(address.href)
  })

  app.get('/callback', async (request, response) => {
    const id = idOf(request)
    const expected = sessions.get(id)?.expected
    if (expected === undefined) return response.redirect('/login') // Back, or a bookmark: the sign-in is over
    sessions.delete(id)
    const tokens = await client.authorizationCodeGrant(
      config,
      new URL(request.originalUrl, baseUrl),
      expected,
    )
    const { sub, sid } = tokens.claims()
    begin(response, {
      person: await client.fetchUserInfo(config, tokens.access_token, sub),
      sid,
      idToken: tokens.id_token,
    })
    response.redirect('/')
  })

  app.post('/logout', (request, response) => {
    const id = idOf(request)
    const idToken = sessions.get(id)?.idToken
    sessions.delete(id)
    response.clearCookie('app')
    if (idToken === undefined) return response.redirect('/signed-out')
    const address = client.buildEndSessionUrl(config, {
      id_token_hint: idToken,
      post_logout_redirect_uri: `${baseUrl}/signed-out`,
    })
    response.redirect(303, address.href)
  })

  app.get('/signed-out', (_request, response) => response.send('Au revoir'))

  // OpenID Connect Back-Channel Logout 1.0 §2.6
  app.post('/backchannel-logout', express.urlencoded(), async (request, response) => {
    try {
      const { payload } = await jwtVerify(request.body.logout_token, keys, {
        issuer,
        audience: clientId,
        typ: 'logout+jwt', // an ID token, which browsers hold, must never pass for one
        requiredClaims: ['iat', 'jti', 'events', 'sid'],
      })
      for (const [id, session] of sessions) if (session.sid === payload.sid) sessions.delete(id)
      response.sendStatus(200)
    } catch {
      response.sendStatus(400)
    }
  })

  return app
}
