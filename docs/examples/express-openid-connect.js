// Express and express-openid-connect 3: the library keeps the session in a sealed cookie.
import express from 'express'
import oidc from 'express-openid-connect'

export function createApp({ issuer, clientId, clientSecret, baseUrl, cookieSecret }) {
  const app = express()
  app.use(
    oidc.auth({
      issuerBaseURL: issuer,
      baseURL: baseUrl, // register <baseURL>/callback, and baseURL itself as the address after a sign-out
      clientID: clientId,
      clientSecret,
      secret: cookieSecret, // 32 random bytes or more, yours alone
      authorizationParams: { response_type: 'code', scope: 'openid profile email cip' },
      idpLogout: true, // /logout ends the session at Laissez-passer too
    }),
  )
  app.get('/', async (request, response) => {
    const person = await request.oidc.fetchUserInfo()
    response.json({ cip: person.cip, name: person.name })
  })
  return app
}
