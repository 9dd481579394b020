// Pairwise subjects (OpenID Connect Core §8.1): another `sub` for each sector, the same for ever. So their
// secret is made once and kept sealed; it does not change with the master keys.

import { createHmac, randomBytes } from 'node:crypto'
import type { Store } from '../../db/store.js'
import type { KeyRing } from '../key-ring.js'

const NAME = 'pairwise-subjects'

export async function loadPairwiseSubjects({
  store,
  ring,
}: {
  store: Store
  ring: KeyRing
}): Promise<(accountId: string, sector: string) => string> {
  if ((await store.sealedSecrets.find(NAME)) === undefined)
    await store.sealedSecrets.addIfMissing(NAME, ring.seal('sealed-secret', NAME, randomBytes(32)))
  const sealed = await store.sealedSecrets.find(NAME)
  if (sealed === undefined) throw new Error('the secret of pairwise subjects was not kept')
  const secret = ring.open('sealed-secret', NAME, sealed)
  return (accountId, sector) =>
    createHmac('sha256', secret).update(`${sector}\0${accountId}`).digest('base64url')
}
