// What an operator watches: what happens is counted here, what there is stands in stock.ts. One registry an
// application, so that two in one process (tests) don't mix.

import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client'
import { routeOf } from './route.js'

export type Metrics = ReturnType<typeof createMetrics>

/** Of everything that is ours, so that no other program's figures have its name. */
export const PREFIX = 'laissez_passer_'

/** From a token out of the cache to a password that has stood in line. */
const BUCKETS_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

export function createMetrics() {
  const register = new Registry()
  collectDefaultMetrics({ register })
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []) =>
    new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers: [register] })
  const requests = new Histogram({
    name: `${PREFIX}http_request_seconds`,
    help: 'Requests by route, method and status, and how long they took',
    labelNames: ['route', 'method', 'status'],
    buckets: BUCKETS_SECONDS,
    registers: [register],
  })
  return {
    register,
    render: (): Promise<string> => register.metrics(),
    observeRequest: (
      { path, method, status }: { path: string; method: string; status: number },
      seconds: number,
    ) =>
      requests.observe(
        { route: routeOf(path), method: /^(GET|POST|HEAD)$/.test(method) ? method : 'other', status },
        seconds,
      ),
    passwords: counter('passwords_total', 'Passwords submitted, by outcome', ['outcome']),
    oneTimeCodes: counter('one_time_codes_total', 'One-time codes submitted, by outcome', ['outcome']),
    alteredAccounts: counter(
      'altered_accounts_total',
      'Accounts found changed past this program, each time one was looked at',
      ['why'],
    ),
    signIns: counter('sign_ins_total', 'Complete sign-ins'),
    refusedRequests: counter(
      'refused_requests_total',
      'Requests of applications refused, by registered client and error',
      ['client', 'error'],
    ),
    mailsSent: counter('mails_sent_total', 'Mails handed to the mail server'),
    mailFailures: counter('mail_failures_total', 'Mails the mail server did not take'),
  }
}
