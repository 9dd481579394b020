// Whom a sign-in is hashed for (accounts/hashing-line.ts): a browser that has signed in to the account, an
// address of the organisation, or a stranger. Pure.

import type { Caller } from '../accounts/hashing-line.js'
import { enclosingNetworks } from '../networks.js'
import type { BrowserHash } from './known-browsers.js'

/** `browser`: known to the very account that is asked for. */
export function callerOf(
  browser: BrowserHash | undefined,
  clientAddress: string,
  isSharedNetwork: (clientAddress: string) => boolean,
): Caller {
  if (browser !== undefined) return { class: 'known-browser', sources: [browser] }
  return {
    class: isSharedNetwork(clientAddress) ? 'shared-network' : 'stranger',
    sources: enclosingNetworks(clientAddress),
  }
}
