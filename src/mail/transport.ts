// The two ways a mail leaves: by SMTP, or into a list that the demonstration shows.

import nodemailer from 'nodemailer'
import type { MailMessage, MailTransport } from './mailbox.js'

export function createSmtpTransport(smtpUrl: string, from: string): MailTransport {
  const smtp = nodemailer.createTransport({
    url: smtpUrl,
    connectionTimeout: 10_000,
    greetingTimeout: 10_000,
    socketTimeout: 20_000,
  })
  return {
    async send({ to, subject, text, html, locale }) {
      // The address as an object: nodemailer then never parses it as a list, and no line break can add a
      // header.
      await smtp.sendMail({
        from,
        to: { name: '', address: to },
        subject,
        text,
        html,
        headers: { 'Content-Language': locale, 'Auto-Submitted': 'auto-generated' },
      })
    },
  }
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

export type CapturedMail = MailMessage & { at: number }

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
