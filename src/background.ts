// What the service does without being asked: it sends mails and sign-out notices, follows the signing keys,
// and removes what has had its time. Several processes may do all of it at once.

import type { Provider } from 'oidc-provider'
import type { Logger } from 'pino'
import type { Store } from '../db/store.js'
import { ITSELF } from './audit/actor.js'
import { ABANDONED_TEXT_KEPT_MS, deliverDueMail, MAIL_KEPT_MS, type MailTransport } from './mail/mailbox.js'
import type { Metrics } from './metrics/metrics.js'
import { ENDED_ARTIFACT_KEPT_MS } from './oidc/adapter.js'
import { MOST_REFUSED_REQUESTS, REFUSED_REQUEST_KEPT_MS } from './oidc/refused-requests/record.js'
import { deliverLogoutNotices } from './oidc/logout/backchannel-logout.js'
import { EXPIRED_CODE_KEPT_MS } from './second-factors/activation.js'
import { BEGUN_ENROLMENT_KEPT_MS } from './second-factors/begun-enrolments.js'
import { REMOVED_FACTOR_KEPT_MS } from './second-factors/totp-devices.js'
import type { Services } from './services.js'
import { HASHER_SILENCE_MS } from './sign-ins/hashing-capacity.js'
import { KNOWN_BROWSER_MS } from './sign-ins/known-browsers.js'
import { WAITING_PLACE_KEPT_MS } from './sign-ins/waiting-places.js'

/** A task ends early, between two items, when the process is stopping. */
type Task<Result> = (stopping?: AbortSignal) => Promise<Result>

export type BackgroundTasks = {
  /** Makes the passwords of people who came by an import, as fast as their mails go. */
  issuePasswords: Task<number>
  /** Sends what waits in the outbox; returns how many mails went. */
  deliverMail: Task<number>
  /** Tells relying parties again what they did not take; returns how many took it. */
  deliverLogoutNotices: Task<number>
  /** Takes over keys that another process has made, and makes new ones when they are due. */
  refreshKeys: Task<void>
  /** Keeps the places in line that somebody asks for, and gives up the others. */
  keepPlaces: Task<void>
  /** Tells the other processes how much this one can hash. */
  reportHashing: Task<void>
  /** Removes what has had its time, in small batches. */
  purge: Task<void>
}

const EVERY_MS: Record<keyof BackgroundTasks, number> = {
  issuePasswords: 2_000,
  deliverMail: 2_000,
  deliverLogoutNotices: 5_000,
  refreshKeys: 30_000,
  keepPlaces: 3_000,
  reportHashing: 30_000,
  purge: 60_000,
}

/** How long the tasks under way may take to end: as long as requests. */
const STOP_MS = 15_000

/** What goes, and how long after its time; each period stands beside what it keeps. */
const RETENTION: [
  keptMs: number,
  remove: (store: Store, before: number, limit: number) => Promise<number>,
][] = [
  [0, ({ oidcArtifacts }, ...due) => oidcArtifacts.deleteExpiredOfNobody(...due)],
  [ENDED_ARTIFACT_KEPT_MS, ({ oidcArtifacts }, ...due) => oidcArtifacts.deleteExpired(...due)],
  [0, ({ attempts }, ...due) => attempts.deleteExpired(...due)],
  [0, ({ sharedAnswers }, ...due) => sharedAnswers.deleteExpired(...due)],
  [EXPIRED_CODE_KEPT_MS, ({ activationCodes }, ...due) => activationCodes.deleteExpired(...due)],
  [KNOWN_BROWSER_MS, ({ knownBrowsers }, ...due) => knownBrowsers.deleteUnseen(...due)],
  [ABANDONED_TEXT_KEPT_MS, ({ outbox }, ...due) => outbox.wipeAbandoned(...due)],
  [MAIL_KEPT_MS, ({ outbox }, ...due) => outbox.deleteFinished(...due)],
  [HASHER_SILENCE_MS, ({ hashers }, ...due) => hashers.deleteUnseen(...due)],
  [WAITING_PLACE_KEPT_MS, ({ waitingPlaces }, ...due) => waitingPlaces.deleteUnpolled(...due)],
  [REFUSED_REQUEST_KEPT_MS, ({ refusedRequests }, ...due) => refusedRequests.deleteOlder(...due)],
  [0, ({ refusedRequests }, _, limit) => refusedRequests.deleteBeyond(MOST_REFUSED_REQUESTS, limit)],
  [BEGUN_ENROLMENT_KEPT_MS, ({ begunEnrolments }, ...due) => begunEnrolments.deleteOlder(...due)],
  [REMOVED_FACTOR_KEPT_MS, ({ secondFactors }, ...due) => secondFactors.deleteRemoved(...due)],
]
const PURGE_BATCH = 500
const DAY_MS = 24 * 3_600_000

