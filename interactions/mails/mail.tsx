// A mail as text and as HTML: one quiet letter, in the reader's own colours. No picture and no style sheet:
// nothing that could report the reading.

import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import type { Locale } from '../../src/i18n.js'
import type { MailContent, MailKind, MailValues } from '../../src/mail/mailbox.js'
import { mailContent, type Exact, type Letter, type Part, type Sender } from './content.js'

export function renderMail(sender: Sender, kind: MailKind, locale: Locale, values: MailValues): MailContent {
  const letter = mailContent(sender, kind, locale, values)
  return {
    subject: letter.subject,
    text: `${letter.organisation}\n\n${letter.parts.map(textOf).join('')}\n`,
    html: `<!doctype html>\n${renderToString(<Mail locale={locale} {...letter} />)}\n`,
  }
}

function textOf(part: Part): string {
  if (typeof part === 'string') return part
  if ('exact' in part) return part.exact
  return part.isWritten === true ? part.href : part.text
}

// Mail programs read styles on the element alone. No colours: theirs are light or dark, as the reader likes.
const LETTER = {
  colorScheme: 'light dark',
  fontFamily: "system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
  fontSize: '16px',
  lineHeight: 1.55,
  maxWidth: '36em',
  margin: '0 auto',
  padding: '24px 20px',
  overflowWrap: 'break-word',
} as const
const HEAD = {
  fontWeight: 600,
  margin: '0 0 24px',
  paddingBottom: '12px',
  borderBottom: '1px solid #8a97a3',
} as const
const UNBROKEN = { whiteSpace: 'nowrap' } as const
const MONOSPACE = { fontFamily: 'ui-monospace, Consolas, Menlo, monospace' } as const
/** What stands on a line of its own is what the mail is about. */
const ALONE = { ...MONOSPACE, ...UNBROKEN, fontSize: '20px', fontWeight: 600, lineHeight: 1.8 } as const
const STEP = /^\d+\. /

function Mail({ locale, subject, organisation, parts }: { locale: Locale } & Letter): VNode {
  return (
    <html lang={locale} style={{ colorScheme: 'light dark' }}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>{subject}</title>
      </head>
      <body style={LETTER}>
        <p style={HEAD}>{organisation}</p>
        {split(parts, '\n\n').map((paragraph) => (
          <Paragraph lines={split(paragraph, '\n').filter((line) => line.length > 0)} />
        ))}
      </body>
    </html>
  )
}

/** Lines that begin with 1., 2., 3. are steps. */
function Paragraph({ lines }: { lines: Part[][] }): VNode {
  const steps = lines.map(stepOf)
  if (steps.every((step) => step !== undefined))
    return (
      <ol style={{ paddingLeft: '1.6em' }}>
        {steps.map((step) => (
          <li style={{ marginBottom: '8px' }}>
            <Line parts={step} />
          </li>
        ))}
      </ol>
    )
  return (
    <p>
      {lines.map((line, index) => (
        <>
          {index > 0 && <br />}
          <Line parts={line} />
        </>
      ))}
    </p>
  )
}

/** The line without its number; undefined when it has none. */
const stepOf = ([first, ...others]: Part[]): Part[] | undefined =>
  typeof first === 'string' && STEP.test(first) ? [first.replace(STEP, ''), ...others] : undefined

function Line({ parts }: { parts: Part[] }): VNode {
  const isAlone = parts.filter((part) => part !== '').length === 1
  return (
    <>
      {parts.map((part) => {
        if (typeof part === 'string') return part
        if ('exact' in part) return <span style={styleOf(part, isAlone)}>{part.exact}</span>
        return (
          <a href={part.href} style={UNBROKEN}>
            {part.text}
          </a>
        )
      })}
    </>
  )
}

function styleOf({ mayBreak }: Exact, isAlone: boolean) {
  if (mayBreak === true) return { overflowWrap: 'anywhere' } as const
  return isAlone ? ALONE : UNBROKEN
}

/** Splits the words where the separator stands; what is no words stays whole. */
function split(parts: Part[], separator: string): Part[][] {
  const groups: Part[][] = [[]]
  for (const part of parts) {
    const [first = '', ...others] = typeof part === 'string' ? part.split(separator) : [part]
    groups.at(-1)?.push(first)
    groups.push(...others.map((words) => [words]))
  }
  return groups
}
