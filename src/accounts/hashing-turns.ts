// Runs so many hashes at a time, in the order of the line. Whoever loses a place is told so at once, and
// nobody has looked at the password then.

import { AppError } from '../errors.js'
import { createHashingLine, type Caller } from './hashing-line.js'

/** `signal`: gives the place up, as long as its turn has not come. */
export type InLine = { caller: Caller; signal?: AbortSignal | undefined }

const BUSY_RETRY_SECONDS = 10

type Place = { caller: Caller; start: () => void; lose: () => void }

export function createHashingTurns(width: number) {
  const line = createHashingLine<Place>()
  let running = 0

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
        if (line.leave(place)) lose()
      }
      if (signal?.aborted === true) return lose()
      signal?.addEventListener('abort', giveUp)
      line.join(place)?.lose()
      startNext()
    })

  /** Throws `busy` when the place is lost before its turn comes. */
  return async <T>(inLine: InLine, task: () => Promise<T>): Promise<T> => {
    await turnOf(inLine)
    try {
      return await task()
    } finally {
      running -= 1
      startNext()
    }
  }
}
