// The one place where everything is wired: services, provider, pages, middleware, in the order in which a
// request meets them. What is decided here is that order, and the few addresses that are no page.

import Koa from 'koa'
import compose from 'koa-compose'
import type { Knex } from 'knex'
import { connectionsOf } from '../db/connect.js'
import { withinDatabaseTime } from '../db/time-limit.js'
import type { Client } from 'oidc-provider'
import type { Logger } from 'pino'
import { createPages } from '../interactions/pages.js'
import { ITSELF } from './audit/actor.js'
import { createBackgroundTasks, type BackgroundTasks } from './background.js'
import type { Config } from './config/config.js'
import { packageVersion } from './config/package-root.js'
import { pageSettings } from './config/page-settings.js'
import { readTlsFiles } from './config/tls-files.js'
import { bodyLimit } from './http/body-limit.js'
import { crossOrigin } from './oidc/library/cross-origin.js'
import { sameOriginPosts } from './http/csrf.js'
import { errorPage } from './http/error-page.js'
import { createHealth, type Probes } from './http/health.js'
import { hostCheck } from './http/host.js'
import { keptFailures } from './oidc/library/failures.js'
import { localeChoice } from './http/locale.js'
import { postedRequests } from './oidc/library/posted-requests.js'
import { createLibraryRoutes } from './oidc/library/routes.js'
import { recordedSignOuts } from './oidc/library/sign-out-record.js'
import { unaskedSignOuts } from './oidc/library/sign-out.js'
import { createReadiness } from './http/readiness.js'
import { requestLog } from './http/request-log.js'
import { clientAddressOf } from './http/client-address.js'
import { securityHeaders } from './http/security-headers.js'
import type { MailTransport } from './mail/mailbox.js'
import type { CapturedMail } from './mail/transport.js'
import { checkMasterKeys } from './keys/master-keys.js'
import { createMetrics } from './metrics/metrics.js'
import { registerStock } from './metrics/stock.js'
import { createAdapterFactory, findInteraction } from './oidc/adapter.js'
import { createAdmission } from './oidc/admission.js'
import { saveOnlyIf } from './oidc/conditional-save.js'
import { createFindAccount } from './oidc/claims.js'
import { createCurrentProvider } from './oidc/current-provider.js'
import { createLivingSession } from './oidc/living-session.js'
import { isSignInAlive } from './oidc/sessions.js'
import { createPolicy } from './oidc/policy.js'
import { createGrantLoader } from './oidc/grants.js'
import { limitedBySource } from './oidc/limited-by-source.js'
import { queueLogoutNotice } from './oidc/logout/backchannel-logout.js'
import { createReuse } from './oidc/reuse.js'
import { createGuardedFetch } from './oidc/library/ssrf-guard.js'
import { listenTo } from './oidc/provider-events.js'
import { createProvider } from './oidc/provider.js'
import { createRefusedRequests } from './oidc/refused-requests/record.js'
import { loadPairwiseSubjects } from './oidc/pairwise-subjects.js'
import { createWayBackCookie } from './oidc/way-back.js'
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
  requestDatabaseMs?: number
  passwordPatienceMs?: number
}

const PROBES: Probes = { alive: '/healthz', ready: '/readyz', metrics: '/metrics' }
/** A request waits no longer for the database, all its statements together: the page comes in 3 s (R5). */
export const REQUEST_DATABASE_MS = 2_500
/** A post waits no longer for its password's turn: then its person gets a page that waits. */
const PASSWORD_PATIENCE_MS = 2_500

