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
import { CLIENT_ID, clientMetadata, faultLine, forLibrary, type ClientMetadata } from './client-metadata.js'
import type { ClientCheck } from './library/client-check.js'

const SECRET_BYTES = 32

export type Application = {
  clientId: string
  name: string
  url: string | undefined
}
export type RefusedRecord = { ok: false; fault: string }
/** What applying one record did; `changed` names the members that differ. */
export type Applied =
  | { clientId: string; result: 'created' | 'unchanged' }
  | { clientId: string; result: 'changed'; changed: string[] }

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

  function check(input: Record<string, unknown>): { ok: true; metadata: ClientMetadata } | RefusedRecord {
    const parsed = clientMetadata.safeParse(input)
    if (!parsed.success) return { ok: false, fault: faultLine(parsed.error) }
    const fault = checkClient({
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

  return {
    /**
     * Returns the secret, which is never shown again; undefined for a public client or one with keys of its
     * own.
     */
    async create(
      input: Record<string, unknown>,
      actor: Actor,
    ): Promise<{ ok: true; clientSecret: string | undefined } | RefusedRecord> {
      const checked = check(input)
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
      const checked = inputs.map((input) => ({ input, outcome: check(input) }))
      const faults = checked.flatMap(({ input, outcome }) =>
        outcome.ok ? [] : [`${String(input['client_id'])}: ${outcome.fault}`],
      )
      if (faults.length > 0) return { ok: false, fault: faults.join('; ') }
      const records = checked.flatMap(({ outcome }) => (outcome.ok ? [outcome.metadata] : []))
      const applied: Applied[] = []
      const secrets: Record<string, string> = {}
      await store.transaction(async (tx) => {
        for (const metadata of records) {
          const clientId = metadata.client_id
          const stored = await tx.clients.find(clientId)
          const changed = stored === undefined ? [] : differences(read(stored), metadata)
          if (stored === undefined) {
            const created = isDryRun ? undefined : await insert(tx, metadata, actor)
            if (created?.ok === true && created.clientSecret !== undefined)
              secrets[clientId] = created.clientSecret
            applied.push({ clientId, result: 'created' })
          } else if (changed.length === 0) applied.push({ clientId, result: 'unchanged' })
          else {
            const made =
              hasSecret(metadata) && stored.sealedSecret === null ? makeSecret(clientId) : undefined
            if (made !== undefined && !isDryRun) secrets[clientId] = made.clientSecret
            const sealedSecret = hasSecret(metadata) ? (made?.sealedSecret ?? stored.sealedSecret) : null
            if (!isDryRun) {
              await tx.clients.update(clientId, {
                metadata: JSON.stringify(metadata),
                sealedSecret,
                updatedAt: now(),
              })
              await audit.record(tx, {
                event: 'client.changed',
                actor,
                details: { client: clientId, changed: changed.join(' ') },
              })
            }
            applied.push({ clientId, result: 'changed', changed })
          }
        }
      })
      return { ok: true, applied, secrets }
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

    remove: (clientId: string, actor: Actor, reason: string | undefined): Promise<boolean> =>
      store.transaction(async (tx) => {
        if (!(await tx.clients.remove(clientId))) return false
        await audit.record(tx, {
          event: 'client.removed',
          actor,
          details: { client: clientId },
          ...(reason === undefined ? {} : { reason }),
        })
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

/** Human-readable members may carry a language tag (OpenID Connect Registration §2.1). */
function toApplication(metadata: ClientMetadata, locale: Locale): Application {
  const members: Record<string, unknown> = metadata
  const text = (member: string): string | undefined => {
    const value = members[`${member}#${locale}`] ?? members[member]
    return typeof value === 'string' ? value : undefined
  }
  return {
    clientId: metadata.client_id,
    name: text('client_name') ?? metadata.client_id,
    url: metadata.client_uri ?? metadata.initiate_login_uri,
  }
}

function differences(before: Record<string, unknown>, after: Record<string, unknown>): string[] {
  const members = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...members]
    .filter((member) => JSON.stringify(before[member]) !== JSON.stringify(after[member]))
    .sort()
}
