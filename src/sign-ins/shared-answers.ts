// Six impatient presses on one button are one wish. Whoever comes first with a post does the work, on
// whatever instance; the others wait for that answer and give the same. What was typed is kept nowhere: a
// keyed hash of the page and its fields tells that two posts are the same.

import { setTimeout as pause } from 'node:timers/promises'
import type { Store } from '../../db/store.js'
import { AppError } from '../errors.js'
import { randomId, type KeyRing } from '../key-ring.js'

/** How long an answer is shared, from when it was given. */
const SHARED_MS = 10_000
/** Whoever has not answered by then has died; another one does the work. */
const OVERDUE_MS = 10_000
const LOOK_EVERY_MS = 100
const FAILED = ''

export type SharedAnswersService = ReturnType<typeof createSharedAnswers>

type Dependencies = { store: Store; ring: KeyRing; now: () => number }

export function createSharedAnswers({ store: { sharedAnswers }, ring, now }: Dependencies) {
  async function doOnce(
    postHash: string,
    answeredBy: string,
    work: () => Promise<string>,
  ): Promise<undefined> {
    const keep = (answer: string, forMs: number) =>
      sharedAnswers.answer(postHash, answeredBy, ring.seal('shared-answer', postHash, answer), now() + forMs)
    let answer
    try {
      answer = await work()
    } catch (error) {
      // Told to those who wait, and to nobody who comes later: the next press may fare better. Where this
      // fails too, the row is soon overdue.
      await keep(FAILED, 0).catch(() => {})
      throw error
    }
    await keep(answer, SHARED_MS)
  }

  /** What another request answers; undefined when it does not come to that. */
  async function waitForAnswer(postHash: string): Promise<string | undefined> {
    for (;;) {
      const found = await sharedAnswers.find(postHash)
      if (found === undefined) return undefined
      if (found.sealedAnswer !== null) return read(postHash, found.sealedAnswer)
      if (found.expiresAt <= now()) return undefined
      await pause(LOOK_EVERY_MS)
    }
  }

  function read(postHash: string, sealedAnswer: string): string {
    const answer = ring.open('shared-answer', postHash, sealedAnswer).toString()
    if (answer === FAILED)
      throw new AppError('busy', 503, 'an identical post has failed', { retryAfterSeconds: 1 })
    return answer
  }

  return {
    /**
     * Does `work`, which is to answer with what the others need; or returns that, when another request with
     * the same `post` has done it. Undefined: this one has.
     */
    async share(post: string, work: () => Promise<string>): Promise<string | undefined> {
      const postHash = ring.mac('shared-answer', post)
      const answeredBy = randomId()
      for (;;) {
        if (await sharedAnswers.claim(postHash, answeredBy, now(), now() + OVERDUE_MS))
          return doOnce(postHash, answeredBy, work)
        const answer = await waitForAnswer(postHash)
        if (answer !== undefined) return answer
      }
    },
  }
}
