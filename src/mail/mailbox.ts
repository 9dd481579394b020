// Mails to people. They are written into the outbox in the transaction of what they tell of, sealed, and sent
// afterwards: a mail server that is down delays them and stops nobody. How they look is `render`'s.

import type { Repositories, Store } from '../../db/store.js'
import type { Locale } from '../i18n.js'
import { randomId, type KeyRing } from '../key-ring.js'

export type MailKind =
  | 'account-created'
  | 'password-changed'
  | 'password-reset'
  | 'second-factor-disabled'
  | 'second-factor-enrolled'
  | 'second-factor-reset'

/** An application a mail leads to. */
export type MailedApplication = { name: string; url: string }

/** What a mail tells of: text, which is never a link, and applications, whose addresses are. */
export type MailValues = Record<string, string | number | readonly MailedApplication[]>

export type MailContent = { subject: string; text: string; html: string }
export type RenderMail = (kind: MailKind, locale: Locale, values: MailValues) => Promise<MailContent>

export type MailMessage = MailContent & { to: string; locale: Locale }

export type MailTransport = { send(message: MailMessage): Promise<void> }

export type Mailbox = ReturnType<typeof createMailbox>

export function createMailbox({
  ring,
  now,
  defaultLocale,
  render,
}: {
  ring: KeyRing
  now: () => number
  defaultLocale: Locale
  render: RenderMail
}) {
  return {
    /**
     * Writes one mail into the outbox, in the person's language. `values` depends on the language where it
     * holds a date.
     */
    async post(
      tx: Repositories,
      kind: MailKind,
      to: { name: string; email: string; cip: string; locale: string | null },
      values: (locale: Locale) => MailValues | Promise<MailValues> = () => ({}),
    ): Promise<void> {
      const locale: Locale = to.locale === 'en' || to.locale === 'fr-CA' ? to.locale : defaultLocale
      const content = await render(kind, locale, { ...(await values(locale)), name: to.name, cip: to.cip })
      const message: MailMessage = { ...content, to: to.email, locale }
      const id = randomId()
      const at = now()
      await tx.outbox.insert({
        id,
        kind,
        sealedMessage: ring.seal('outbox', id, JSON.stringify(message)),
        tries: 0,
        createdAt: at,
        nextTryAt: at,
        sentAt: null,
        abandonedAt: null,
      })
    },
  }
}

const BATCH = 20
const CLAIM_MS = 2 * 60_000
const FIRST_WAIT_MS = 30_000
const LONGEST_WAIT_MS = 60 * 60_000
const GIVE_UP_MS = 5 * 24 * 60 * 60_000

type Delivery = {
  store: Store
  ring: KeyRing
  transport: MailTransport
  now: () => number
  onFailure: (error: unknown, mailId: string) => void
}

/**
 * Sends what is due; returns how many went out. A failure moves the next try: 30 s, 1 min, 2 min … 1 h; after
 * five days the mail is given up.
 */
export async function deliverDueMail({ store, ring, transport, now, onFailure }: Delivery): Promise<number> {
  let sent = 0
  for (const mail of await store.outbox.listDue(now(), BATCH)) {
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(mail.tries, 20))
    if (mail.sealedMessage === null || !(await store.outbox.claim(mail.id, mail.nextTryAt, now() + CLAIM_MS)))
      continue
    try {
      await transport.send(
        JSON.parse(ring.open('outbox', mail.id, mail.sealedMessage).toString()) as MailMessage,
      )
      await store.outbox.markSent(mail.id, now())
      sent += 1
    } catch (error) {
      onFailure(error, mail.id)
      if (now() - mail.createdAt > GIVE_UP_MS) await store.outbox.abandon(mail.id, now())
      else await store.outbox.postpone(mail.id, now() + wait)
    }
  }
  return sent
}
