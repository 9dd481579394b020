// What waits in a table to be sent, one row an item. `nextTryAt` is the time of the next try and, while
// somebody tries, the end of its claim. Every change but `finish` names the row as it was seen, and changes
// nothing when another process has moved it since.

import type { Knex } from 'knex'

export type QueuedRow = {
  id: string
  /** Tries so far, the one under way included. */
  tries: number
  createdAt: number
  nextTryAt: number
}

/** A row as somebody has seen it, or claimed it. */
export type SeenRow = Pick<QueuedRow, 'id' | 'nextTryAt'>

export type Queue<Row extends QueuedRow> = {
  /** What may be tried, the longest due first. */
  listDue(now: number, limit: number): Promise<Row[]>
  /** True for the one caller that may try it until `claimedUntil`; it is then seen with that time. */
  claim(seen: SeenRow, claimedUntil: number): Promise<boolean>
  postpone(seen: SeenRow, nextTryAt: number): Promise<void>
  /** `why`: what is written down of it, where the table keeps that. */
  abandon(seen: SeenRow, at: number, why?: string): Promise<void>
  /** Whoever has claimed it meanwhile: what was sent is not sent again. */
  finish(id: string, at: number): Promise<void>
}

/** What a row becomes at its end; undefined: it goes. */
type Ends<Row> = {
  finished: (at: number) => Partial<Row>
  abandoned: (at: number, why: string | null) => Partial<Row>
}

/** `waiting`: how a row looks that has not come to its end; `first`: columns that decide who comes first. */
export function queueOver<Row extends QueuedRow>(
  db: Knex,
  table: string,
  { waiting = {}, first = [], ends }: { waiting?: Partial<Row>; first?: string[]; ends?: Ends<Row> } = {},
): Queue<Row> {
  const rows = () => db(table).where(waiting)
  const seenSo = ({ id, nextTryAt }: SeenRow) => rows().where({ id, nextTryAt })
  const end = async (query: Knex.QueryBuilder, row: Partial<Row> | undefined): Promise<void> => {
    await (row === undefined ? query.delete() : query.update(row))
  }
  return {
    listDue: (now, limit) =>
      rows()
        .where('nextTryAt', '<=', now)
        .orderBy([...first, 'nextTryAt'])
        .limit(limit) as Promise<Row[]>,

    async claim(seen, claimedUntil) {
      const changed = await seenSo(seen).update({ nextTryAt: claimedUntil, tries: db.raw('tries + 1') })
      return changed === 1
    },

    async postpone(seen, nextTryAt) {
      await seenSo(seen).update({ nextTryAt })
    },

    abandon: (seen, at, why) => end(seenSo(seen), ends?.abandoned(at, why ?? null)),

    finish: (id, at) => end(rows().where({ id }), ends?.finished(at)),
  }
}
