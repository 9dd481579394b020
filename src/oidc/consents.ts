// What people allow third-party applications: asked once, remembered, revocable. First-party ones need none.

import { z } from 'zod'
import type { Store } from '../../db/store.js'
import type { Account } from '../accounts/accounts.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { EndSessions } from './sessions.js'

const schema = z.object({
  scopes: z.array(z.string()),
  claims: z.array(z.string()),
  apis: z.record(z.string(), z.array(z.string())),
})

/** Scopes and claims by name, and scopes by API. */
export type Granted = z.infer<typeof schema>

export type ConsentsService = ReturnType<typeof createConsents>

type Dependencies = { store: Store; audit: AuditLog; endSessions: EndSessions; now: () => number }

export function createConsents({ store, audit, endSessions, now }: Dependencies) {
  const read = async (accountId: string, clientId: string): Promise<Granted | undefined> => {
    const consent = await store.consents.find(accountId, clientId)
    return consent === undefined ? undefined : schema.parse(JSON.parse(consent.granted))
  }

  return {
    read,

    /** Adds to what was allowed before. */
    async give(account: Account, clientId: string, granted: Granted, actor: Actor): Promise<void> {
      const before = (await read(account.id, clientId)) ?? { scopes: [], claims: [], apis: {} }
      const union = (a: readonly string[], b: readonly string[]) => [...new Set([...a, ...b])]
      const apis = { ...before.apis }
      for (const [api, scopes] of Object.entries(granted.apis)) apis[api] = union(apis[api] ?? [], scopes)
      const all: Granted = {
        scopes: union(before.scopes, granted.scopes),
        claims: union(before.claims, granted.claims),
        apis,
      }
      await store.transaction(async (tx) => {
        await tx.consents.save({
          accountId: account.id,
          clientId,
          granted: JSON.stringify(all),
          grantedAt: now(),
        })
        await audit.record(tx, {
          event: 'consent.given',
          actor,
          account,
          details: { client: clientId, scopes: granted.scopes.join(' ') },
        })
      })
    },

    recordRefusal: (account: Account, clientId: string, actor: Actor): Promise<void> =>
      store.transaction((tx) =>
        audit.record(tx, {
          event: 'consent.refused',
          outcome: 'refused',
          actor,
          account,
          details: { client: clientId },
        }),
      ),

    list: async (account: Account): Promise<{ clientId: string; grantedAt: number; granted: Granted }[]> =>
      (await store.consents.listByAccount(account.id)).map(({ clientId, grantedAt, granted }) => ({
        clientId,
        grantedAt,
        granted: schema.parse(JSON.parse(granted)),
      })),

    /** Asks again next time; what was issued under it ends with the account's sessions and grants. */
    revoke: (account: Account, clientId: string, actor: Actor, reason: string): Promise<boolean> =>
      store.transaction(async (tx) => {
        if (!(await tx.consents.remove(account.id, clientId))) return false
        await endSessions(tx, account.id)
        await audit.record(tx, {
          event: 'consent.revoked',
          actor,
          account,
          reason,
          details: { client: clientId },
        })
        return true
      }),
  }
}
