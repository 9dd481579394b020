// What eEspresso knows of its identity provider: metadata and keys, found by discovery (OpenID Connect
// Discovery 1.0 §4). Looked for when first needed, kept once found, tried again after a failure: either
// program may start first.

import { createRemoteJWKSet, type JWTVerifyGetKey } from 'jose'
import * as oidc from 'openid-client'
import { isLoopback, type Settings } from '../config.js'

/** By how much the provider's clock may differ from ours. */
export const CLOCK_DIFFERENCE_SECONDS = 30
const TIMEOUT_SECONDS = 5

export interface Provider {
  configuration: oidc.Configuration
  keys: JWTVerifyGetKey
}

/** @throws ProviderUnavailable when the provider cannot be reached or describes itself wrongly */
export type Discover = () => Promise<Provider>

/** Its message is for the operator: what the causes say, never what they hold, which may be a token. */
export class ProviderUnavailable extends Error {
  override name = 'ProviderUnavailable'

  constructor(what: string, cause: unknown) {
    super(`${what}: ${messageOf(cause)}`, { cause })
  }
}

export function createDiscovery(settings: Settings): Discover {
  let known: Promise<Provider> | undefined

  return () => {
    known ??= discover(settings).catch((cause: unknown) => {
      known = undefined
      throw new ProviderUnavailable(`no discovery document at ${settings.issuerUrl}`, cause)
    })
    return known
  }
}

async function discover({ issuerUrl, clientId, clientSecret }: Settings): Promise<Provider> {
  const issuer = new URL(issuerUrl)
  // The signature of the ID token is verified although it comes straight from the token endpoint: over plain
  // http on localhost no TLS vouches for it (OpenID Connect Core §3.1.3.7, point 6).
  const execute = [oidc.enableNonRepudiationChecks]
  const isPlain = issuer.protocol === 'http:' && isLoopback(issuer.hostname)
  // oxlint-disable-next-line typescript/no-deprecated -- marked so to stand out; loopback alone gets here
  if (isPlain) execute.push(oidc.allowInsecureRequests)

  const authentication = oidc.ClientSecretBasic(clientSecret)
  const options = { execute, timeout: TIMEOUT_SECONDS }
  const configuration = await oidc.discovery(issuer, clientId, undefined, authentication, options)

  const { jwks_uri } = configuration.serverMetadata()
  if (jwks_uri === undefined) throw new Error('the discovery document names no jwks_uri')
  const keys = createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: TIMEOUT_SECONDS * 1000 })
  return { configuration, keys }
}

/** True when the provider is at fault, not the request: it is down, slow, wrong, or refuses our secret. */
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

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  // A ProviderUnavailable has told its causes already.
  if (error instanceof ProviderUnavailable || !(error.cause instanceof Error)) return error.message
  return `${error.message} (${messageOf(error.cause)})`
}
