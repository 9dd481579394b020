// What there is at the moment somebody looks: people, waits, mails, keys, connections. Read at most once in
// ten seconds, however many ask.

import { Gauge, type Registry } from 'prom-client'
import type { Stock } from '../../db/repositories/stock.js'
import { PREFIX } from './metrics.js'

const FRESH_MS = 10_000

export type Readings = {
  stock: () => Promise<Stock>
  signingKeys: () => Promise<readonly { algorithm: string; createdAt: number }[]>
  /** Until when the process's own certificate is valid; undefined where a proxy does TLS. */
  certificateUntil: () => number | undefined
  connections: () => { used: number; free: number; waiting: number }
  version: string
  now: () => number
}

type Values = { labels?: Record<string, string>; value: number }[]

export function registerStock(register: Registry, readings: Readings): void {
  const { now, version } = readings
  let last: { at: number; stock: Promise<Stock> } | undefined
  const stock = (): Promise<Stock> => {
    if (last === undefined || Math.abs(now() - last.at) >= FRESH_MS)
      last = { at: now(), stock: readings.stock() }
    return last.stock
  }
  const gauge = (
    name: string,
    help: string,
    read: () => Values | Promise<Values>,
    labelNames: string[] = [],
  ): void =>
    void new Gauge({
      name: `${PREFIX}${name}`,
      help,
      labelNames,
      registers: [register],
      async collect() {
        this.reset()
        if (labelNames.length === 0) this.remove() // or it would say 0 of what nobody could read
        // A database that is away must not take the other figures with it.
        const values = await Promise.resolve()
          .then(read)
          .catch((): Values => [])
        for (const { labels = {}, value } of values) this.set(labels, value)
      },
    })
  const states = (values: Record<string, number>): Values =>
    Object.entries(values).map(([state, value]) => ({ labels: { state }, value }))

  gauge(
    'accounts',
    'Accounts: disabled, active with a device, active without',
    async () => {
      const { disabled, enrolled, notEnrolled } = await stock()
      return states({ 'disabled': disabled, 'enrolled': enrolled, 'not-enrolled': notEnrolled })
    },
    ['state'],
  )
  gauge('waits', 'Accounts and networks that must wait before the next try', async () => [
    { value: (await stock()).waits },
  ])
  gauge('mails_waiting', 'Mails in the outbox', async () => [{ value: (await stock()).mailsWaiting }])
  gauge('oldest_mail_seconds', 'For how long the oldest of them has waited', async () => {
    const { oldestMailAt } = await stock()
    return [{ value: oldestMailAt === null ? 0 : (now() - oldestMailAt) / 1000 }]
  })
  gauge(
    'signing_key_age_seconds',
    'Age of the newest signing key, by algorithm',
    async () => {
      const oldestFirst = (await readings.signingKeys()).toSorted(
        (one, other) => one.createdAt - other.createdAt,
      )
      const newest = new Map(oldestFirst.map(({ algorithm, createdAt }) => [algorithm, createdAt]))
      return [...newest].map(([algorithm, at]) => ({ labels: { algorithm }, value: (now() - at) / 1000 }))
    },
    ['algorithm'],
  )
  gauge('certificate_valid_seconds', 'For how long the own certificate is still valid', () => {
    const until = readings.certificateUntil()
    return until === undefined ? [] : [{ value: (until - now()) / 1000 }]
  })
  gauge(
    'database_connections',
    'Connections to the database, and requests that wait for one',
    () => states(readings.connections()),
    ['state'],
  )
  gauge(
    'build_info',
    'Which program this is',
    () => [{ labels: { version, node: process.version }, value: 1 }],
    ['version', 'node'],
  )
}
