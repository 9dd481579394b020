// The one place where everything is wired: services, provider, pages, middleware. Nothing here decides
// anything.

import Koa from 'koa'
import compose from 'koa-compose'
import type { Knex } from 'knex'
import { join } from 'node:path'
import type { Middleware } from 'koa'
import { withinDatabaseTime } from '../db/time-limit.js'
import type { Client, Provider } from 'oidc-provider'
import type { Logger } from 'pino'
import { createConsentStep } from '../interactions/consent/consent.js'
import { createDevMail } from '../interactions/site/dev-mail.js'
import { createSignIn } from '../interactions/sign-in/dispatcher.js'
import { createSitePages } from '../interactions/site/site-pages.js'
import { createPageRenderer } from '../interactions/views/render.js'
import type { Config } from './config/config.js'
import { loadAssets } from './http/assets.js'
import { bodyLimit } from './http/body-limit.js'
import { crossOrigin } from './oidc/library/cross-origin.js'
import { createCsrf, sameOriginPosts } from './http/csrf.js'
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
import { deliverDueMail, type MailTransport } from './mail/mailbox.js'
import type { CapturedMail } from './mail/transport.js'
import { checkMasterKeys } from './keys/master-keys.js'
import { createMetrics } from './metrics.js'
import { createAdapterFactory, findClientOfEndedInteraction, purgeArtifacts } from './oidc/adapter.js'
import { createFindAccount } from './oidc/claims.js'
import { createPolicy } from './oidc/policy.js'
import { createGrantLoader } from './oidc/grants.js'
import { deliverLogoutNotices, queueLogoutNotice } from './oidc/logout/backchannel-logout.js'
import { createGuardedFetch } from './oidc/library/ssrf-guard.js'
import { createProvider } from './oidc/provider.js'
import { noteSignOut, signedOutAccountId } from './oidc/logout/sign-outs.js'
import { loadPairwiseSubjects } from './oidc/pairwise-subjects.js'
import { createServices, type Services } from './services.js'

export type App = {
  koa: Koa
  services: Services
  /** Sends what waits in the outbox; returns how many mails went. */
  deliverMail: () => Promise<number>
  /** Takes over keys that another process has made, and makes new ones when they are due. */
  refreshKeys: () => Promise<void>
  /** Tells relying parties again what they did not take; returns how many took it. */
  deliverLogoutNotices: () => Promise<number>
  /** Removes what has expired, in small batches. */
  purge: () => Promise<void>
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
  requestDatabaseMs?: number
}

const PUBLIC_DOCUMENTS = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/jwks',
]
const DAY_MS = 24 * 3_600_000
/** A request waits no longer for the database, all its statements together: the page comes in 3 s (R5). */
export const REQUEST_DATABASE_MS = 2_500

export async function createApp(
  config: Config,
  db: Knex,
  { now, log, transport, capturedMails, requestDatabaseMs = REQUEST_DATABASE_MS }: AppDependencies,
): Promise<App> {
  const metrics = createMetrics()
  const services = createServices(config, db, now, metrics)
  const { store, ring, accounts, clients, consents, resourceServers, signingKeys } = services
  const isHttps = config.issuerUrl.startsWith('https:')
  let isRetired = false

  const assets = loadAssets(join(import.meta.dirname, '..', 'interactions', 'assets'))
  const pages = createPageRenderer({
    organisationName: config.organisationName,
    supportPhones: config.supportPhones,
    defaultLocale: config.defaultLocale,
    assetUrl: assets.url,
  })
  const site = createSitePages({
    pages,
    clients,
    config,
    now,
    clientOfEndedInteraction: (uid) => findClientOfEndedInteraction(uid, { store, ring }),
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
      queueLogoutNotice(store, { clientId: client.clientId, accountId, sid }, now()).catch((cause: unknown) =>
        log.error({ err: cause }, 'a sign-out notice is lost'),
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
  const csrf = createCsrf(ring)
  const consent = createConsentStep({ accounts, clients, consents, resourceServers, csrf })
  const signIn = createSignIn({
    provider: () => provider,
    services,
    clients,
    consent,
    csrf,
    config,
    now,
    pages,
  })
  const health = createHealth({
    isReady: async () => !isRetired && (await answers(() => store.ping())),
    renderMetrics: () => metrics.render(),
  })

  koa
    .use((_ctx, next) => withinDatabaseTime(requestDatabaseMs, next))
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
    .use(site.router.routes())
    .use(signIn.routes())
    .use(signIn.allowedMethods())
  if (capturedMails !== undefined)
    koa.use(createDevMail({ pages, mails: capturedMails, timeZone: config.timeZone }).routes())
  koa.use(
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

  return {
    koa,
    services,
    async deliverMail() {
      if (transport === undefined) return 0
      const onFailure = (error: unknown, mailId: string) => {
        metrics.mailFailures.inc()
        log.warn({ mailId, message: (error as Error).message }, 'a mail was not sent')
      }
      const sent = await deliverDueMail({ store, ring, transport, now, onFailure })
      metrics.mailsSent.inc(sent)
      metrics.mailsWaiting.set(await store.outbox.countWaiting())
      return sent
    },
    async refreshKeys() {
      await signingKeys.rotateWhenDue()
      await loadProvider()
    },
    deliverLogoutNotices: () =>
      deliverLogoutNotices({
        store,
        provider,
        now,
        onFailure: (error, client) =>
          log.warn({ client, message: (error as Error).message }, 'a sign-out notice was not taken'),
      }),
    async purge() {
      await purgeArtifacts(store, now())
      await store.attempts.deleteExpired(now())
      await store.activationCodes.deleteExpired(now() - DAY_MS)
      await store.knownBrowsers.deleteSeenBefore(now() - 365 * DAY_MS)
      await store.outbox.deleteFinishedBefore(now() - 30 * DAY_MS)
      await store.secondFactors.deleteRemovedBefore(now() - 30 * DAY_MS)
    },
    retire: () => {
      isRetired = true
    },
  }
}

async function answers(ping: () => Promise<void>): Promise<boolean> {
  try {
    await ping()
    return true
  } catch {
    return false
  }
}
