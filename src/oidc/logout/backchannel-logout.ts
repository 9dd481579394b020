// Back-channel sign-out (OpenID Connect Back-Channel Logout 1.0): what a relying party did not take at once
// is tried again, with growing waits, for a day.

import type { Provider } from 'oidc-provider'
import type { Repositories, Store } from '../../../db/store.js'
import { randomId } from '../../key-ring.js'
import { sendLogoutToken } from '../library/backchannel-logout.js'

const BATCH = 20
const FIRST_WAIT_MS = 5_000
const LONGEST_WAIT_MS = 3_600_000
const GIVE_UP_MS = 24 * 3_600_000

export type LogoutNotice = { clientId: string; accountId: string; sid: string }

/** `firstTryAt`: now, or after a wait when the library has just tried. */
export async function queueLogoutNotice(
  { logoutNotices }: Pick<Repositories, 'logoutNotices'>,
  notice: LogoutNotice,
  now: number,
  firstTryAt: number = now + FIRST_WAIT_MS,
): Promise<void> {
  await logoutNotices.insert({ id: randomId(), ...notice, tries: 0, createdAt: now, nextTryAt: firstTryAt })
}

type Delivery = {
  store: Store
  provider: Provider
  now: () => number
  onFailure: (error: unknown, clientId: string) => void
}

/** Sends what is due; returns how many were taken. */
export async function deliverLogoutNotices({ store, provider, now, onFailure }: Delivery): Promise<number> {
  let delivered = 0
  for (const notice of await store.logoutNotices.listDue(now(), BATCH)) {
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(notice.tries + 1, 20))
    if (!(await store.logoutNotices.claim(notice.id, notice.nextTryAt, now() + wait))) continue
    try {
      const client = await provider.Client.find(notice.clientId)
      // A client that is gone, or no longer wants notices, is done with.
      if (client?.backchannelLogoutUri !== undefined)
        await sendLogoutToken(client, notice.accountId, notice.sid)
      await store.logoutNotices.remove(notice.id)
      delivered += 1
    } catch (error) {
      onFailure(error, notice.clientId)
      if (now() - notice.createdAt > GIVE_UP_MS) await store.logoutNotices.remove(notice.id)
    }
  }
  return delivered
}
