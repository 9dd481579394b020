// Which answers of a mail server mean that this mail will never arrive. Pure.

/** What nodemailer tells of a failure. */
type SmtpFailure = { command?: unknown; responseCode?: unknown; response?: unknown }

/** RFC 3463: reply code and enhanced code. The rest may name people. */
const CODES = /^(\d{3})[ -](\d\.\d{1,3}\.\d{1,3})/
/** RFC 3463 §3.2, §3.3: the address, or its mailbox. All else may be a rule, which an administrator can change. */
const OF_THE_RECIPIENT = /^5\.[12]\./

/**
 * The codes of a refusal for good (RFC 5321 §4.2.1: 5yz) of the recipient; undefined for all else, which is
 * tried again. What is refused before the recipient is said, for a rule, or without an enhanced code may be a
 * fault of settings: it would otherwise throw away everybody's mail.
 */
export function refusalForGood(error: unknown): string | undefined {
  const { command, responseCode, response } = error as SmtpFailure
  if (command !== 'RCPT TO' || typeof responseCode !== 'number' || responseCode < 500) return undefined
  const [, code = '', enhanced = ''] = CODES.exec(String(response)) ?? []
  return OF_THE_RECIPIENT.test(enhanced) ? `${code} ${enhanced}` : undefined
}
