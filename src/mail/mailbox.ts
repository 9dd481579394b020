// Mails to people. They are written into the outbox in the transaction of what they tell of, sealed, and sent
// afterwards: a mail server that is down delays them and stops nobody.

import type { Repositories, Store } from '../../db/store.js'
import { randomId, type KeyRing } from '../key-ring.js'
import { translator, type Locale, type MessageKey, type MessageValues } from '../i18n.js'

export type MailKind =
  | 'account-created'
  | 'password-changed'
  | 'password-reset'
  | 'second-factor-disabled'
  | 'second-factor-enrolled'
  | 'second-factor-reset'

export type MailMessage = { to: string; subject: string; text: string; html: string; locale: Locale }
export type MailTransport = { send(message: MailMessage): Promise<void> }

export type Mailbox = ReturnType<typeof createMailbox>

type Organisation = {
  organisationName: string
  supportPhones: readonly { label: string; number: string }[]
  defaultLocale: Locale
}

export function createMailbox({
  ring,
  now,
  organisation,
}: {
  ring: KeyRing
  now: () => number
  organisation: Organisation
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
      values: (locale: Locale) => MessageValues | Promise<MessageValues> = () => ({}),
    ): Promise<void> {
      const locale: Locale =
        to.locale === 'en' || to.locale === 'fr-CA' ? to.locale : organisation.defaultLocale
      const message = compose(
        kind,
        locale,
        { ...(await values(locale)), name: to.name, cip: to.cip },
        organisation,
      )
      const id = randomId()
      const sealedMessage = ring.seal(
        'outbox',
        id,
        JSON.stringify({ ...message, to: to.email, locale } satisfies MailMessage),
      )
      const at = now()
      await tx.outbox.insert({
        id,
        kind,
        sealedMessage,
        tries: 0,
        createdAt: at,
        nextTryAt: at,
        sentAt: null,
        abandonedAt: null,
      })
    },
  }
}

function compose(
  kind: MailKind,
  locale: Locale,
  values: MessageValues,
  organisation: Organisation,
): Omit<MailMessage, 'to' | 'locale'> {
  const t = translator(locale)
  const all = { ...values, organisation: organisation.organisationName }
  const subjectKey: MessageKey = `mail.${kind}.subject`
  const bodyKey: MessageKey = `mail.${kind}.body`
  const phones = organisation.supportPhones.map(
    ({ label, number }) => `${label}${locale === 'en' ? ': ' : '\u00a0: '}${number}`,
  )
  const paragraphs = [
    t('mail.greeting', all),
    ...t(bodyKey, all).split('\n\n'),
    [t('support.title'), ...phones].join('\n'),
    organisation.organisationName,
  ]
  // A name that somebody gave to a phone must not become a link in a mail of ours.
  const ours = new Set(escapeHtml(t(bodyKey, { ...all, device: '' })).match(ADDRESS))
  return {
    subject: t(subjectKey, all),
    text: `${paragraphs.join('\n\n')}\n`,
    html: toHtml(paragraphs, locale, t(subjectKey, all), ours),
  }
}

const ADDRESS = /https?:\/\/[^\s<]+[^\s<.,;:)»]/g

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '')
}

/**
 * Plain paragraphs; addresses of ours become links. No picture and no style sheet: nothing that could report
 * the reading.
 */
function toHtml(
  paragraphs: readonly string[],
  locale: Locale,
  title: string,
  ours: ReadonlySet<string>,
): string {
  const body = paragraphs
    .map((paragraph) =>
      escapeHtml(paragraph)
        .replace(ADDRESS, (address) => (ours.has(address) ? `<a href="${address}">${address}</a>` : address))
        .replaceAll('\n', '<br>'),
    )
    .map((paragraph) => `<p>${paragraph}</p>`)
    .join('\n')
  return `<!doctype html>\n<html lang="${locale}"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title></head>\n<body style="font-family:sans-serif;line-height:1.5;max-width:36em">\n${body}\n</body></html>\n`
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
