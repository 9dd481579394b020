// The hospital's APIs: which scopes each knows, what a token for it looks like and how long it lives. A JWT
// (RFC 9068) is read by the API alone, and nobody can call it back; an opaque one the API asks about. Either
// lives five minutes at most.

import { z } from 'zod'
import type { Client, ResourceServer } from 'oidc-provider'
import type { TokenFormat } from '../../db/repositories/resource-servers.js'
import type { Store } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'

export const MAX_TOKEN_SECONDS = 300

export type ResourceServerView = {
  indicator: string
  name: string
  scopes: string[]
  tokenSeconds: number
  tokenFormat: TokenFormat
}

type NewResourceServer = Omit<ResourceServerView, 'tokenFormat'> & { tokenFormat?: TokenFormat }

const schema = z.object({
  indicator: z
    .url({ protocol: /^https?$/ })
    .max(512)
    .refine((value) => !value.includes('#'), 'must have no fragment'),
  name: z.string().min(1).max(100),
  scopes: z.array(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'is no scope of RFC 6749 §3.3')).min(1),
  tokenSeconds: z.number().int().min(30).max(MAX_TOKEN_SECONDS),
  tokenFormat: z.enum(['jwt', 'opaque']).default('jwt'),
})

export type ResourceServersService = ReturnType<typeof createResourceServers>

export function createResourceServers({
  store,
  audit,
  now,
}: {
  store: Store
  audit: AuditLog
  now: () => number
}) {
  return {
    async create(
      input: NewResourceServer,
      actor: Actor,
    ): Promise<{ ok: true } | { ok: false; fault: string }> {
      const parsed = schema.safeParse(input)
      if (!parsed.success)
        return {
          ok: false,
          fault: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
        }
      const { indicator, name, scopes, tokenSeconds, tokenFormat } = parsed.data
      return store.transaction(async (tx) => {
        if (
          !(await tx.resourceServers.insert({
            indicator,
            name,
            scopes: scopes.join(' '),
            tokenSeconds,
            tokenFormat,
            createdAt: now(),
          }))
        )
          return { ok: false, fault: `API "${indicator}" exists already` }
        await audit.record(tx, { event: 'resource-server.created', actor, details: { indicator } })
        return { ok: true }
      })
    },

    list: async (): Promise<ResourceServerView[]> =>
      (await store.resourceServers.list()).map(({ scopes, createdAt: _internal, ...server }) => ({
        ...server,
        scopes: scopes.split(' '),
      })),

    remove: (indicator: string, actor: Actor): Promise<boolean> =>
      store.transaction(async (tx) => {
        if (!(await tx.resourceServers.remove(indicator))) return false
        await audit.record(tx, { event: 'resource-server.removed', actor, details: { indicator } })
        return true
      }),

    /**
     * In the library's words, with the scopes that the client may have; undefined for an API nobody
     * registered, or not for it.
     */
    async load(indicator: string, client: Client): Promise<ResourceServer | undefined> {
      const allowed = (client['apis'] as Record<string, string[]> | undefined)?.[indicator]
      const server = await store.resourceServers.find(indicator)
      if (server === undefined || allowed === undefined) return undefined
      const known = server.scopes.split(' ')
      return {
        scope: allowed.filter((scope) => known.includes(scope)).join(' '),
        audience: indicator,
        accessTokenTTL: server.tokenSeconds,
        accessTokenFormat: server.tokenFormat,
        jwt: { sign: { alg: 'RS256' } },
      }
    },

    isScope: async (scope: string): Promise<boolean> =>
      (await store.resourceServers.list()).some((server) => server.scopes.split(' ').includes(scope)),

    name: async (indicator: string): Promise<string> =>
      (await store.resourceServers.find(indicator))?.name ?? indicator,
  }
}
