// Which answers of a mail server mean that this mail will never arrive. Pure.

/** What nodemailer tells of a failure. */
type SmtpFailure = { command?: unknown; responseCode?: unknown; response?: unknown }

/** RFC 3463: reply code, and the enhanced one where the server has it. The rest may name people. */
const CODES = /^(\d{3})(?:[ -](\d\.\d{1,3}\.\d{1,3}))?/
/** RFC 3463 §3.8: a rule of the server (relaying, a block list), which its administrator can change. */
const POLICY = /^5\.7\./

/**
 * The codes of a refusal for good (RFC 5321 §4.2.1: 5yz) of the recipient; undefined for all else, which is
 * tried again. What is refused before the recipient is said, or for a rule, is a fault of settings: it would
 * otherwise throw away everybody's mail.
 */
export function refusalForGood(error: unknown): string | undefined {
  const { command, responseCode, response } = error as SmtpFailure
  if (command !== 'RCPT TO' || typeof responseCode !== 'number' || responseCode < 500) return undefined
  const [, code = String(responseCode), enhanced] = CODES.exec(String(response)) ?? []
  if (enhanced !== undefined && POLICY.test(enhanced)) return undefined
  return enhanced === undefined ? code : `${code} ${enhanced}`
}
