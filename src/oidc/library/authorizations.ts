// What a session remembers of each application: the `sid` of its tokens and the grant they stand on. The
// library gives both at random when a request is answered; here they can be fixed before.

import type { Grant, Provider, Session } from 'oidc-provider'

/** Other after each sign-in. */
export const sessionId = (session: Session): string => session.jti

export const grantIdOf = (session: Session, clientId: string): string | undefined =>
  session.grantIdFor(clientId)

/** Leaves a `sid` that was given before. */
export function fixSid(session: Session, clientId: string, sid: string): void {
  if (session.sidFor(clientId) === undefined) session.sidFor(clientId, sid)
}

type NewGrant = { clientId: string; accountId: string; id: string | undefined }

/** Undefined `id`: the library makes one. */
export function createGrant(provider: Provider, { clientId, accountId, id }: NewGrant): Grant {
  const properties = { clientId, accountId, ...(id === undefined ? {} : { jti: id }) }
  return new provider.Grant(properties)
}
