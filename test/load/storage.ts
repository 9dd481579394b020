// How much of the disk can strangers take, who send requests that nobody ever answers? Measures what one
// request adds to the database, and multiplies it by what lives at once at 500 requests a second.

import { randomBytes } from 'node:crypto'
import type * as connectModule from '../../db/connect.ts'
import type * as adapterModule from '../../src/oidc/adapter.ts'
import type * as limitsModule from '../../src/oidc/request-limits.ts'
import { fromDist, openSignIn, print, startProvider, type ProviderProcess } from './provider-process.ts'

const REQUESTS = 1_000
const AT_ONCE = 20
const PER_SECOND = 500
const BUDGET_BYTES = 2e9
/** What has ended waits for the purge so long at most (src/background.ts). */
const PURGE_SECONDS = 60
const INTERACTION_SECONDS = 25 * 60
const PUSHED_SECONDS = 60
const ANONYMOUS_SESSION_SECONDS = 120
/** How long identical posts share an answer (src/shared-answers.ts). */
const SHARED_SECONDS = 10

type Road = {
  name: string
  /** What it costs the stranger. */
  requests: number
  livesSeconds: number
  send: () => Promise<unknown>
}

export async function storageBench(): Promise<void> {
  const { connectDatabase } = (await fromDist('db/connect.js')) as typeof connectModule
  const { UNVISITED_MS } = (await fromDist('src/oidc/adapter.js')) as typeof adapterModule
  const { REQUEST_LIMITS } = (await fromDist('src/oidc/request-limits.js')) as typeof limitsModule
  const provider = await startProvider()
  const db = connectDatabase(provider.environment['DATABASE_URL'] ?? '')
  const post = await openSignIn(provider)
  let posted = 0
  const typical = () => requestOf(provider)
  const longest = () => lengthen(requestOf(provider), REQUEST_LIMITS.request)
  const roads: Road[] = [
    {
      name: 'a usual request, its page never opened',
      requests: 1,
      livesSeconds: UNVISITED_MS / 1000,
      send: () => ask(provider, typical()),
    },
    {
      name: 'the longest request, its page never opened',
      requests: 1,
      livesSeconds: UNVISITED_MS / 1000,
      send: () => ask(provider, longest()),
    },
    {
      name: 'a usual request, its page opened',
      requests: 2,
      livesSeconds: INTERACTION_SECONDS,
      send: () => open(provider, typical()),
    },
    {
      name: 'the longest request, its page opened',
      requests: 2,
      livesSeconds: INTERACTION_SECONDS,
      send: () => open(provider, longest()),
    },
    {
      name: 'the longest request, pushed',
      requests: 1,
      livesSeconds: PUSHED_SECONDS,
      send: () => push(provider, longest()),
    },
    {
      name: 'a sign-out by nobody',
      requests: 1,
      livesSeconds: ANONYMOUS_SESSION_SECONDS,
      send: () => get(`${provider.url}/session/end`),
    },
    {
      name: 'a form without a password, posted',
      requests: 1,
      livesSeconds: SHARED_SECONDS,
      send: async () => (await post(`x${(posted += 1)}`, '')).arrayBuffer(),
    },
  ]
  try {
    for (const { name, requests, livesSeconds, send } of roads) {
      const before = await sizeOf(db)
      for (let sent = 0; sent < REQUESTS; sent += AT_ONCE)
        await Promise.all(Array.from({ length: AT_ONCE }, send))
      const bytes = ((await sizeOf(db)) - before) / REQUESTS
      const alive = (PER_SECOND / requests) * (livesSeconds + PURGE_SECONDS)
      const total = bytes * alive
      print(
        `${name.padEnd(44)} ${bytes.toFixed(0).padStart(5)} bytes × ${alive} alive at ${PER_SECOND} requests/s ` +
          `= ${(total / 1e9).toFixed(2)} GB ${total < BUDGET_BYTES ? 'holds' : 'BREAKS'} 2 GB`,
      )
    }
  } finally {
    await db.destroy()
    await provider.stop()
  }
}

async function sizeOf(db: ReturnType<typeof connectModule.connectDatabase>): Promise<number> {
  const [row] = await db.raw<{ bytes: number }[]>(
    'select (page_count - freelist_count) * page_size as bytes from pragma_page_count(), pragma_freelist_count(), pragma_page_size()',
  )
  return row?.bytes ?? Number.NaN
}

const random = (bytes: number): string => randomBytes(bytes).toString('base64url')

function requestOf({ clientId }: ProviderProcess): URLSearchParams {
  return new URLSearchParams({
    client_id: clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost:9/callback',
    scope: 'openid profile email cip',
    state: random(32),
    nonce: random(32),
    code_challenge_method: 'S256',
    code_challenge: random(32),
  })
}

/** With a state, and a wish for languages, that fill it up. */
function lengthen(request: URLSearchParams, most: number): URLSearchParams {
  const length = () => [...request.values()].reduce((sum, value) => sum + value.length, 0)
  request.set('state', 'x'.repeat(1024))
  request.set('ui_locales', 'x'.repeat(most - length()))
  return request
}

async function get(url: string, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(url, { redirect: 'manual', headers: { Accept: 'text/html', ...headers } })
  await answer.arrayBuffer()
  return answer
}

async function ask({ url }: ProviderProcess, request: URLSearchParams): Promise<Response> {
  const answer = await get(`${url}/auth?${request.toString()}`)
  if (answer.headers.get('location')?.startsWith('/interaction/') !== true)
    throw new Error(`the request was not taken: ${answer.status}`)
  return answer
}

async function open(provider: ProviderProcess, request: URLSearchParams): Promise<void> {
  const started = await ask(provider, request)
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ')
  await get(`${provider.url}${String(started.headers.get('location'))}`, { Cookie: cookie })
}

async function push(
  { url, clientId, clientSecret }: ProviderProcess,
  request: URLSearchParams,
): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`
  const answer = await fetch(`${url}/request`, {
    method: 'POST',
    headers: { Authorization: authorization },
    body: request,
  })
  if (answer.status !== 201) throw new Error(`the request was not taken: ${await answer.text()}`)
}
