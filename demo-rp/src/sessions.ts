// Who is signed in, in memory: a restart signs everybody out, which suits a demonstration. The identifier is
// random and new at each sign-in; the provider's sid and sub are kept so that it can end a session from its
// side.

import { randomBytes } from 'node:crypto'
import type { IDToken, UserInfoResponse } from 'openid-client'
import type { LogoutSubject } from './oidc/logout-tokens.js'

const IDLE_MS = 30 * 60_000
const CONFIRMATION_MS = 5 * 60_000
const NEWS_MS = 60_000
const MOST_REMEMBERED = 10_000

export interface Identity {
  idToken: string
  claims: IDToken
  userInfo: UserInfoResponse
  /** true when this sign-in was a step-up, and the provider did what it was asked */
  isConfirmed: boolean
}

/** What a step-up has earned: one delicate operation, within a few minutes. */
export interface Confirmation {
  /** random; the form of the operation carries it, so no other page can send that form */
  id: string
  expiresAt: number
}

export interface Session extends Identity {
  id: string
  lastSeenAt: number
  confirmation: Confirmation | undefined
  /** of somebody who had never been here: until then a page may say that they now have access */
  newUntil: number | undefined
}

export interface Sessions {
  create: (identity: Identity) => Session
  find: (id: string | undefined) => Session | undefined
  /** A first access, a moment ago. To whoever has been forgotten by a restart it is said once more. */
  isNew: (session: Session) => boolean
  /** The session's confirmation, as long as it is worth something. */
  confirmationOf: (session: Session) => Confirmation | undefined
  /** It has been used. */
  spendConfirmation: (session: Session) => void
  end: (id: string | undefined) => void
  endBySubject: (subject: LogoutSubject) => void
}

export function createSessions(now: () => number): Sessions {
  const sessions = new Map<string, Session>()
  const met = new Set<string>() // by `sub`
  const isIdle = (session: Session) => now() - session.lastSeenAt >= IDLE_MS

  return {
    create(identity) {
      for (const session of sessions.values()) if (isIdle(session)) sessions.delete(session.id)
      const confirmation = identity.isConfirmed
        ? { id: randomId(), expiresAt: now() + CONFIRMATION_MS }
        : undefined
      const newUntil = met.has(identity.claims.sub) ? undefined : now() + NEWS_MS
      if (met.size < MOST_REMEMBERED) met.add(identity.claims.sub)
      const session = { ...identity, id: randomId(), lastSeenAt: now(), confirmation, newUntil }
      sessions.set(session.id, session)
      return session
    },
    find(id) {
      const session = sessions.get(id ?? '')
      if (session === undefined || isIdle(session)) return undefined
      session.lastSeenAt = now()
      return session
    },
    isNew: ({ newUntil = 0 }) => now() < newUntil,
    confirmationOf({ confirmation }) {
      return confirmation && now() < confirmation.expiresAt ? confirmation : undefined
    },
    spendConfirmation(session) {
      session.confirmation = undefined
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

function randomId(): string {
  return randomBytes(32).toString('base64url')
}
