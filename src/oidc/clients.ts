// Relying parties as the operator registers them. The record is the OpenID Connect client metadata, plus a
// few words of ours; the secret is made here, shown once, and stored sealed. A change is seen by the provider
// at the next request.

import { randomBytes } from 'node:crypto'
import type { AdapterPayload } from 'oidc-provider'
import type { StoredClient } from '../../db/repositories/clients.js'
import type { Repositories, Store } from '../../db/store.js'
import type { Actor } from '../audit/actor.js'
import type { AuditLog } from '../audit/audit-log.js'
import type { KeyRing } from '../key-ring.js'
import type { Locale } from '../i18n.js'
import { toApplication, type Application } from './application.js'
import {
  CLIENT_ID,
  clientMetadata,
  differences,
  faultLine,
  forLibrary,
  type ClientMetadata,
} from './client-metadata.js'
import type { ClientCheck } from './library/client-check.js'

const SECRET_BYTES = 32

export type RefusedRecord = { ok: false; fault: string }
/** What applying one record did; `changed` names the members that differ. */
export type Applied =
  | { clientId: string; result: 'created' | 'unchanged' }
  | { clientId: string; result: 'changed'; changed: string[] }

/** A race that was lost: thrown inside a transaction, so that what came before in it is undone. */
class Overtaken extends Error {}

export type ClientsService = ReturnType<typeof createClients>

type Dependencies = {
  store: Store
  audit: AuditLog
  ring: KeyRing
  now: () => number
  checkClient: ClientCheck
}

export function createClients({ store, audit, ring, now, checkClient }: Dependencies) {
  const read = (client: StoredClient): ClientMetadata => JSON.parse(client.metadata) as ClientMetadata
  const hasSecret = (metadata: ClientMetadata) =>
    metadata.token_endpoint_auth_method.startsWith('client_secret_')
  const makeSecret = (clientId: string) => {
    const clientSecret = randomBytes(SECRET_BYTES).toString('base64url')
    return { clientSecret, sealedSecret: ring.seal('client-secret', clientId, clientSecret) }
  }

  async function check(
    input: Record<string, unknown>,
  ): Promise<{ ok: true; metadata: ClientMetadata } | RefusedRecord> {
    const parsed = clientMetadata.safeParse(input)
    if (!parsed.success) return { ok: false, fault: faultLine(parsed.error) }
    const fault = await checkClient({
      ...forLibrary(parsed.data),
      ...(hasSecret(parsed.data) ? { client_secret: 'x'.repeat(64) } : {}),
    })
    return fault === undefined ? { ok: true, metadata: parsed.data } : { ok: false, fault }
  }

  async function insert(
    tx: Repositories,
    metadata: ClientMetadata,
    actor: Actor,
  ): Promise<{ ok: true; clientSecret: string | undefined } | RefusedRecord> {
    const clientId = metadata.client_id
    const made = hasSecret(metadata) ? makeSecret(clientId) : undefined
    const row = {
      clientId,
      metadata: JSON.stringify(metadata),
      sealedSecret: made?.sealedSecret ?? null,
      createdAt: now(),
      updatedAt: now(),
    }
    if (!(await tx.clients.insert(row))) return { ok: false, fault: `client "${clientId}" exists already` }
    await audit.record(tx, { event: 'client.created', actor, details: { client: clientId } })
    return { ok: true, clientSecret: made?.clientSecret }
  }

  /** Throws `Overtaken` when somebody else has created or removed the client meanwhile. */
  async function applyOne(
    tx: Repositories,
    metadata: ClientMetadata,
    actor: Actor,
    isDryRun: boolean,
  ): Promise<Applied & { clientSecret?: string | undefined }> {
    const clientId = metadata.client_id
    const stored = await tx.clients.find(clientId)
    if (stored === undefined) {
      if (isDryRun) return { clientId, result: 'created' }
      const created = await insert(tx, metadata, actor)
      if (!created.ok) throw new Overtaken(created.fault)
      return { clientId, result: 'created', clientSecret: created.clientSecret }
    }
    const changed = differences(read(stored), metadata)
    if (changed.length === 0) return { clientId, result: 'unchanged' }
    if (isDryRun) return { clientId, result: 'changed', changed }
    const made = hasSecret(metadata) && stored.sealedSecret === null ? makeSecret(clientId) : undefined
    const isUpdated = await tx.clients.update(clientId, {
      metadata: JSON.stringify(metadata),
      sealedSecret: hasSecret(metadata) ? (made?.sealedSecret ?? stored.sealedSecret) : null,
      updatedAt: now(),
    })
    if (!isUpdated) throw new Overtaken(`client "${clientId}" was removed meanwhile`)
    await audit.record(tx, {
      event: 'client.changed',
      actor,
      details: { client: clientId, changed: changed.join(' ') },
    })
    return { clientId, result: 'changed', changed, clientSecret: made?.clientSecret }
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
      return checked.ok ? store.transaction((tx) => insert(tx, checked.metadata, actor)) : checked
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
      const checked = await Promise.all(inputs.map(async (input) => ({ input, outcome: await check(input) })))
      const faults = checked.flatMap(({ input, outcome }) =>
        outcome.ok ? [] : [`${String(input['client_id'])}: ${outcome.fault}`],
      )
      if (faults.length > 0) return { ok: false, fault: faults.join('; ') }
      const records = checked.flatMap(({ outcome }) => (outcome.ok ? [outcome.metadata] : []))
      try {
        return await store.transaction(async (tx) => {
          const applied: Applied[] = []
          const secrets: Record<string, string> = {}
          for (const metadata of records) {
            const { clientSecret, ...done } = await applyOne(tx, metadata, actor, isDryRun)
            applied.push(done)
            if (clientSecret !== undefined) secrets[metadata.client_id] = clientSecret
          }
          return { ok: true, applied, secrets }
        })
      } catch (error) {
        if (error instanceof Overtaken) return { ok: false, fault: error.message }
        throw error
      }
    },

    /** A new secret; the old one stops working at once. */
    rotateSecret: (
      clientId: string,
      actor: Actor,
    ): Promise<{ ok: true; clientSecret: string } | RefusedRecord> =>
      store.transaction(async (tx) => {
        const stored = await tx.clients.find(clientId)
        if (stored === undefined) return { ok: false, fault: `no client "${clientId}"` }
        if (!hasSecret(read(stored))) return { ok: false, fault: `client "${clientId}" has no secret` }
        const { clientSecret, sealedSecret } = makeSecret(clientId)
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
        if (!(await tx.clients.remove(clientId))) return false
        await audit.record(tx, { event: 'client.removed', actor, details: { client: clientId } })
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
    ): Promise<{ name: string; url: string }[]> {
      const all = (await tx.clients.list()).map((client) => toApplication(read(client), locale))
      return all.flatMap(({ name, url }) => (url === undefined ? [] : [{ name, url }]))
    },
  }
}
