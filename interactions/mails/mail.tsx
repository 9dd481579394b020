// A mail as text and as HTML. No picture and no style sheet: nothing that could report the reading.

import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { Locale } from '../../src/i18n.js'
import type { MailContent, MailKind, MailValues } from '../../src/mail/mailbox.js'
import { mailContent, type Organisation, type Part } from './content.js'

export function renderMail(
  organisation: Organisation,
  kind: MailKind,
  locale: Locale,
  values: MailValues,
): MailContent {
  const { subject, parts } = mailContent(organisation, kind, locale, values)
  return {
    subject,
    text: `${parts.map((part) => (typeof part === 'string' ? part : part.href)).join('')}\n`,
    html: `<!doctype html>\n${renderToString(<Mail {...{ locale, subject, parts }} />)}\n`,
  }
}

function Mail({ locale, subject, parts }: { locale: Locale; subject: string; parts: Part[] }): VNode {
  return (
    <html lang={locale}>
      <head>
        <meta charset="utf-8" />
        <title>{subject}</title>
      </head>
      <body style={{ fontFamily: 'sans-serif', lineHeight: 1.5, maxWidth: '36em' }}>
        {split(parts, '\n\n').map((paragraph) => (
          <p>
            {split(paragraph, '\n').map((line, index) => (
              <>
                {index > 0 && <br />}
                {line.map((part) => (typeof part === 'string' ? part : <a href={part.href}>{part.href}</a>))}
              </>
            ))}
          </p>
        ))}
      </body>
    </html>
  )
}

/** Splits the words where the separator stands; a link stays whole. */
function split(parts: Part[], separator: string): Part[][] {
  const groups: Part[][] = [[]]
  for (const part of parts) {
    const [first = '', ...others] = typeof part === 'string' ? part.split(separator) : [part]
    groups.at(-1)?.push(first)
    groups.push(...others.map((words) => [words]))
  }
  return groups
}
