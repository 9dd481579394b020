// What a client's record must be to work at all: members that exist, scopes that exist, APIs that are
// registered, hosts that this provider may call, and what the library makes of the rest. A record that was
// stored before a rule was made goes on working; `doctor` holds it against these rules too.

import { lookup } from 'node:dns/promises'
import { isIP } from 'node:net'
import type { Store } from '../../db/store.js'
import { isPublicAddress } from '../networks.js'
import { CLAIMED_SCOPES } from './claims-by-scope.js'
import { clientMetadata, faultsOf, forLibrary, hasSecret, type ClientMetadata } from './client-metadata.js'
import { unknownWords } from './unknown-words.js'
import type { ClientCheck } from './library/client-check.js'

const RESOLVED_WITHIN_MS = 2_000

export type RefusedRecord = { ok: false; fault: string }
export type Registration = (
  input: Record<string, unknown>,
) => Promise<{ ok: true; metadata: ClientMetadata } | RefusedRecord>

type Dependencies = {
  store: Pick<Store, 'resourceServers'>
  library: ClientCheck
  internalHosts: readonly string[]
  /** The addresses behind a host name; none when nobody knows it. */
  resolve?: (hostname: string) => Promise<string[]>
}

export function createRegistration({
  store,
  library,
  internalHosts,
  resolve = addressesOf,
}: Dependencies): Registration {
  /** Addresses that this provider itself calls: a private one only when the operator lists it. */
  async function hostFaults(client: Record<string, unknown>): Promise<string[]> {
    const faults = ['backchannel_logout_uri', 'jwks_uri'].map(async (member) => {
      const value = client[member]
      const url = typeof value === 'string' ? URL.parse(value) : null
      if (url === null || internalHosts.includes(url.host)) return []
      const addresses = await resolve(url.hostname.replace(/^\[(.*)\]$/, '$1'))
      return addresses.every(isPublicAddress)
        ? []
        : [`${member}: ${url.hostname} is private; it is called only when INTERNAL_HOSTS names ${url.host}`]
    })
    return (await Promise.all(faults)).flat()
  }

  async function apiFaults({ apis = {} }: ClientMetadata): Promise<string[]> {
    const faults = Object.entries(apis).map(async ([indicator, scopes]) => {
      const known = (await store.resourceServers.find(indicator))?.scopes.split(' ')
      if (known === undefined) return [`apis: "${indicator}" is not registered (see: api create, api list)`]
      return unknownWords(scopes, known).map(
        ({ word, meant }) =>
          `apis: "${indicator}" has no scope "${word}"${hint(meant)}, only ${known.join(', ')}`,
      )
    })
    return (await Promise.all(faults)).flat()
  }

  return async (input) => {
    const members = await library.members()
    const parsed = clientMetadata.safeParse(input)
    const faults = [
      ...unknownWords(Object.keys(input), members).map(
        ({ word, meant }) => `${word}: there is no such member${hint(meant)}`,
      ),
      ...(parsed.success
        ? [...scopeFaults(parsed.data), ...(await apiFaults(parsed.data)), ...(await hostFaults(parsed.data))]
        : faultsOf(parsed.error)),
    ]
    if (!parsed.success || faults.length > 0) return { ok: false, fault: faults.join('; ') }
    const fault = await library.faultOf({
      ...forLibrary(parsed.data),
      ...(hasSecret(parsed.data) ? { client_secret: 'x'.repeat(64) } : {}),
    })
    return fault === undefined ? { ok: true, metadata: parsed.data } : { ok: false, fault }
  }
}

const hint = (meant: string | undefined): string => (meant === undefined ? '' : ` (did you mean ${meant}?)`)

function scopeFaults({ scope }: ClientMetadata): string[] {
  return unknownWords(scope.split(' '), CLAIMED_SCOPES).map(
    ({ word, meant }) =>
      `scope: there is no scope "${word}"${hint(meant)}, only ${CLAIMED_SCOPES.join(', ')}; ` +
      'those of an API stand in apis',
  )
}

async function addressesOf(hostname: string): Promise<string[]> {
  if (isIP(hostname) !== 0) return [hostname]
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(() => reject(new Error('no answer')), RESOLVED_WITHIN_MS).unref()
  })
  try {
    const found = await Promise.race([lookup(hostname, { all: true }), late])
    return found.map(({ address }) => address)
  } catch {
    return [] // a name that is not known here may be known where the provider runs
  }
}
