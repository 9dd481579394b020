// The mails that wait for somebody, read where they wait.

import type { Knex } from 'knex'
import type { KeyRing } from '../../src/key-ring.js'
import type { MailMessage } from '../../src/mail/mailbox.js'

/** Those that name the CIP, the oldest first. */
export async function mailsAbout(
  cip: string,
  { db, ring }: { db: Knex; ring: KeyRing },
): Promise<MailMessage[]> {
  const rows = (await db('outbox').whereNotNull('sealedMessage').orderBy('createdAt')) as {
    id: string
    sealedMessage: string
  }[]
  return rows
    .map(
      ({ id, sealedMessage }) => JSON.parse(ring.open('outbox', id, sealedMessage).toString()) as MailMessage,
    )
    .filter(({ text }) => text.includes(cip))
}
