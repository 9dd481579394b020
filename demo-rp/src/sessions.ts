// Who is signed in, in memory: a restart signs everybody out, which suits a demonstration. The identifier is
// random and new at each sign-in; the provider's sid and sub are kept so that it can end a session from its
// side.

import { randomBytes } from 'node:crypto'
import type { IDToken, UserInfoResponse } from 'openid-client'
import type { LogoutSubject } from './oidc/logout-tokens.js'

const IDLE_MS = 30 * 60_000

export interface Identity {
  idToken: string
  claims: IDToken
  userInfo: UserInfoResponse
  /** true when this sign-in was a step-up, and the provider did what it was asked */
  isConfirmed: boolean
}

export interface Session extends Identity {
  id: string
  lastSeenAt: number
}

export interface Sessions {
  create: (identity: Identity) => Session
  find: (id: string | undefined) => Session | undefined
  end: (id: string | undefined) => void
  endBySubject: (subject: LogoutSubject) => void
}

export function createSessions(now: () => number): Sessions {
  const sessions = new Map<string, Session>()
  const isIdle = (session: Session) => now() - session.lastSeenAt >= IDLE_MS

  return {
    create(identity) {
      for (const session of sessions.values()) if (isIdle(session)) sessions.delete(session.id)
      const session = { ...identity, id: randomBytes(32).toString('base64url'), lastSeenAt: now() }
      sessions.set(session.id, session)
      return session
    },
    find(id) {
      const session = sessions.get(id ?? '')
      if (session === undefined || isIdle(session)) return undefined
      session.lastSeenAt = now()
      return session
    },
    end(id) {
      sessions.delete(id ?? '')
    },
    endBySubject({ sid, sub }) {
      for (const session of sessions.values()) {
        const isMeant = sid === undefined ? session.claims.sub === sub : session.claims.sid === sid
        if (isMeant) sessions.delete(session.id)
      }
    },
  }
}
