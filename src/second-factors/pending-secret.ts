// The secret of a phone that is not bound yet. Derived, so that it is stored nowhere and the same on every
// visit: one interaction, one account, one epoch, one secret (ENR-2).

import { hkdfSync } from 'node:crypto'
import type { KeyRing } from '../key-ring.js'
import { SECRET_BYTES } from './totp.js'

type Pending = { accountId: string; credentialEpoch: number; interaction: string }

export function pendingSecret(
  ring: KeyRing,
  { accountId, credentialEpoch, interaction }: Pending,
  keyId: string,
): Buffer {
  const salt = `${accountId}\0${credentialEpoch}`
  const key = ring.keyFor('totp-enrolment', keyId)
  return Buffer.from(hkdfSync('sha256', key, salt, interaction, SECRET_BYTES))
}
