// Relying parties as the operator registers them. The record is the OpenID Connect client metadata, plus a few words of ours;
// the secret is made here, shown once, and stored sealed.

import { randomBytes } from 'node:crypto'
import type { AdapterPayload } from 'oidc-provider'
import { z } from 'zod'
import type { StoredClient } from '../../db/repositories/clients.js'
import type { Repositories, Store } from '../../db/store.js'
import type { AuditLog, Origin } from '../audit.js'
import type { KeyRing } from '../crypto.js'

const SECRET_BYTES = 32
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/** Members of a client record that OpenID Connect does not know. */
export const OWN_METADATA = ['pkce', 'sign_in_every_time']

/** How a relying party may authenticate at the token endpoint. */
export const CLIENT_AUTH_METHODS = ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'] as const

const address = z.string().refine((value) => {
  const url = URL.parse(value)
  return url !== null && url.hash === '' && url.username === '' && (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.has(url.hostname)))
}, 'must be https (http for loopback only), without fragment or user name')

const record = z.looseObject({
  client_id: z.string().regex(/^[A-Za-z0-9._~-]{1,128}$/, 'must be 1 to 128 letters, digits, . _ ~ or -'),
  client_name: z.string().min(1).max(100).optional(),
  redirect_uris: z.array(address).default([]),
  post_logout_redirect_uris: z.array(address).optional(),
  initiate_login_uri: address.optional(),
  client_uri: address.optional(),
  grant_types: z.array(z.string()).default(['authorization_code']),
  response_types: z.array(z.string()).default(['code']),
  token_endpoint_auth_method: z.enum(CLIENT_AUTH_METHODS).default('client_secret_basic'),
  scope: z.string().default('openid profile email cip'),
  pkce: z.enum(['required', 'optional']).default('required'),
  sign_in_every_time: z.boolean().default(false),
})

// What the members must be to one another: said here, when the client is made, rather than at somebody's first sign-in.
const metadataSchema = record.superRefine((client, context) => {
  const fault = (member: string, message: string) => context.addIssue({ code: 'custom', path: [member], message })
  const { token_endpoint_auth_method: authMethod } = client
  if (client.grant_types.includes('authorization_code') && client.redirect_uris.length === 0) fault('redirect_uris', 'must name at least one address')
  if (client.pkce === 'optional' && authMethod === 'none') fault('pkce', 'must be required of a public client (RFC 9700 §2.1.1)')
  if (authMethod === 'private_key_jwt' && !('jwks' in client) && !('jwks_uri' in client)) fault('token_endpoint_auth_method', 'private_key_jwt needs jwks or jwks_uri')
  if ('client_secret' in client) fault('client_secret', 'is made here and cannot be given')
})

export type ClientMetadata = z.infer<typeof metadataSchema>
export type Application = { clientId: string; name: string; url: string | undefined }

export type ClientsService = ReturnType<typeof createClients>

export function createClients({ store, audit, ring, now }: { store: Store; audit: AuditLog; ring: KeyRing; now: () => number }) {
  const parse = (client: StoredClient): ClientMetadata => JSON.parse(client.metadata) as ClientMetadata

  return {
    /** Returns the secret, which is never shown again; undefined for a public client or one with keys of its own. */
    async create(input: Record<string, unknown>, origin: Origin): Promise<{ ok: true; clientSecret: string | undefined } | { ok: false; fault: string }> {
      const parsed = metadataSchema.safeParse(input)
      if (!parsed.success) return { ok: false, fault: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ') }
      const metadata = parsed.data
      const clientId = metadata.client_id
      const clientSecret = metadata.token_endpoint_auth_method.startsWith('client_secret_') ? randomBytes(SECRET_BYTES).toString('base64url') : undefined
      const sealedSecret = clientSecret === undefined ? null : ring.seal('client-secret', clientId, clientSecret)
      return store.transaction(async (tx) => {
        if (!(await tx.clients.insert({ clientId, metadata: JSON.stringify(metadata), sealedSecret, createdAt: now(), updatedAt: now() }))) {
          return { ok: false, fault: `client "${clientId}" exists already` }
        }
        await audit.record(tx, { event: 'client.created', origin, details: { client: clientId } })
        return { ok: true, clientSecret }
      })
    },

    list: async (): Promise<ClientMetadata[]> => (await store.clients.list()).map(parse),

    async show(clientId: string): Promise<ClientMetadata | undefined> {
      const client = await store.clients.find(clientId)
      return client === undefined ? undefined : parse(client)
    },

    remove: (clientId: string, origin: Origin, reason: string | undefined): Promise<boolean> =>
      store.transaction(async (tx) => {
        if (!(await tx.clients.remove(clientId))) return false
        await audit.record(tx, { event: 'client.removed', origin, details: { client: clientId }, ...(reason === undefined ? {} : { reason }) })
        return true
      }),

    /** What the provider needs, secret included. */
    async load(clientId: string): Promise<AdapterPayload | undefined> {
      const client = await store.clients.find(clientId)
      if (client === undefined) return undefined
      const secret = client.sealedSecret === null ? {} : { client_secret: ring.open('client-secret', clientId, client.sealedSecret).toString() }
      return { ...parse(client), ...secret } as AdapterPayload
    },

    /** Name and address of a client, for pages that lead back to it. */
    async application(clientId: string): Promise<Application | undefined> {
      const client = await store.clients.find(clientId)
      return client === undefined ? undefined : toApplication(parse(client))
    },

    /** The applications a person can open by an address, by name. Inside a transaction pass its repositories. */
    async applications(tx: Pick<Repositories, 'clients'> = store): Promise<{ name: string; url: string }[]> {
      const all = (await tx.clients.list()).map((client) => toApplication(parse(client)))
      return all.flatMap(({ name, url }) => (url === undefined ? [] : [{ name, url }]))
    },
  }
}

function toApplication(metadata: ClientMetadata): Application {
  return { clientId: metadata.client_id, name: metadata.client_name ?? metadata.client_id, url: metadata.client_uri ?? metadata.initiate_login_uri }
}
