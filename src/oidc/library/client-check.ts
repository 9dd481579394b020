// Holds a client record against the library's own schema, without a running provider: what it would refuse at
// somebody's first sign-in is refused when the operator types it.

import { generateKeyPairSync } from 'node:crypto'
import type { Adapter, JWK, Provider } from 'oidc-provider'
import { OWN_METADATA } from '../client-metadata.js'

const NOTHING: Adapter = {
  find: async () => undefined,
  findByUid: async () => undefined,
  findByUserCode: async () => undefined,
  upsert: async () => {},
  consume: async () => {},
  destroy: async () => {},
  revokeByGrantId: async () => {},
}

let samples: { keys: JWK[] } | undefined

/** Keys that sign nothing: the library allows an algorithm only where it holds a key for it. */
function sampleKeys(): { keys: JWK[] } {
  samples ??= {
    keys: [
      generateKeyPairSync('rsa', { modulusLength: 2048 }),
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      generateKeyPairSync('ed25519'),
    ].map(({ privateKey }): JWK => ({ ...(privateKey.export({ format: 'jwk' }) as JWK), use: 'sig' })),
  }
  return samples
}

export type ClientCheck = {
  /** The fault in one line; undefined when the library would take the record. */
  faultOf: (metadata: Record<string, unknown>) => Promise<string | undefined>
  /** The members that a record may have, ours among them; the library drops any other without a word. */
  members: () => Promise<string[]>
}

/** The library is loaded at the first check: most commands check nothing, and would wait for it. */
export function createClientCheck(issuerUrl: string): ClientCheck {
  let provider: Provider | undefined

  async function load() {
    const library = await import('oidc-provider')
    const { BASE_CONFIGURATION } = await import('../configuration.js')
    provider ??= new library.Provider(issuerUrl, {
      ...BASE_CONFIGURATION,
      jwks: sampleKeys(),
      adapter: () => NOTHING,
      pairwiseIdentifier: async (_ctx, accountId) => accountId,
    })
    return { provider, library }
  }

  return {
    async faultOf(metadata) {
      const { provider: sample, library } = await load()
      try {
        // @ts-expect-error the constructor is not public, but it is where the library checks a record
        new sample.Client(metadata)
        return undefined
      } catch (error) {
        if (error instanceof library.errors.InvalidClientMetadata)
          return error.error_description ?? error.message
        throw error
      }
    },

    async members() {
      const { provider: sample } = await load()
      const { default: internalsOf } = await import('oidc-provider/lib/helpers/weak_cache.js')
      void sample.Client // makes the list
      return [...internalsOf(sample).RECOGNIZED_METADATA, ...OWN_METADATA]
    },
  }
}
