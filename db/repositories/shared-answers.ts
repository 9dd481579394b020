// Who is at work on a post that came several times, and the answer once it is there. Rows live for seconds.

import type { Knex } from 'knex'
import { deleteSome } from '../delete-some.js'

export type StoredSharedAnswer = {
  postHash: string
  answeredBy: string
  sealedAnswer: string | null
  expiresAt: number
}

export type SharedAnswersRepository = ReturnType<typeof createSharedAnswersRepository>

export function createSharedAnswersRepository(db: Knex) {
  const answers = () => db<StoredSharedAnswer>('shared_answers')
  return {
    /** True for the one who is to do the work: nobody has begun, or whoever has is overdue. */
    async claim(postHash: string, answeredBy: string, now: number, expiresAt: number): Promise<boolean> {
      const claimed = await answers()
        .insert({ postHash, answeredBy, sealedAnswer: null, expiresAt })
        .onConflict('postHash')
        .merge({ answeredBy, sealedAnswer: null, expiresAt })
        .where('shared_answers.expiresAt', '<=', now)
        .returning('postHash')
      return claimed.length === 1
    },

    find: (postHash: string): Promise<StoredSharedAnswer | undefined> =>
      answers().where({ postHash }).first(),

    async answer(
      postHash: string,
      answeredBy: string,
      sealedAnswer: string,
      expiresAt: number,
    ): Promise<void> {
      await answers().where({ postHash, answeredBy }).update({ sealedAnswer, expiresAt })
    },

    deleteExpired: (now: number, limit: number): Promise<number> =>
      deleteSome(db, () => answers().where('expiresAt', '<=', now), ['postHash'], limit),
  }
}
