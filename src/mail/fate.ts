// What has become of a mail, for whoever is asked about it. Pure.

import type { StoredMail } from '../../db/repositories/outbox.js'

export type MailFate = {
  id: string
  kind: string
  createdAt: number
  state: 'waiting' | 'sent' | 'refused' | 'given-up'
  /** Of the sending or the end; of a mail that waits, of its next try. */
  at: number
  tries: number
  /** The mail server's codes, such as `550 5.1.1`. */
  refusal: string | null
}

export function fateOf(mail: StoredMail): MailFate {
  const { id, kind, createdAt, sentAt, abandonedAt, nextTryAt, tries, refusal } = mail
  const known = { id, kind, createdAt, tries, refusal }
  if (sentAt !== null) return { ...known, state: 'sent', at: sentAt }
  if (abandonedAt === null) return { ...known, state: 'waiting', at: nextTryAt }
  return { ...known, state: refusal === null ? 'given-up' : 'refused', at: abandonedAt }
}
