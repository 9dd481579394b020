// Mails to people. They are written into the outbox in the transaction of what they tell of, sealed, and sent
// afterwards: a mail server that is down delays them and stops nobody. How they look is `render`'s.

import type { Repositories, Store } from '../../db/store.js'
import type { StoredMail } from '../../db/repositories/outbox.js'
import type { Locale } from '../i18n.js'
import { randomId, type KeyRing } from '../key-ring.js'
import { deliverDue, type Delivery, type QueuePolicy } from '../queue.js'
import { refusalForGood } from './refusal.js'

export type MailKind =
  | 'account-created'
  | 'email-changed'
  | 'password-changed'
  | 'password-guessed'
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

/** `accountId`: whose it is; mails of before this was sealed with them have none. */
export type MailMessage = MailContent & { to: string; locale: Locale; accountId?: string }

type MailedPerson = { id: string; email: string }

/** Somebody may be waiting for it at the telephone: it never waits behind an import of thousands. */
const URGENT = 0
const IN_ITS_TURN = 1
const rankOf = (kind: MailKind): number => (kind === 'account-created' ? IN_ITS_TURN : URGENT)

export type MailTransport = {
  /** `id` stays the same when a mail is sent again; `cutOff` ends a try that takes too long. */
  send(message: MailMessage & { id: string }, cutOff: AbortSignal): Promise<void>
  /** Lets go of its connections. */
  close?(): void
}

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
      to: { id: string; name: string; email: string; cip: string; locale: string | null },
      values: (locale: Locale) => MailValues | Promise<MailValues> = () => ({}),
    ): Promise<void> {
      const locale: Locale = to.locale === 'en' || to.locale === 'fr-CA' ? to.locale : defaultLocale
      const content = await render(kind, locale, { ...(await values(locale)), name: to.name, cip: to.cip })
      const message: MailMessage = { ...content, to: to.email, locale, accountId: to.id }
      const id = randomId()
      const at = now()
      await tx.outbox.insert({
        id,
        kind,
        rank: rankOf(kind),
        accountId: to.id,
        sealedMessage: ring.seal('outbox', id, JSON.stringify(message)),
        tries: 0,
        createdAt: at,
        nextTryAt: at,
        sentAt: null,
        abandonedAt: null,
        refusal: null,
      })
    },

    /**
     * The same mail to another address, sealed again; undefined when it is not this person's: the row that
     * says whose it is is not sealed. A mail that warns of a change of address stays with the old one.
     */
    readdress({ id, kind, sealedMessage }: StoredMail, { id: of, email }: MailedPerson): string | undefined {
      const message = openMessage(ring, id, sealedMessage ?? '')
      if (message.accountId !== of) return undefined
      const to = kind === 'email-changed' ? message.to : email
      return ring.seal('outbox', id, JSON.stringify({ ...message, to }))
    },
  }
}

const openMessage = (ring: KeyRing, id: string, sealedMessage: string): MailMessage =>
  JSON.parse(ring.open('outbox', id, sealedMessage).toString()) as MailMessage

/** The connections to the mail server: where it takes 100 ms for a mail, they carry a hundred a second. */
export const MAIL_CONNECTIONS = 10

/** A failure moves the next try: 30 s, 1 min, 2 min … 1 h; after five days the mail is given up. */
const POLICY: QueuePolicy = {
  firstWaitMs: 30_000,
  factor: 2,
  longestWaitMs: 60 * 60_000,
  giveUpAfterMs: 5 * 24 * 3_600_000,
  claimMs: 2 * 60_000,
  batch: 100,
  atOnce: MAIL_CONNECTIONS,
}

/** So long a mail that was given up can be sent after all (`outbox resend`): what it says is still true. */
export const ABANDONED_TEXT_KEPT_MS = 72 * 3_600_000

/** The row of a mail that went out, or never did, is kept this long: support is asked about it. */
export const MAIL_KEPT_MS = 30 * 24 * 3_600_000

type MailDelivery = Omit<Delivery<StoredMail>, 'deliver'> & {
  store: Store
  ring: KeyRing
  transport: MailTransport
}

/** Sends what is due; returns how many mails went out. */
export function deliverDueMail({ store, ring, transport, ...delivery }: MailDelivery): Promise<number> {
  return deliverDue(store.outbox, POLICY, {
    ...delivery,
    hopeless: refusalForGood,
    async deliver({ id, sealedMessage }, cutOff) {
      const message = openMessage(ring, id, sealedMessage ?? '')
      await transport.send({ ...message, id }, cutOff)
    },
  })
}
