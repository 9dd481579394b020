// Back-channel sign-out (OpenID Connect Back-Channel Logout 1.0): what a relying party did not take at once
// is tried again, with growing waits, for a day.

import type { Provider } from 'oidc-provider'
import type { StoredLogoutNotice } from '../../../db/repositories/logout-notices.js'
import type { Repositories, Store } from '../../../db/store.js'
import { randomId } from '../../key-ring.js'
import { deliverDue, waitAfter, type Delivery, type QueuePolicy } from '../../queue.js'
import { sendLogoutToken } from '../library/backchannel-logout.js'

const POLICY: QueuePolicy = {
  firstWaitMs: 5_000,
  factor: 2,
  longestWaitMs: 3_600_000,
  giveUpAfterMs: 24 * 3_600_000,
  claimMs: 60_000, // the library gives a relying party 2.5 s
  batch: 20,
  atOnce: 4, // one that does not answer holds up few
}

export type LogoutNotice = { clientId: string; accountId: string; sid: string }

/** `tries`: 1 when the library has just tried, and the next try waits; 0 when nobody has. */
export async function queueLogoutNotice(
  { logoutNotices }: Pick<Repositories, 'logoutNotices'>,
  notice: LogoutNotice,
  now: number,
  tries: 0 | 1,
): Promise<void> {
  const nextTryAt = tries === 0 ? now : now + waitAfter(POLICY, tries)
  await logoutNotices.insert({ id: randomId(), ...notice, tries, createdAt: now, nextTryAt })
}

type NoticeDelivery = Omit<Delivery<StoredLogoutNotice>, 'deliver'> & { store: Store; provider: Provider }

/** Sends what is due; returns how many were taken. */
export function deliverLogoutNotices({ store, provider, ...delivery }: NoticeDelivery): Promise<number> {
  return deliverDue(store.logoutNotices, POLICY, {
    ...delivery,
    async deliver({ clientId, accountId, sid }) {
      const client = await provider.Client.find(clientId)
      // A client that is gone, or no longer wants notices, is done with.
      if (client?.backchannelLogoutUri !== undefined) await sendLogoutToken(client, accountId, sid)
    },
  })
}
