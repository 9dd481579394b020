// What an application's request may be long: strangers can send it, and until the person has answered we keep
// it. Whoever needs more keeps it on their own side, and sends its name as `state`.

import { errors, type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import { checkApiScopes } from './api-scopes.js'

/**
 * Bytes of UTF-8, decoded. An ID token as a hint is ours, and signed: it counts by itself. A signed object is
 * that of the same parameters; a pushed one is kept as it came.
 */
export const REQUEST_LIMITS = {
  state: 1024,
  nonce: 256,
  id_token_hint: 4096,
  request: 1536,
  request_object: 8192,
} as const

/** All are texts; one, `resource`, may stand several times. */
const bytesOf = (value: unknown): number =>
  [value]
    .flat()
    .filter((text) => typeof text === 'string')
    .reduce((sum, text) => sum + Buffer.byteLength(text), 0)

/** What is wrong, in words; undefined when it may be kept. Pure. */
export function lengthFault(parameters: Record<string, unknown>): string | undefined {
  for (const name of ['state', 'nonce', 'id_token_hint'] as const)
    if (bytesOf(parameters[name]) > REQUEST_LIMITS[name])
      return `${name} must not be longer than ${REQUEST_LIMITS[name]} bytes`
  const { id_token_hint: _byItself, ...others } = parameters
  const whole = Object.values(others).reduce<number>((sum, value) => sum + bytesOf(value), 0)
  if (whole <= REQUEST_LIMITS.request) return undefined
  return `all parameters together must not be longer than ${REQUEST_LIMITS.request} bytes`
}

/**
 * The library calls this last of all its checks, also for a pushed request: a fault goes back to the
 * application.
 */
export const REQUEST_CHECK: NonNullable<Configuration['extraParams']> = {
  async state(ctx: KoaContextWithOIDC) {
    const fault = lengthFault({ ...ctx.oidc.params })
    if (fault !== undefined) throw new errors.InvalidRequest(fault)
    checkApiScopes(ctx)
  },
}
