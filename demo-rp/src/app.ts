// The application: what each address does, and the middleware in the order in which a request meets it.

import Router from '@koa/router'
import Koa from 'koa'
import type { Settings } from './config.js'
import type { State } from './context.js'
import { asset } from './handlers/assets.js'
import { createBackchannelLogout } from './handlers/backchannel-logout.js'
import { createDirectDepositHandlers } from './handlers/direct-deposit.js'
import { createPageHandlers } from './handlers/pages.js'
import { createSignInHandlers } from './handlers/sign-in.js'
import { createSignOutHandlers } from './handlers/sign-out.js'
import { ownPostsOnly } from './middleware/own-posts.js'
import { problems } from './middleware/problems.js'
import { securityHeaders } from './middleware/security-headers.js'
import { visitor } from './middleware/visitor.js'
import { createEndSessionAddress } from './oidc/end-session.js'
import { createLogoutTokens } from './oidc/logout-tokens.js'
import { createDiscovery } from './oidc/provider.js'
import { createSignIn } from './oidc/sign-in.js'
import { STYLE_SHEETS } from './pages/layout.js'
import { createDirectDeposits } from './payroll/direct-deposit.js'
import { createSessions } from './sessions.js'

/** The demonstration eEspresso, not yet listening. What an operator should know is its event `error`. */
export function createDemoRp(settings: Settings, now: () => number = Date.now): Koa<State> {
  const discover = createDiscovery(settings)
  const sessions = createSessions(now)
  const signIn = createSignIn({ settings, discover, now })
  const endSessionAddress = createEndSessionAddress({ settings, discover })
  const logoutTokens = createLogoutTokens({ settings, discover, now })

  const deposits = createDirectDeposits(now)

  const signInHandlers = createSignInHandlers({ settings, signIn, sessions })
  const signOutHandlers = createSignOutHandlers({ settings, endSessionAddress, sessions })
  const { forSignedIn } = signInHandlers
  const pages = createPageHandlers({ sessions, deposits, now })
  const directDeposit = createDirectDepositHandlers({ baseUrl: settings.baseUrl, sessions, deposits })

  const router = new Router<State>({ sensitive: true, strict: true })
  // The provider posts here, not a page of ours: the route stands before the rule that all others obey.
  router.post('/backchannel-logout', createBackchannelLogout({ logoutTokens, sessions }))
  router.use(ownPostsOnly(settings))
  router.get('/', forSignedIn(pages.pay))
  router.get('/pay/:paidOn', forSignedIn(pages.pay))
  router.get('/schedule', forSignedIn(pages.schedule))
  router.get('/file', forSignedIn(pages.file))
  router.get('/direct-deposit', forSignedIn(directDeposit.show))
  router.post('/direct-deposit', forSignedIn(directDeposit.change))
  router.get('/login', signInHandlers.login)
  router.get('/callback', signInHandlers.callback)
  router.post('/confirm-identity', signInHandlers.confirmIdentity)
  router.post('/sign-out', signOutHandlers.signOut)
  router.get('/signed-out', signOutHandlers.signedOut)
  for (const name of [...STYLE_SHEETS, 'cup.svg']) router.get(`/${name}`, asset(name))

  const app = new Koa<State>()
  app.use(securityHeaders(settings))
  app.use(visitor({ settings, sessions }))
  app.use(problems)
  app.use(router.routes())
  app.use(router.allowedMethods())
  return app
}
