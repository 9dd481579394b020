// A mail server on a socket, which takes what a test lets it take and remembers who came how often.

import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export type Answer = { responseCode: number; message: string } | undefined

export async function startMailServer() {
  const recipients: string[] = []
  let answer: { at: 'MAIL FROM' | 'RCPT TO'; to?: string; what: Answer } | undefined
  let connections = 0
  let delivering = 0
  let held: (() => void)[] | undefined

  const refusal = (at: 'MAIL FROM' | 'RCPT TO', address: string): Error | null => {
    const refused = answer?.at === at && (answer.to === undefined || answer.to === address)
    if (!refused || answer?.what === undefined) return null
    const { responseCode, message } = answer.what
    return Object.assign(new Error(message), { responseCode })
  }
  const server = new SMTPServer({
    authOptional: true,
    disableReverseLookup: true,
    disabledCommands: ['STARTTLS'],
    onConnect(_session, done) {
      connections += 1
      done()
    },
    onMailFrom: ({ address }, _session, done) => done(refusal('MAIL FROM', address)),
    onRcptTo: ({ address }, _session, done) => done(refusal('RCPT TO', address)),
    onData(stream, session, done) {
      delivering += 1
      const take = () => {
        delivering -= 1
        recipients.push(...session.envelope.rcptTo.map(({ address }) => address))
        done()
      }
      stream.resume().on('end', () => {
        if (held === undefined) take()
        else held.push(take)
      })
    },
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`,
    /** In the order in which it took their mails. */
    recipients,
    connections: () => connections,
    delivering: () => delivering,
    /** To `to` alone, or to everybody; undefined: all is taken again. */
    refuse(at: 'MAIL FROM' | 'RCPT TO', what: Answer, to?: string): void {
      answer = { at, what, ...(to !== undefined && { to }) }
    },
    /** From now on it thinks about each mail until it is let go. */
    hold(): void {
      held ??= []
    },
    letGo(): void {
      held?.forEach((take) => take())
      held = undefined
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