export async function createApp(
  config: Config,
  db: Knex,
  {
    now,
    log,
    transport,
    capturedMails,
    requestDatabaseMs = REQUEST_DATABASE_MS,
    passwordPatienceMs = PASSWORD_PATIENCE_MS,
  }: AppDependencies,
): Promise<App> {
  const metrics = createMetrics()
  const services = createServices(config, db, now, metrics, log)
  const { store, ring, accounts, clients, consents, resourceServers, signingKeys } = services
  registerStock(metrics.register, {
    stock: () => store.stock.read(now()),
    signingKeys: () => signingKeys.list(),
    certificateUntil: () => readTlsFiles(config)?.validUntil,
    connections: () => connectionsOf(db),
    version: packageVersion(),
    now,
  })
  const { defaultLocale, sessionMaxHours } = config
  const isHttps = config.issuerUrl.startsWith('https:')
  const wayBack = createWayBackCookie({ ring, isHttps, now })
  let isRetired = false

  const pages = createPages({
    settings: pageSettings(config),
    services,
    provider: () => current.provider(),
    saveOnlyIf,
    livingSession: createLivingSession({
      provider: () => current.provider(),
      findAccount: accounts.findById,
    }),
    clientBegunWith: (ctx, uid) => wayBack.clientOf(ctx, uid),
    findInteraction: (uid) => findInteraction(uid, { store, ring, now }),
    capturedMails,
    now,
    patienceMs: passwordPatienceMs,
    report: (error) => log.error({ err: error }, 'a sign-in failed after its post was answered'),
  })

  await checkMasterKeys({ store, ring })
  await services.accountSeals.sealOlder(ITSELF)
  await signingKeys.ensure()
  const admits = createAdmission({ store, audit: services.audit, now })
  const cookieKeys = ring.keyIds.map((id) => ring.derive('cookies', id).toString('base64url'))
  const refused = createRefusedRequests({
    store,
    ring,
    audit: services.audit,
    now,
    log,
    count: (labels) => metrics.refusedRequests.inc(labels),
  })
  const fixed = {
    config,
    adapter: createAdapterFactory({
      store,
      ring,
      now,
      findClient: (id) => clients.load(id),
      endReused: createReuse({ store, ring, audit: services.audit }),
    }),
    policy: createPolicy({ findAccount: accounts.findById, admits, now, sessionMaxHours }),
    findAccount: createFindAccount({ findById: accounts.findById, admits, defaultLocale }),
    isSignInAlive: async (id: string, authTime: number) =>
      isSignInAlive(await accounts.findById(id), authTime),
    loadGrant: createGrantLoader(consents),
    findResourceServer: (indicator: string, client: Client) => resourceServers.load(indicator, client),
    isScopeOfApi: (scope: string) => resourceServers.isScope(scope),
    pairwiseSubject: await loadPairwiseSubjects({ store, ring }),
    cookieKeys,
    pages: pages.site.providerPages,
    keepRefusal: refused.keep,
    guardedFetch: createGuardedFetch(config.internalHosts),
    now,
  }

  const current = await createCurrentProvider({
    readKeys: () => signingKeys.jwks(),
    makeProvider(jwks) {
      const provider = createProvider({ ...fixed, jwks })
      listenTo(provider, {
        log,
        wayBack,
        noteRefusal: refused.note,
        queueNotice: (notice) => queueLogoutNotice(store, notice, now(), 1),
      })
      return provider
    },
  })
  const routes = createLibraryRoutes(current.provider)

  const koa = new Koa({ proxy: config.trustedProxyHops > 0, maxIpsCount: config.trustedProxyHops })
  koa.keys = cookieKeys // the provider's own: its interaction cookies are read through this application
  koa.silent = true // errorPage logs once
  const probes = new Set(Object.values(PROBES))
  const isReady = createReadiness(() => store.checkWritable(now()), now)
  const health = createHealth({
    paths: PROBES,
    isReady: async () => !isRetired && (await isReady()),
    renderMetrics: () => metrics.render(),
    metricsToken: config.metricsToken,
  })

  koa
    .use((_ctx, next) => withinDatabaseTime(requestDatabaseMs, next))
    .use(requestLog(log, probes, metrics.observeRequest))
    .use(
      securityHeaders({
        isHttps,
        leadsAway: (path) => path.startsWith('/interaction/') || routes.leadsAway(path),
      }),
    )
    .use(localeChoice({ defaultLocale, isHttps }))
    .use(errorPage({ log, render: pages.site.renderProblem }))
    .use(hostCheck(config.issuerUrl, probes))
    .use(bodyLimit())
    .use(pages.assets.serve)
    .use(health.routes())
    .use(sameOriginPosts({ issuerUrl: config.issuerUrl, takesForeignPosts: routes.takesForeignPosts }))
    .use(postedRequests(routes.isRequest))
    .use(crossOrigin({ isPublic: routes.isPublicDocument, isAllowed: clients.isAllowedOrigin }))
    .use(compose(pages.routes))
    .use(
      limitedBySource({
        store,
        now,
        takesRequests: routes.takesRequests,
        isSignedIn: async (ctx) => (await current.provider().Session.get(ctx)).accountId !== undefined,
      }),
    )
    .use(
      recordedSignOuts((accountId, ctx) => services.signIns.recordSignOut(accountId, clientAddressOf(ctx))),
    )
    .use(unaskedSignOuts())
    .use(refused.middleware)
    .use(keptFailures())
    .use(current.middleware)

  const background = createBackgroundTasks({
    services,
    provider: current.provider,
    async refreshKeys() {
      await signingKeys.rotateWhenDue()
      await current.refresh()
    },
    transport,
    auditRetentionDays: config.auditRetentionDays,
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
