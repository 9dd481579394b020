// Scopes of APIs (RFC 8707). One that no API of the request knows, or that the client's record does not allow
// it there, is refused: the library would drop it, and the application learn of it at its first call. Scopes
// that nobody here knows at all are ignored beside OpenID Connect's own, as Core §3.1.2.1 wants.

import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'

const scopesOf = (text: unknown): string[] =>
  typeof text === 'string' ? text.split(' ').filter((scope) => scope !== '') : []

/** The first that belongs to none of these APIs. Pure. */
const foreignScope = (
  asked: readonly string[],
  apis: readonly Pick<ResourceServer, 'scope'>[],
): string | undefined => {
  const known = new Set(apis.flatMap(({ scope }) => scopesOf(scope)))
  return asked.find((scope) => !known.has(scope))
}

/** A person's sign-in, once the APIs of the request are known. */
export function checkApiScopes({ oidc }: KoaContextWithOIDC): void {
  const apis = Object.values(oidc.resourceServers ?? {})
  if (apis.length === 0) return
  const asked = scopesOf(oidc.params?.['scope']).filter((scope) => !oidc.requestParamOIDCScopes.has(scope))
  refuse(foreignScope(asked, apis), 'is not one of the APIs asked for, or not allowed to this application')
}

/** A program's own token: one API, and no scope but its own. */
export function checkProgramScopes({ oidc }: KoaContextWithOIDC, api: Pick<ResourceServer, 'scope'>): void {
  if (oidc.params?.['grant_type'] !== 'client_credentials') return
  refuse(foreignScope(scopesOf(oidc.params['scope']), [api]), 'is not one of the API, or not allowed')
}

/** A request that names no API. */
export function createMissingApiCheck(isScopeOfApi: (scope: string) => Promise<boolean>) {
  return async ({ oidc }: KoaContextWithOIDC): Promise<void> => {
    const others = scopesOf(oidc.params?.['scope']).filter((scope) => !oidc.requestParamOIDCScopes.has(scope))
    for (const scope of others)
      if (oidc.params?.['grant_type'] === 'client_credentials' || (await isScopeOfApi(scope)))
        refuse(scope, 'belongs to an API: name it by resource')
  }
}

function refuse(scope: string | undefined, why: string): void {
  if (scope !== undefined) throw new errors.InvalidScope(`${scope} ${why}`, scope)
}
