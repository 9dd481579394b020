// Express 5 and Auth.js.
import { ExpressAuth, getSession } from '@auth/express'
import express from 'express'

export function createApp({ issuer, clientId, clientSecret, baseUrl, cookieSecret }) {
  const acces = {
    id: 'acces',
    name: 'Laissez-passer',
    type: 'oidc',
    issuer,
    clientId,
    clientSecret,
    checks: ['pkce', 'state', 'nonce'],
    authorization: { params: { scope: 'openid profile email cip' } },
    profile: ({ sub, name, email }) => ({ id: sub, name, email }),
  }
  const config = {
    secret: cookieSecret,
    trustHost: true,
    providers: [acces],
    callbacks: {
      jwt: ({ token, account, profile }) =>
        account ? { ...token, cip: profile.cip, idToken: account.id_token } : token,
      // What stands here can be read by your own scripts, at /auth/session.
      session: ({ session, token }) => ({ ...session, cip: token.cip, idToken: token.idToken }),
    },
  }

  const app = express()
  app.use('/auth', ExpressAuth(config))

  app.get('/', async (request, response) => {
    const session = await getSession(request, config)
    if (session === null) return response.redirect('/auth/signin')
    response.json({ cip: session.cip, name: session.user.name })
  })

  app.post('/logout', async (request, response) => {
    const session = await getSession(request, config)
    const isSecure = baseUrl.startsWith('https:')
    response.clearCookie(`${isSecure ? '__Secure-' : ''}authjs.session-token`, { secure: isSecure })
    const fields = {
      client_id: clientId,
      ...(session && { id_token_hint: session.idToken }),
      post_logout_redirect_uri: `${baseUrl}/signed-out`,
    }
    const inputs = Object.entries(fields).map(
      ([name, value]) => `<input type="hidden" name="${name}" value="${value}">`,
    )
    // Posted: the hint carries claims. With a policy against inline scripts, a script of your own presses it.
    response.send(
      `<form method="post" action="${issuer}/session/end">${inputs.join('')}<button>Se déconnecter</button></form>` +
        '<script>document.forms[0].submit()</script>',
    )
  })
  app.get('/signed-out', (_request, response) => response.send('Au revoir'))

  return app
}
