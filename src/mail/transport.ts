// The two ways a mail leaves: by SMTP, or into a list that the demonstration shows.

import { domainToASCII } from 'node:url'
import nodemailer from 'nodemailer'
import addressparser from 'nodemailer/lib/addressparser'
import { MAIL_CONNECTIONS, type MailTransport } from './mailbox.js'

type SmtpSettings = { smtpUrl: string; mailFrom: string; issuerUrl: string }

export function createSmtpTransport({ smtpUrl, mailFrom, issuerUrl }: SmtpSettings): MailTransport {
  const smtp = nodemailer.createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: MAIL_CONNECTIONS,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
  })
  const host = senderHost(mailFrom) || new URL(issuerUrl).hostname
  return {
    async send({ id, to, subject, text, html, locale }, cutOff) {
      await smtp.sendMail({
        from: mailFrom,
        // As an object: nodemailer then never parses it as a list, and no line break can add a header.
        to: { name: '', address: to },
        subject,
        text,
        html,
        // A mail that is sent twice is one mail to whoever receives it (RFC 5322 §3.6.4).
        messageId: `<${id}@${host}>`,
        headers: { 'Content-Language': locale, 'Auto-Submitted': 'auto-generated' },
        signal: cutOff,
      })
    },
    close: () => smtp.close(),
  }
}

/** The domain in «Name <address@domain>»; empty when there is none. */
function senderHost(mailFrom: string): string {
  const [sender] = addressparser(mailFrom, { flatten: true })
  return domainToASCII(sender?.address.split('@')[1] ?? '')
}

/**
 * Connects, greets, signs in where the address says so, and sends nothing. Throws when that takes longer than
 * the limit, or fails.
 */
export async function verifySmtp(smtpUrl: string, limitMs: number): Promise<void> {
  const limits = {
    connectionTimeout: limitMs,
    greetingTimeout: limitMs,
    socketTimeout: limitMs,
    dnsTimeout: limitMs,
  }
  const tooLate = AbortSignal.timeout(limitMs)
  await Promise.race([
    nodemailer.createTransport({ url: smtpUrl, ...limits }).verify(),
    new Promise((_resolve, reject) =>
      tooLate.addEventListener('abort', () => reject(new Error(`no answer within ${limitMs} ms`))),
    ),
  ])
}

export type CapturedMail = Parameters<MailTransport['send']>[0] & { at: number }

/** Keeps the last hundred mails in memory; for the demonstration and tests only. */
export function createCapture(
  now: () => number,
  mails: CapturedMail[] = [],
): MailTransport & { mails: CapturedMail[] } {
  return {
    mails,
    async send(message) {
      mails.unshift({ ...message, at: now() })
      mails.length = Math.min(mails.length, 100)
    },
  }
}
