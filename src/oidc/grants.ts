// The grant a request stands on: what the client may have of this person. A first-party client has what its
// record names, without a question; a third party has what the person allowed. One grant per session and
// client, never one per request.

import { createHash } from 'node:crypto'
import type { Grant, KoaContextWithOIDC } from 'oidc-provider'
import type { ConsentsService, Granted } from './consents.js'
import { createGrant, fixSid, grantIdOf, sessionId } from './library/authorizations.js'

type GrantLoader = (ctx: KoaContextWithOIDC) => Promise<Grant | undefined>

export function createGrantLoader(consents: ConsentsService): GrantLoader {
  return async ({ oidc }) => {
    const { client, session, provider, account } = oidc
    if (client === undefined || session === undefined || account === undefined) return undefined
    const asks = client['consent'] === 'ask'
    const allowed = asks ? await consents.read(account.accountId, client.clientId) : undefined
    if (asks && allowed === undefined) return undefined

    // Several tabs may ask at once for the first time: all of them must end with the same grant and the same
    // `sid`, or all codes but one would be worthless. After a revocation it is a new one.
    const first = (what: string) =>
      createHash('sha256')
        .update(`${what}\0${sessionId(session)}\0${client.clientId}\0${account.accountId}`)
        .digest('base64url')
    fixSid(session, client.clientId, first('sid'))
    const known = grantIdOf(session, client.clientId)
    const existing = await provider.Grant.find(known ?? first('grant'))
    const isOwn = existing !== undefined && existing.accountId === account.accountId
    const id = known === undefined ? first('grant') : undefined
    const grant = isOwn
      ? existing
      : createGrant(provider, { clientId: client.clientId, accountId: account.accountId, id })
    const before = isOwn ? JSON.stringify(grant) : undefined
    if (allowed === undefined) allowFirstParty(oidc, grant)
    else allow(grant, allowed)
    if (JSON.stringify(grant) !== before) await grant.save()
    return grant
  }
}

function allowFirstParty(oidc: KoaContextWithOIDC['oidc'], grant: Grant): void {
  grant.addOIDCScope(oidc.client?.scope ?? 'openid')
  grant.addOIDCClaims([...oidc.requestParamClaims])
  for (const [indicator, { scopes }] of Object.entries(oidc.resourceServers ?? {}))
    grant.addResourceScope(indicator, [...scopes].join(' '))
}

/** Gives a grant what the person allowed. */
function allow(grant: Grant, { scopes, claims, apis }: Granted): void {
  grant.addOIDCScope(scopes.join(' '))
  if (claims.length > 0) grant.addOIDCClaims(claims)
  for (const [indicator, apiScopes] of Object.entries(apis))
    grant.addResourceScope(indicator, apiScopes.join(' '))
}
