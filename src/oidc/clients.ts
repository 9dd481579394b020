// Relying parties as the operator registers them. The record is the OpenID Connect client metadata, plus a
// few words of ours; the secret is made here, shown once, and stored sealed. A change is seen by the provider
// at the next request.

import type { AdapterPayload } from 'oidc-provider'
import type { Repositories, Store } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { KeyRing } from '../key-ring.js'
import type { Locale } from '../i18n.js'
import { toApplication, type Application } from './application.js'
import { CLIENT_ID, forLibrary, hasSecret, type ClientMetadata } from './client-metadata.js'
import { createClientWriting, Overtaken, readClient as read, type Applied } from './client-writing.js'
import type { RefusedRecord, Registration } from './registration.js'

export type ClientsService = ReturnType<typeof createClients>

type Dependencies = {
  store: Store
  audit: AuditLog
  ring: KeyRing
  now: () => number
  check: Registration
}

export function createClients({ store, audit, ring, now, check }: Dependencies) {
  const writing = createClientWriting({ audit, ring, now })
  const unknown = (clientId: string): RefusedRecord => ({ ok: false, fault: `no client "${clientId}"` })

  /** All that the work does, or nothing and whose doing it was. */
  async function unlessOvertaken<T>(work: (tx: Repositories) => Promise<T>): Promise<T | RefusedRecord> {
    try {
      return await store.transaction(work)
    } catch (error) {
      if (error instanceof Overtaken) return { ok: false, fault: error.message }
      throw error
    }
  }

  return {
    /**
     * Returns the secret, which is never shown again; undefined for a public client or one with keys of its
     * own.
     */
    async create(
      input: Record<string, unknown>,
      actor: Actor,
    ): Promise<{ ok: true; clientSecret: string | undefined } | RefusedRecord> {
      const checked = await check(input)
      return checked.ok ? store.transaction((tx) => writing.insert(tx, checked.metadata, actor)) : checked
    },

    /**
     * Makes the records so, all or none: creates what is missing, changes what differs, leaves the rest.
     * Secrets are returned by client.
     */
    async apply(
      inputs: readonly Record<string, unknown>[],
      actor: Actor,
      isDryRun: boolean,
    ): Promise<{ ok: true; applied: Applied[]; secrets: Record<string, string> } | RefusedRecord> {
      const checked = await Promise.all(inputs.map(check))
      const faults = checked.flatMap((outcome, index) => {
        const id = inputs[index]?.['client_id']
        return outcome.ok ? [] : [`${typeof id === 'string' ? id : `record ${index + 1}`}: ${outcome.fault}`]
      })
      if (faults.length > 0) return { ok: false, fault: faults.join('; ') }
      const records = checked.flatMap((outcome) => (outcome.ok ? [outcome.metadata] : []))
      return unlessOvertaken(async (tx) => {
        const applied: Applied[] = []
        const secrets: Record<string, string> = {}
        for (const metadata of records) {
          const { clientSecret, ...done } = await writing.apply(tx, metadata, actor, isDryRun)
          applied.push(done)
          if (clientSecret !== undefined) secrets[metadata.client_id] = clientSecret
        }
        return { ok: true, applied, secrets }
      })
    },

    /**
     * Changes these members of a record and leaves the rest; those of `unset` go back to their defaults.
     * Returns the secret when the client begins to need one.
     */
    async update(
      clientId: string,
      members: Record<string, unknown>,
      unset: readonly string[],
      actor: Actor,
    ): Promise<{ ok: true; applied: Applied; clientSecret: string | undefined } | RefusedRecord> {
      const stored = await store.clients.find(clientId)
      if (stored === undefined) return unknown(clientId)
      const before: Record<string, unknown> = read(stored)
      const missing = unset.find((member) => !(member in before))
      if (missing !== undefined) return { ok: false, fault: `${missing}: the record has no such member` }
      const left = new Set(unset)
      // What follows from another member, unless it is given.
      if ('grant_types' in members || left.has('grant_types')) left.add('response_types')
      if (left.has('backchannel_logout_uri')) left.add('backchannel_logout_session_required')
      const kept = Object.entries(before).filter(([member]) => !left.has(member))
      const checked = await check({ ...Object.fromEntries(kept), ...members, client_id: clientId })
      if (!checked.ok) return checked
      return unlessOvertaken(async (tx) => {
        const { clientSecret, ...applied } = await writing.change(tx, stored, checked.metadata, actor)
        return { ok: true, applied, clientSecret }
      })
    },

    /** A new secret; the old one stops working at once. */
    rotateSecret: (
      clientId: string,
      actor: Actor,
    ): Promise<{ ok: true; clientSecret: string } | RefusedRecord> =>
      store.transaction(async (tx) => {
        const stored = await tx.clients.find(clientId)
        if (stored === undefined) return unknown(clientId)
        if (!hasSecret(read(stored))) return { ok: false, fault: `client "${clientId}" has no secret` }
        const { clientSecret, sealedSecret } = writing.makeSecret(clientId)
        await tx.clients.update(clientId, { sealedSecret, updatedAt: now() })
        await audit.record(tx, {
          event: 'client.changed',
          actor,
          details: { client: clientId, changed: 'client_secret' },
        })
        return { ok: true, clientSecret }
      }),

    list: async (): Promise<ClientMetadata[]> => (await store.clients.list()).map(read),

    async show(clientId: string): Promise<ClientMetadata | undefined> {
      const client = await store.clients.find(clientId)
      return client === undefined ? undefined : read(client)
    },

    remove: (clientId: string, actor: Actor): Promise<boolean> =>
      store.transaction(async (tx) => {
        const stored = await tx.clients.find(clientId)
        if (stored === undefined || !(await tx.clients.remove(clientId))) return false
        const details = { client: clientId, before: stored.metadata }
        await audit.record(tx, { event: 'client.removed', actor, details })
        return true
      }),

    /** What the provider needs: the record in the library's words, and the secret where there is one. */
    async load(clientId: string): Promise<AdapterPayload | undefined> {
      if (!CLIENT_ID.test(clientId)) return undefined // it comes from outside, and PostgreSQL takes no NUL
      const client = await store.clients.find(clientId)
      if (client === undefined) return undefined
      const secret =
        client.sealedSecret === null
          ? {}
          : { client_secret: ring.open('client-secret', clientId, client.sealedSecret).toString() }
      return { ...forLibrary(read(client)), ...secret }
    },

    /** Name and address of a client in one language, for the pages. */
    async application(clientId: string, locale: Locale): Promise<Application | undefined> {
      const client = await store.clients.find(clientId)
      return client === undefined ? undefined : toApplication(read(client), locale)
    },

    /**
     * True when some client's record names the origin: its scripts may read the answers of the protocol's
     * endpoints.
     */
    isAllowedOrigin: (origin: string): Promise<boolean> => store.clients.hasOrigin(origin),

    /**
     * The applications a person can open by an address, by name. Inside a transaction pass its repositories.
     */
    async applications(
      locale: Locale,
      tx: Pick<Repositories, 'clients'> = store,
    ): Promise<(Application & { url: string })[]> {
      const all = (await tx.clients.list()).map((client) => toApplication(read(client), locale))
      return all.flatMap((one) => (one.url === undefined ? [] : [{ ...one, url: one.url }]))
    },
  }
}
