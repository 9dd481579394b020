// The provider that answers now. The library reads its signing keys when it is constructed (M29): other keys
// mean another provider in its place, and a request under way ends with the one that began it.

import compose from 'koa-compose'
import type { Middleware } from 'koa'
import type { Provider } from 'oidc-provider'
import type { SigningJwk } from '../keys/signing-keys.js'

type Keys = { keys: SigningJwk[] }

type Dependencies = {
  /** The keys that are published now. */
  readKeys: () => Promise<Keys>
  /** A provider with these keys, listened to. */
  makeProvider: (jwks: Keys) => Provider
}

export type CurrentProvider = {
  provider: () => Provider
  middleware: Middleware
  /** Takes over other keys, if there are. */
  refresh: () => Promise<void>
}

export async function createCurrentProvider({
  readKeys,
  makeProvider,
}: Dependencies): Promise<CurrentProvider> {
  const start = (jwks: Keys) => {
    const provider = makeProvider(jwks)
    return { provider, middleware: compose(provider.middleware), kids: kidsOf(jwks) }
  }
  let current = start(await readKeys())
  return {
    provider: () => current.provider,
    middleware: (ctx, next) => current.middleware(ctx, next),
    async refresh() {
      const jwks = await readKeys()
      if (kidsOf(jwks) !== current.kids) current = start(jwks)
    },
  }
}

const kidsOf = ({ keys }: Keys): string => keys.map(({ kid }) => kid).join(' ')
