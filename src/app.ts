// The one place where everything is wired: services, provider, pages, middleware, in the order in which a
// request meets them. What is decided here is that order, and the few addresses that are no page.

import Koa from 'koa'
import type { Knex } from 'knex'
import { join } from 'node:path'
import type { Client } from 'oidc-provider'
import type { Logger } from 'pino'
import { createConsentStep } from '../interactions/consent/consent.js'
import { createDevMail } from '../interactions/site/dev-mail.js'
import { createSignIn } from '../interactions/sign-in/dispatcher.js'
import { createSitePages } from '../interactions/site/site-pages.js'
import type { PageSettings } from '../interactions/page-settings.js'
import { createPageRenderer } from '../interactions/views/render.js'
import type { Config } from './config/config.js'
import { loadAssets } from './http/assets.js'
import { bodyLimit } from './http/body-limit.js'
import { crossOrigin } from './oidc/library/cross-origin.js'
import { createCsrf, sameOriginPosts } from './http/csrf.js'
import { errorPage } from './http/error-page.js'
import { createHealth, type Probes } from './http/health.js'
import { hostCheck } from './http/host.js'
import { keptFailures } from './oidc/library/failures.js'
import { localeChoice } from './http/locale.js'
import { postedRequests } from './oidc/library/posted-requests.js'
import { createLibraryRoutes } from './oidc/library/routes.js'
import { recordedSignOuts } from './oidc/library/sign-out-record.js'
import { unaskedSignOuts } from './oidc/library/sign-out.js'
import { requestLog } from './http/request-log.js'
import { clientAddressOf } from './http/client-address.js'
import { securityHeaders } from './http/security-headers.js'
import { deliverDueMail, type MailTransport } from './mail/mailbox.js'
import type { CapturedMail } from './mail/transport.js'
import { checkMasterKeys } from './keys/master-keys.js'
import { createMetrics } from './metrics.js'
import { createAdapterFactory, findClientOfEndedInteraction, purgeArtifacts } from './oidc/adapter.js'
import { createFindAccount } from './oidc/claims.js'
import { createCurrentProvider } from './oidc/current-provider.js'
import { createPolicy } from './oidc/policy.js'
import { createGrantLoader } from './oidc/grants.js'
import { deliverLogoutNotices, queueLogoutNotice } from './oidc/logout/backchannel-logout.js'
import { createGuardedFetch } from './oidc/library/ssrf-guard.js'
import { listenTo } from './oidc/provider-events.js'
import { createProvider } from './oidc/provider.js'
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
}

const PROBES: Probes = { alive: '/healthz', ready: '/readyz', metrics: '/metrics' }
const DAY_MS = 24 * 3_600_000

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

  const assets = loadAssets(join(import.meta.dirname, '..', 'interactions', 'assets'), '/assets')
  const pages = createPageRenderer({
    organisationName: config.organisationName,
    supportPhones: config.supportPhones,
    defaultLocale: config.defaultLocale,
    assetUrl: assets.url,
  })
  const pageSettings: PageSettings = {
    defaultLocale: config.defaultLocale,
    isHttps,
    organisationName: config.organisationName,
    passwordMinLength: config.passwordMinLength,
    passwordMaxLength: config.passwordMaxLength,
    timeZone: config.timeZone,
  }
  const site = createSitePages({
    pages,
    clients,
    timeZone: config.timeZone,
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

  const current = await createCurrentProvider({
    readKeys: () => signingKeys.jwks(),
    makeProvider(jwks) {
      const provider = createProvider({ ...fixed, jwks })
      listenTo(provider, { log, queueNotice: (notice) => queueLogoutNotice(store, notice, now()) })
      return provider
    },
  })
  const routes = createLibraryRoutes(current.provider)

  const koa = new Koa({ proxy: config.trustedProxyHops > 0, maxIpsCount: config.trustedProxyHops })
  koa.keys = cookieKeys // the provider's own: its interaction cookies are read through this application
  koa.silent = true // errorPage logs once
  const csrf = createCsrf(ring)
  const consent = createConsentStep({ accounts, clients, consents, resourceServers, csrf })
  const signIn = createSignIn({
    provider: current.provider,
    services,
    clients,
    consent,
    csrf,
    config: pageSettings,
    now,
    pages,
  })
  const probes = new Set(Object.values(PROBES))
  const health = createHealth({
    paths: PROBES,
    isReady: async () => !isRetired && (await answers(() => store.ping())),
    renderMetrics: () => metrics.render(),
  })

  koa
    .use(requestLog(log, probes))
    .use(
      securityHeaders({
        isHttps,
        leadsAway: (path) => path.startsWith('/interaction/') || routes.leadsAway(path),
      }),
    )
    .use(localeChoice({ defaultLocale: config.defaultLocale, isHttps }))
    .use(errorPage({ log, render: site.renderProblem }))
    .use(hostCheck(config.issuerUrl, probes))
    .use(bodyLimit())
    .use(assets.serve)
    .use(health.routes())
    .use(sameOriginPosts({ issuerUrl: config.issuerUrl, takesForeignPosts: routes.takesForeignPosts }))
    .use(postedRequests(routes.isRequest))
    .use(crossOrigin({ isPublic: routes.isPublicDocument, isAllowed: clients.isAllowedOrigin }))
    .use(site.router.routes())
    .use(signIn.routes())
    .use(signIn.allowedMethods())
  if (capturedMails !== undefined)
    koa.use(createDevMail({ pages, mails: capturedMails, timeZone: config.timeZone }).routes())
  koa
    .use(
      recordedSignOuts((accountId, ctx) => services.signIns.recordSignOut(accountId, clientAddressOf(ctx))),
    )
    .use(unaskedSignOuts())
    .use(keptFailures())
    .use(current.middleware)

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
      await current.refresh()
    },
    deliverLogoutNotices: () =>
      deliverLogoutNotices({
        store,
        provider: current.provider(),
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
