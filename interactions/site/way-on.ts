// Where to lead whoever stands before a sign-in that is over: to the application it was for, as the browser's
// own cookie or the database knows it.

import type { Context } from 'koa'
import { stateOf } from '../../src/http/request-state.js'
import type { KnownInteraction } from '../../src/oidc/adapter.js'
import type { Application } from '../../src/oidc/application.js'
import type { ClientsService } from '../../src/oidc/clients.js'

/** Of the addresses that end with a sign-in's id. */
const uidOf = ({ path }: Context): string | undefined => /^\/(?:interaction|auth)\/([^/]+)/.exec(path)?.[1]

export type WayOnDependencies = {
  clients: ClientsService
  issuer: () => string
  /** The client of an interaction that this browser has begun. */
  clientBegunWith: (ctx: Context, uid: string) => string | undefined
  findInteraction: (uid: string) => Promise<KnownInteraction | undefined>
}

export type WaysOn = ReturnType<typeof createWaysOn>

export function createWaysOn({ clients, issuer, clientBegunWith, findInteraction }: WayOnDependencies) {
  /** The application that the address was for, also of a sign-in that is over. */
  async function applicationOf(ctx: Context): Promise<Application | undefined> {
    const uid = uidOf(ctx)
    if (uid === undefined) return undefined
    const clientId = clientBegunWith(ctx, uid) ?? (await findInteraction(uid))?.clientId
    return clientId === undefined ? undefined : clients.application(clientId, stateOf(ctx).locale)
  }

  return {
    applicationOf,

    /** An old favourite is of an application nobody remembers; where there is one alone, it was that one. */
    async likelyApplicationOf(ctx: Context): Promise<Application | undefined> {
      const known = await applicationOf(ctx)
      if (known !== undefined) return known
      const [only, another] = await clients.applications(stateOf(ctx).locale)
      return another === undefined ? only : undefined
    },

    isUnderWay: async (uid: string): Promise<boolean> => (await findInteraction(uid))?.isUnderWay === true,

    /** Only an address that the client has registered; undefined when it has none. */
    beginAt({ loginUrl }: Application, loginHint = ''): string | undefined {
      if (loginUrl === undefined) return undefined
      const url = new URL(loginUrl)
      url.searchParams.set('iss', issuer())
      if (loginHint !== '') url.searchParams.set('login_hint', loginHint)
      return url.href
    },
  }
}
