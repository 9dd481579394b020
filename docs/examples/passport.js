// Express 5, Passport, and the strategy of openid-client 6.
import express from 'express'
import session from 'express-session'
import * as client from 'openid-client'
import { Strategy } from 'openid-client/passport'
import passport from 'passport'

export async function createApp({ issuer, clientId, clientSecret, baseUrl, cookieSecret }) {
  // Leave `execute` out for a provider on https.
  const execute = issuer.startsWith('http://localhost') ? [client.allowInsecureRequests] : []
  const config = await client.discovery(
    new URL(issuer),
    clientId,
    undefined,
    client.ClientSecretBasic(clientSecret),
    { execute },
  )
  const isSecure = baseUrl.startsWith('https:')

  const strategy = new Strategy(
    { name: 'acces', config, callbackURL: `${baseUrl}/callback`, scope: 'openid profile email cip' },
    (tokens, verified) => {
      client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub).then(
        ({ cip, name }) => verified(null, { cip, name, idToken: tokens.id_token }),
        (error) => verified(error),
      )
    },
  )
  passport.use(strategy)
  passport.serializeUser((person, done) => done(null, person))
  passport.deserializeUser((person, done) => done(null, person))

  const app = express()
  app.use(
    session({
      secret: cookieSecret,
      resave: false,
      saveUninitialized: false,
      cookie: { sameSite: 'lax', secure: isSecure }, // in earnest also a `store` that your processes share
    }),
  )
  app.use(passport.session())

  app.get('/', (request, response) => {
    if (!request.isAuthenticated()) return response.redirect('/login')
    response.json({ cip: request.user.cip, name: request.user.name })
  })
  app.get('/login', passport.authenticate('acces'))
  app.get('/callback', passport.authenticate('acces', { successRedirect: '/' }))

  app.post('/logout', (request, response, next) => {
    const idToken = request.user?.idToken
    request.logout((error) => {
      if (error) return next(error)
      if (idToken === undefined) return response.redirect('/signed-out')
      const address = client.buildEndSessionUrl(config, {
        id_token_hint: idToken,
        post_logout_redirect_uri: `${baseUrl}/signed-out`,
      })
      response.redirect(303, address.href)
    })
  })
  app.get('/signed-out', (_request, response) => response.send('Au revoir'))

  return app
}
