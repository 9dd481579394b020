// The one place where everything is wired: services, provider, pages, middleware. Nothing here decides
// anything.

import Koa from 'koa'
import compose from 'koa-compose'
import type { Knex } from 'knex'
import type { Middleware } from 'koa'
import type { Client, Provider } from 'oidc-provider'
import type { Logger } from 'pino'
import { createPages } from '../interactions/pages.js'
import { createBackgroundTasks, type BackgroundTasks } from './background.js'
import type { Config } from './config/config.js'
import { bodyLimit } from './http/body-limit.js'
import { crossOrigin } from './oidc/library/cross-origin.js'
import { sameOriginPosts } from './http/csrf.js'
import { errorPage } from './http/error-page.js'
import { createHealth } from './http/health.js'
import { hostCheck } from './http/host.js'
import { keepFailure, withoutDatabaseFailures } from './oidc/library/failures.js'
import { libraryPages } from './oidc/library/pages.js'
import { localeChoice } from './http/locale.js'
import { postedRequests } from './oidc/library/posted-requests.js'
import { requestLog } from './http/request-log.js'
import { clientAddressOf } from './http/client-address.js'
import { securityHeaders } from './http/security-headers.js'
import type { MailTransport } from './mail/mailbox.js'
import type { CapturedMail } from './mail/transport.js'
import { checkMasterKeys } from './keys/master-keys.js'
import { createMetrics } from './metrics.js'
import { createAdapterFactory, findClientOfEndedInteraction } from './oidc/adapter.js'
import { createFindAccount } from './oidc/claims.js'
import { createPolicy } from './oidc/policy.js'
import { createGrantLoader } from './oidc/grants.js'
import { queueLogoutNotice } from './oidc/logout/backchannel-logout.js'
import { createGuardedFetch } from './oidc/library/ssrf-guard.js'
import { createProvider } from './oidc/provider.js'
import { noteSignOut, signedOutAccountId } from './oidc/logout/sign-outs.js'
import { loadPairwiseSubjects } from './oidc/pairwise-subjects.js'
import { createServices, type Services } from './services.js'

export type App = BackgroundTasks & {
  koa: Koa
  services: Services
  /** From now on `/readyz` says no, so that a balancer sends nobody here any more. */
  retire: () => void
}

type AppDependencies = {
  now: () => number
  log: Logger
  /** Undefined: mails wait in the outbox. */
  transport: MailTransport | undefined
  /** The demonstration's captured mails, shown at `/dev/mail`. */
  capturedMails?: readonly CapturedMail[]
}

const PUBLIC_DOCUMENTS = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/jwks',
]

export async function createApp(
  config: Config,
  db: Knex,
  { now, log, transport, capturedMails }: AppDependencies,
): Promise<App> {
  const metrics = createMetrics()
  const services = createServices(config, db, now, metrics)
  const { store, ring, accounts, clients, consents, resourceServers, signingKeys } = services
  const isHttps = config.issuerUrl.startsWith('https:')
  let isRetired = false

  const { assets, site, routes } = createPages({
    config,
    services,
    provider: () => provider,
    clientOfEndedInteraction: (uid) => findClientOfEndedInteraction(uid, { store, ring }),
    capturedMails,
    now,
  })

  await checkMasterKeys({ store, ring })
  await signingKeys.ensure()
  const cookieKeys = ring.keyIds.map((id) => ring.derive('cookies', id).toString('base64url'))
  const fixed = {
    config,
    adapter: createAdapterFactory({ store, ring, now, findClient: (id) => clients.load(id) }),
    policy: createPolicy({
      findAccount: accounts.findById,
      now,
      sessionMaxHours: config.sessionMaxHours,
    }),
    findAccount: createFindAccount({
      findById: (id) => accounts.findById(id),
      defaultLocale: config.defaultLocale,
    }),
    loadGrant: createGrantLoader(consents),
    findResourceServer: (indicator: string, client: Client) => resourceServers.load(indicator, client),
    pairwiseSubject: await loadPairwiseSubjects({ store, ring }),
    cookieKeys,
    pages: site.providerPages,
    guardedFetch: createGuardedFetch(config.internalHosts),
    now,
  }

  // The library reads its signing keys when it is constructed, so other keys mean another provider in its
  // place.
  let provider: Provider
  let middleware: Middleware
  let kids = ''
  async function loadProvider(): Promise<void> {
    const jwks = await signingKeys.jwks()
    const current = jwks.keys.map(({ kid }) => kid).join(' ')
    if (current === kids) return
    const next = createProvider({ ...fixed, jwks })
    next.on('server_error', (ctx, error) => {
      if (!keepFailure(ctx, error))
        log.error({ requestId: ctx.state['requestId'], err: error }, 'the provider failed')
    })
    next.on('end_session.success', noteSignOut)
    next.on('authorization.error', (ctx, error) =>
      log.info(
        { requestId: ctx.state['requestId'], client: ctx.oidc.client?.clientId, error: error.message },
        'an authorization request was refused',
      ),
    )
    next.on('backchannel.error', (_ctx, error, client, accountId, sid) => {
      log.warn(
        { client: client.clientId, message: error.message },
        'a sign-out notice was not taken; it will be tried again',
      )
      queueLogoutNotice(store, { clientId: client.clientId, accountId, sid }, now(), 1).catch(
        (cause: unknown) => log.error({ err: cause }, 'a sign-out notice is lost'),
      )
    })
    provider = next
    middleware = compose(next.middleware)
    kids = current
  }
  await loadProvider()

  const koa = new Koa({ proxy: config.trustedProxyHops > 0, maxIpsCount: config.trustedProxyHops })
  koa.keys = cookieKeys // the provider's own: its interaction cookies are read through this application
  koa.silent = true // errorPage logs once
  const health = createHealth({
    isReady: async () =>
      !isRetired &&
      store.ping().then(
        () => true,
        () => false,
      ),
    renderMetrics: () => metrics.render(),
  })

  koa
    .use(requestLog(log))
    .use(securityHeaders({ isHttps }))
    .use(localeChoice({ defaultLocale: config.defaultLocale, isHttps }))
    .use(errorPage({ log, render: site.renderProblem }))
    .use(hostCheck(config.issuerUrl))
    .use(bodyLimit())
    .use(assets.serve)
    .use(health.routes())
    .use(sameOriginPosts(config.issuerUrl))
    .use(postedRequests(['/auth', '/session/end']))
    .use(crossOrigin(PUBLIC_DOCUMENTS, clients.isAllowedOrigin))
    .use(compose(routes))
    .use(
      libraryPages({
        provider: withoutDatabaseFailures(async (ctx, next) => {
          await middleware(ctx, next)
          const signedOut = signedOutAccountId(ctx)
          if (signedOut !== undefined) await services.signIns.recordSignOut(signedOut, clientAddressOf(ctx))
        }),
        app: koa,
        confirmPath: '/session/end/confirm',
        renderFormPost: site.renderFormPost,
      }),
    )

  const background = createBackgroundTasks({
    services,
    provider: () => provider,
    async refreshKeys() {
      await signingKeys.rotateWhenDue()
      await loadProvider()
    },
    transport,
    metrics,
    now,
    log,
  })
  return {
    koa,
    services,
    ...background,
    retire: () => {
      isRetired = true
    },
  }
}
