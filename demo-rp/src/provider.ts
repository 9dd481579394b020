// What eEspresso knows of its identity provider: metadata and keys, found by discovery (OpenID Connect Discovery 1.0 §4).
// Lazily, kept once found and tried again after a failure, so that either program may start first.

import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose'
import * as oidc from 'openid-client'
import { isLoopback, type Settings } from './config.js'

const TIMEOUT_SECONDS = 5

export interface Provider {
  configuration: oidc.Configuration
  keys: JWTVerifyGetKey
}

export class ProviderUnavailable extends Error {
  override name = 'ProviderUnavailable'
}

/** @throws ProviderUnavailable when the provider cannot be reached or describes itself wrongly */
export function createDiscovery(settings: Settings): () => Promise<Provider> {
  let known: Promise<Provider> | undefined

  return () => {
    known ??= discover(settings).catch((cause: unknown) => {
      known = undefined
      throw new ProviderUnavailable(`no discovery document at ${settings.issuerUrl}`, { cause })
    })
    return known
  }
}

async function discover({ issuerUrl, clientId, clientSecret }: Settings): Promise<Provider> {
  const issuer = new URL(issuerUrl)
  // The signature of the ID token is verified although it comes straight from the token endpoint: over plain http on
  // localhost no TLS vouches for it (OpenID Connect Core §3.1.3.7, point 6).
  const execute = [oidc.enableNonRepudiationChecks]
  if (issuer.protocol === 'http:' && isLoopback(issuer.hostname)) execute.push(oidc.allowInsecureRequests) // oxlint-disable-line typescript/no-deprecated -- marked so to stand out; loopback alone gets here

  const authentication = oidc.ClientSecretBasic(clientSecret)
  const configuration = await oidc.discovery(issuer, clientId, undefined, authentication, {
    execute,
    timeout: TIMEOUT_SECONDS,
  })

  const { jwks_uri } = configuration.serverMetadata()
  if (jwks_uri === undefined) throw new Error('the discovery document names no jwks_uri')
  return {
    configuration,
    keys: createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: TIMEOUT_SECONDS * 1000 }),
  }
}

/** True when the provider, not the request, is at fault: it is down, too slow, or does not know this client's secret. */
export function isProviderFault(error: unknown): boolean {
  if (error instanceof ProviderUnavailable) return true
  if (error instanceof oidc.WWWAuthenticateChallengeError) return true
  if (error instanceof oidc.ResponseBodyError) return error.status >= 500 || error.error === 'invalid_client'
  if (error instanceof oidc.ClientError) return error.code === undefined || PROVIDER_FAULTS.has(error.code)
  return error instanceof TypeError && error.message === 'fetch failed'
}

const PROVIDER_FAULTS = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_PARSE_ERROR',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
])
