// The library makes and sends a logout token by a method of its client that neither its documentation nor its
// types name. Rejects when the application does not take it.

import type { Client } from 'oidc-provider'

type Notifiable = { backchannelLogout: (accountId: string, sid: string) => Promise<void> }

export const sendLogoutToken = (client: Client, accountId: string, sid: string): Promise<void> =>
  (client as unknown as Notifiable).backchannelLogout(accountId, sid)
