// Each request of an application that is refused: one line in the log, one record for the operator, one
// count. The library tells of a refusal by an event, before or after its page is made; it is kept once, and
// before the answer leaves, since the answer bears its support code.

import type { Context, Middleware } from 'koa'
import type { errors, KoaContextWithOIDC } from 'oidc-provider'
import type { Logger } from 'pino'
import type { Repositories, Store } from '../../../db/store.js'
import type { AuditLog } from '../../audit/audit-log.js'
import { clientAddressOf } from '../../http/client-address.js'
import { stateOf } from '../../http/request-state.js'
import { newSupportCode, setSupportCode, supportCodeOf } from '../../http/support-code.js'
import type { KeyRing } from '../../key-ring.js'
import { networkOf } from '../../networks.js'
import { isUsedUp, reserveAttempt, type AttemptKey } from '../../rate-limits.js'
import { createWrongSecrets } from './wrong-secrets.js'
import { refusedRequest, type RefusedRequest } from './request.js'
import { createTurnedIn } from './turned-in.js'

export const REFUSED_REQUEST_KEPT_MS = 30 * 24 * 3_600_000
/** The oldest beyond these go. */
export const MOST_REFUSED_REQUESTS = 10_000

/** The library's words for it. */
const WRONG_SECRET = 'invalid secret provided'

const NOTED = 'refusal'
const TRIES = 5

/** Answers to `prompt=none` (OpenID Connect Core §3.1.2.6): the protocol at work, nothing to mend. */
const EXPECTED = new Set(['login_required', 'interaction_required', 'consent_required'])

type Noted = { ctx: KoaContextWithOIDC; refusal: errors.OIDCProviderError; isKept: boolean }

type Dependencies = {
  store: Store
  ring: KeyRing
  audit: AuditLog
  now: () => number
  log: Logger
  /** `client`: a registered one, or `unknown`. */
  count: (labels: { client: string; error: string }) => void
}

export function createRefusedRequests({ store, ring, audit, now, log, count }: Dependencies) {
  const turnedIn = createTurnedIn({ store, ring, now })
  const countWrongSecret = createWrongSecrets({ store, ring, audit, now })

  const isRegistered = async (clientId: string | null): Promise<boolean> =>
    clientId !== null && (await store.clients.find(clientId)) !== undefined

  /** Undefined when this source has had its share. */
  async function insert(ctx: Context, request: RefusedRequest): Promise<string | undefined> {
    const key: AttemptKey = { limit: 'refused-requests-source', subject: networkOf(clientAddressOf(ctx)) }
    if (await isUsedUp(store, key, now())) return undefined
    const { requestId } = stateOf(ctx)
    const row = { ...request, requestId, occurredAt: now(), evidence: JSON.stringify(request.evidence) }
    return store.transaction(async (tx) => {
      await reserveAttempt(tx, [key], now())
      return insertUnderNewCode(tx, row)
    })
  }

  /** Keeps what was noted of a request, once. */
  async function settle(state: Record<string, unknown>): Promise<void> {
    const noted = state[NOTED] as Noted | undefined
    if (noted === undefined || noted.isKept) return
    noted.isKept = true
    const { ctx, refusal } = noted
    const request = refusedRequest(ctx, refusal)
    let isRecorded = false
    try {
      Object.assign(request.evidence, await turnedIn(ctx))
      const isKnown = ctx.oidc.client !== undefined || (await isRegistered(request.clientId))
      count({ client: isKnown ? String(request.clientId) : 'unknown', error: request.error })
      if (ctx.oidc.client !== undefined && request.detail === WRONG_SECRET)
        slowDown(ctx, await countWrongSecret(ctx, ctx.oidc.client.clientId))
      const code = isWorthARecord(request) ? await insert(ctx, request) : undefined
      isRecorded = code !== undefined
      setSupportCode(ctx, code ?? newSupportCode())
    } catch (error) {
      // What was refused stays refused; the log line below has it all the same.
      log.warn({ requestId: stateOf(ctx).requestId, err: error }, 'a refused request was not recorded')
    }
    const { evidence, ...rest } = request
    const { requestId } = stateOf(ctx)
    const supportCode = supportCodeOf(ctx)
    log.info({ requestId, supportCode, ...rest, ...evidence, isRecorded }, 'a request was refused')
  }

  /** Of two refusals of one request the last is the one that is answered. */
  function note(ctx: KoaContextWithOIDC, refusal: errors.OIDCProviderError): void {
    const noted = ctx.state[NOTED] as Noted | undefined
    if (refusal.expose && noted?.isKept !== true) ctx.state[NOTED] = { ctx, refusal, isKept: false }
  }

  const middleware: Middleware = async (ctx, next) => {
    await next()
    await settle(ctx.state)
  }

  return {
    note,

    /** At once, for an answer that is a page. */
    keep: async (ctx: KoaContextWithOIDC, refusal: errors.OIDCProviderError): Promise<void> => {
      note(ctx, refusal)
      await settle(ctx.state)
    },

    /** Around the provider. */
    middleware,
  }
}

/** Who names no client where clients come in is none, or a script of a stranger's page. */
function isWorthARecord({ error, clientId, evidence }: RefusedRequest): boolean {
  if (EXPECTED.has(error)) return false
  return clientId !== null || evidence.authentication === undefined || evidence.isIdLikeSecret === true
}

/** The answer stays as it is, but for its status. */
function slowDown(ctx: Context, waitSeconds: number): void {
  if (waitSeconds === 0) return
  ctx.status = 429
  ctx.set('Retry-After', String(waitSeconds))
}

async function insertUnderNewCode(
  tx: Repositories,
  row: Omit<Parameters<Repositories['refusedRequests']['insert']>[0], 'supportCode'>,
): Promise<string | undefined> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const supportCode = newSupportCode()
    if (await tx.refusedRequests.insert({ ...row, supportCode })) return supportCode
  }
  return undefined
}
