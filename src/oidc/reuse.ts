// An authorization code or a refresh token serves once. When it comes a second time, somebody has stolen it,
// and nobody can tell which of the two is the thief: all that it gave ends (RFC 6749 §4.1.2, RFC 9700
// §4.14.2). The grant ends with it, so that tokens are dead too that the first request saves a moment later.

import { Provider, type AdapterPayload } from 'oidc-provider'
import type { Repositories, Store } from '../../db/store.js'
import type { AuditLog } from '../audit/audit-log.js'
import { clientAddressOf } from '../http/client-address.js'
import type { KeyRing } from '../key-ring.js'
import { openArtifact } from './sealed-artifact.js'

const EVENTS = {
  AuthorizationCode: 'authorization-code.reused',
  RefreshToken: 'refresh-token.reused',
} as const

const OF_A_GRANT = ['AccessToken', 'AuthorizationCode', 'RefreshToken']

type SingleUse = keyof typeof EVENTS
const isSingleUse = (model: string): model is SingleUse => model in EVENTS

/** Ends what a code or token has given, which was found used. */
export type EndReused = (model: string, idHashes: string[]) => Promise<void>

type Dependencies = { store: Store; ring: KeyRing; audit: AuditLog }

export function createReuse({ store, ring, audit }: Dependencies): EndReused {
  async function end(tx: Repositories, model: SingleUse, payload: AdapterPayload): Promise<void> {
    const { grantId = '', clientId = '', accountId = '' } = payload
    // Of twenty at once one finds the grant: it is ended once, and told of once.
    const grants = await Promise.all(
      ring.macs('lookup', `Grant:${grantId}`).map((idHash) => tx.oidcArtifacts.lock('Grant', idHash)),
    )
    const grant = grants.find((found) => found !== undefined)
    if (grant === undefined) return
    await tx.oidcArtifacts.deleteByGrant(ring.macs('lookup', `grant:${grantId}`), OF_A_GRANT)
    await tx.oidcArtifacts.delete('Grant', [grant.idHash])
    const account = await tx.accounts.findById(accountId)
    await audit.record(tx, {
      event: EVENTS[model],
      outcome: 'refused',
      actor: { name: `client:${clientId}`, clientAddress: addressOfRequest() },
      ...(account === undefined ? {} : { account }),
      details: { client: clientId },
    })
  }

  return async (model, idHashes) => {
    if (!isSingleUse(model)) return
    await store.transaction(async (tx) => {
      const row = await tx.oidcArtifacts.find(model, idHashes)
      if (row !== undefined) await end(tx, model, openArtifact(ring, row))
    })
  }
}

/** True while somebody turns in a code or token; elsewhere it is only asked about. */
export const isTurnedIn = (): boolean => Provider.ctx?.oidc.route === 'token'

function addressOfRequest(): string {
  return Provider.ctx === undefined ? 'unknown' : clientAddressOf(Provider.ctx)
}
