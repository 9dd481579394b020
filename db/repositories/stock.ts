// How much there is of what an operator watches: counts over whole tables, read a few times a minute.

import type { Knex } from 'knex'

export type Stock = {
  disabled: number
  /** Active, with a device that confirms sign-ins. */
  enrolled: number
  notEnrolled: number
  /** Keys of limits that are blocked. */
  waits: number
  mailsWaiting: number
  oldestMailAt: number | null
}

export type StockRepository = ReturnType<typeof createStockRepository>

export function createStockRepository(db: Knex) {
  const count = async (rows: Knex.QueryBuilder): Promise<number> => {
    const [row] = await rows.count<{ count: number }[]>({ count: '*' })
    return Number(row?.count ?? 0)
  }
  return {
    async read(now: number): Promise<Stock> {
      const active = () => db('accounts').whereNull('disabledAt')
      const devices = db('second_factors').whereNull('removedAt').whereNull('disabledAt').select('accountId')
      const [enrolled, allActive] = [await count(active().whereIn('id', devices)), await count(active())]
      const waiting = () => db('outbox').where({ sentAt: null, abandonedAt: null })
      const [oldest] = await waiting().min<{ at: number | null }[]>({ at: 'createdAt' })
      return {
        disabled: await count(db('accounts').whereNotNull('disabledAt')),
        enrolled,
        notEnrolled: allActive - enrolled,
        waits: await count(db('attempts').where('blockedUntil', '>', now)),
        mailsWaiting: await count(waiting()),
        oldestMailAt: oldest?.at ?? null,
      }
    },
  }
}
