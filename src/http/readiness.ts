// Whether requests can be served, for whoever asks: once a second the truth, then what it was. Anybody may
// ask, and the truth costs the database a write.

const FRESH_MS = 1_000

/** `check` throws when nothing can be served; what it said of that is asked again at once. */
export function createReadiness(check: () => Promise<void>, now: () => number): () => Promise<boolean> {
  let last: { at: number; isReady: Promise<boolean> } | undefined
  return () => {
    if (last !== undefined && Math.abs(now() - last.at) < FRESH_MS) return last.isReady
    const isReady = check().then(
      () => true,
      () => {
        last = undefined
        return false
      },
    )
    last = { at: now(), isReady }
    return isReady
  }
}