type Dependencies = {
  services: Services
  /** The one in service: new signing keys bring another. */
  provider: () => Provider
  refreshKeys: () => Promise<void>
  /** Undefined: mails wait in the outbox. */
  transport: MailTransport | undefined
  /** Undefined: the audit log keeps everything. */
  auditRetentionDays: number | undefined
  metrics: Metrics
  now: () => number
  log: Logger
}

export function createBackgroundTasks(dependencies: Dependencies): BackgroundTasks {
  const { services, provider, refreshKeys, transport, auditRetentionDays, metrics, now, log } = dependencies
  const { store, ring } = services
  return {
    issuePasswords: async (stopping) =>
      transport === undefined
        ? 0
        : services.pendingPasswords.issueDue({
            now,
            stopping,
            onFailure: (error, { id: account }) =>
              log.warn({ account, message: (error as Error).message }, 'a password was not issued'),
          }),

    async deliverMail(stopping) {
      if (transport === undefined) return 0
      const sent = await deliverDueMail({
        store,
        ring,
        transport,
        now,
        stopping,
        onFailure(error, { id }) {
          metrics.mailFailures.inc()
          log.warn({ mailId: id, message: (error as Error).message }, 'a mail was not sent')
        },
      })
      metrics.mailsSent.inc(sent)
      return sent
    },

    deliverLogoutNotices: (stopping) =>
      deliverLogoutNotices({
        store,
        provider: provider(),
        now,
        stopping,
        onFailure: (error, { clientId: client }) =>
          log.warn({ client, message: (error as Error).message }, 'a sign-out notice was not taken'),
      }),

    refreshKeys,

    keepPlaces: () => services.waitingPlaces.keep(),

    reportHashing: () => services.hashingCapacity.report(),

    async purge(stopping) {
      if (auditRetentionDays !== undefined)
        await services.auditRetention.purge(now() - auditRetentionDays * DAY_MS, ITSELF, {
          now: now(),
          againAfterMs: DAY_MS,
          stopping,
        })
      for (const [keptMs, remove] of RETENTION) {
        let removed = PURGE_BATCH
        while (removed === PURGE_BATCH && stopping?.aborted !== true)
          removed = await remove(store, now() - keptMs, PURGE_BATCH)
      }
    },
  }
}

/** Starts the timers; `stop` waits for the tasks under way, for a while. */
export function startBackground(tasks: BackgroundTasks, log: Logger): { stop: () => Promise<void> } {
  const stopping = new AbortController()
  const names = Object.keys(EVERY_MS) as (keyof BackgroundTasks)[]
  const repeated = names.map((name) =>
    repeat(EVERY_MS[name], () =>
      tasks[name](stopping.signal).catch((error: unknown) =>
        log.warn({ task: name, err: error }, 'a background task failed'),
      ),
    ),
  )
  return {
    async stop() {
      stopping.abort()
      await within(STOP_MS, Promise.all(repeated.map(({ stop }) => stop())))
    },
  }
}

/** Runs a task again and again, never twice at once; `stop` waits for the run under way. */
function repeat(everyMs: number, task: () => Promise<unknown>): { stop: () => Promise<void> } {
  let running: Promise<unknown> | undefined
  const timer = setInterval(() => {
    running ??= task().finally(() => {
      running = undefined
    })
  }, everyMs)
  return {
    async stop() {
      clearInterval(timer)
      await running
    },
  }
}

async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([
    work,
    new Promise((resolve) => {
      timer = setTimeout(resolve, limitMs)
    }),
  ])
  clearTimeout(timer)
}
