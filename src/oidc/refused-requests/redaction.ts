// Keeps out of records and log what nobody may read there: secrets, codes and tokens, wherever a request has
// put them.

import type { KoaContextWithOIDC } from 'oidc-provider'

/** Parameters whose value is or holds a secret. */
const SECRET = [
  'access_token',
  'assertion',
  'client_assertion',
  'client_secret',
  'code',
  'code_verifier',
  'id_token',
  'id_token_hint',
  'logout_token',
  'password',
  'refresh_token',
  'request',
  'token',
]
/** Of these only what an address carries is left out: their value may be any word, and no door opens by it. */
const PRIVATE = [...SECRET, 'state', 'nonce', 'login_hint']
/** Shorter ones would be found in every word. */
const SHORTEST = 4

const IN_QUERY = new RegExp(`([?&#](?:${PRIVATE.join('|')})=)[^&#]+`, 'gi')
const USER_INFO = /\/\/[^/?#@]*@/g
const FRAGMENT = /#.+$/

/** Without what the request has sent as a secret, and without what an address carries. */
export function withoutSecretsOf(ctx: KoaContextWithOIDC): <T extends string | undefined>(text: T) => T {
  const sources = [ctx.oidc.params, ctx.oidc.body, ctx.query] as (Record<string, unknown> | undefined)[]
  const secrets = [
    ...sources.flatMap((source) => SECRET.flatMap((name) => source?.[name] ?? [])),
    ...authorizationParts(ctx.get('Authorization')),
  ].filter((value): value is string => typeof value === 'string' && value.length >= SHORTEST)
  return (text) =>
    (text === undefined
      ? undefined
      : withoutCredentials(
          secrets.reduce((left, secret) => left.replaceAll(secret, '…'), text),
        )) as typeof text
}

/** An address without user name, fragment, and the values of parameters that hold secrets. */
const withoutCredentials = (text: string): string =>
  text.replace(IN_QUERY, '$1…').replace(USER_INFO, '//…@').replace(FRAGMENT, '#…')

/** Cut to length, on one line; undefined for nothing. PostgreSQL takes no NUL and no half of a character. */
export function fitting(text: string | null | undefined, longest: number): string | undefined {
  if (text === null || text === undefined || text === '') return undefined
  const clean = text.toWellFormed().replace(/\p{Cc}/gu, '\u{fffd}')
  return clean.length <= longest ? clean : `${clean.slice(0, longest - 1).toWellFormed()}…`
}

/** The token of a Bearer header; the password of a Basic one, as it came and decoded. */
function authorizationParts(header: string): string[] {
  const [scheme = '', value = ''] = header.split(' ')
  if (scheme.toLowerCase() !== 'basic') return [value]
  const basic = Buffer.from(value, 'base64').toString()
  const password = basic.slice(basic.indexOf(':') + 1)
  try {
    return [value, password, decodeURIComponent(password.replaceAll('+', ' '))]
  } catch {
    return [value, password]
  }
}
