// What oidc-provider has stored, opened. Apart from the adapter, so that ending a person's sessions does not
// load the library.

import type { AdapterPayload } from 'oidc-provider'
import type { StoredArtifact } from '../../db/repositories/oidc-artifacts.js'
import type { KeyRing } from '../key-ring.js'

/** Throws `seal-broken` or `key-unknown` for a row that does not open. */
export function openArtifact(
  ring: KeyRing,
  { model, idHash, sealedPayload }: StoredArtifact,
): AdapterPayload {
  return JSON.parse(
    ring.open('sealed-artifact', `${model}/${idHash}`, sealedPayload).toString(),
  ) as AdapterPayload
}
