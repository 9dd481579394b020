// What an operator watches. One registry an application, so that two in one process (tests) don't mix.

import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client'

export type Metrics = ReturnType<typeof createMetrics>

export function createMetrics() {
  const register = new Registry()
  const registers = [register]
  collectDefaultMetrics({ register })
  return {
    render: (): Promise<string> => register.metrics(),
    passwords: new Counter({
      name: 'passwords_total',
      help: 'Passwords submitted, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    oneTimeCodes: new Counter({
      name: 'one_time_codes_total',
      help: 'One-time codes submitted, by outcome',
      labelNames: ['outcome'],
      registers,
    }),
    alteredAccounts: new Counter({
      name: 'altered_accounts_total',
      help: 'Accounts found changed past this program, each time one was looked at',
      labelNames: ['why'],
      registers,
    }),
    signIns: new Counter({ name: 'sign_ins_total', help: 'Complete sign-ins', registers }),
    refusedRequests: new Counter({
      name: 'refused_requests_total',
      help: 'Requests of applications refused, by registered client and error',
      labelNames: ['client', 'error'],
      registers,
    }),
    mailsSent: new Counter({ name: 'mails_sent_total', help: 'Mails handed to the mail server', registers }),
    mailFailures: new Counter({
      name: 'mail_failures_total',
      help: 'Mails the mail server did not take',
      registers,
    }),
    mailsWaiting: new Gauge({ name: 'mails_waiting', help: 'Mails in the outbox', registers }),
  }
}
