// Phones bound to an account without its pages, for tests of somebody who has several.

import { randomBytes } from 'node:crypto'
import type { Store } from '../../db/store.js'
import { randomId, type KeyRing } from '../../src/key-ring.js'
import { encodeKey, SECRET_BYTES } from '../../src/second-factors/totp.js'
import { clock } from './clock.js'
import { createPhone, type Phone } from './phone.js'

export type Device = Phone & { id: string; name: string }

/** `secret`: for two devices that hold the same key. */
export async function addDevice(
  { store, ring }: { store: Store; ring: KeyRing },
  accountId: string,
  name: string,
  secret: Buffer = randomBytes(SECRET_BYTES),
): Promise<Device> {
  const id = randomId()
  // Never in the same millisecond as the one before: the order in which they were added is the one they show
  // in.
  const before = (await store.secondFactors.listCurrent(accountId)).at(-1)?.createdAt ?? 0
  await store.secondFactors.insert({
    id,
    accountId,
    kind: 'totp',
    name,
    sealedSecret: ring.seal('second-factor', `${accountId}/${id}`, secret),
    lastStep: 0,
    verifiedBy: null,
    verifiedAt: null,
    createdAt: Math.max(clock.now(), before + 1),
    disabledAt: null,
    removedAt: null,
  })
  clock.advance({ seconds: 1 }) // the next device is younger
  return { id, name, ...createPhone(encodeKey(secret)) }
}
