// Runs so many hashes at a time, in the order of the line. Whoever loses a place is told so at once, and
// nobody has looked at the password then.

import { AppError } from '../errors.js'
import { createHashingLine, type Caller } from './hashing-line.js'

/** `signal`: gives the place up, as long as its turn has not come. */
export type InLine = { caller: Caller; signal?: AbortSignal | undefined }

const BUSY_RETRY_SECONDS = 10
/** So many hashes tell how fast they are. */
const LEARNT_FROM = 64

type Place = { caller: Caller; start: () => void; lose: () => void }

export function createHashingTurns(width: number) {
  const line = createHashingLine<Place>()
  let running = 0
  /** How long the last hashes took. */
  const lastSeconds: number[] = []

  function startNext(): void {
    if (running >= width) return
    const place = line.next()
    if (place === undefined) return
    running += 1
    place.start()
  }

  const turnOf = ({ caller, signal }: InLine): Promise<void> =>
    new Promise((resolve, reject) => {
      const lose = () => {
        signal?.removeEventListener('abort', giveUp)
        reject(
          new AppError('busy', 503, 'too many passwords are being verified', {
            retryAfterSeconds: BUSY_RETRY_SECONDS,
          }),
        )
      }
      const place: Place = {
        caller,
        lose,
        start() {
          signal?.removeEventListener('abort', giveUp)
          resolve()
        },
      }
      const giveUp = () => {
        line.leave(place)
        lose()
      }
      if (signal?.aborted === true) return lose()
      signal?.addEventListener('abort', giveUp)
      line.join(place)?.lose()
      startNext()
    })

  return {
    /** How many hashes a second are computed when more than enough wait; undefined before the first one. */
    perSecond: (): number | undefined => {
      // The middle one: a machine that slept during one of them has not become slow by it.
      const median = lastSeconds.toSorted((a, b) => a - b)[Math.floor(lastSeconds.length / 2)]
      return median === undefined ? undefined : width / median
    },

    /** Throws `busy` when the place is lost before its turn comes. */
    inTurn: async <T>(inLine: InLine, task: () => Promise<T>): Promise<T> => {
      await turnOf(inLine)
      const startedAt = performance.now()
      try {
        return await task()
      } finally {
        lastSeconds.push((performance.now() - startedAt) / 1000)
        if (lastSeconds.length > LEARNT_FROM) lastSeconds.shift()
        running -= 1
        startNext()
      }
    },
  }
}
