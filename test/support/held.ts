// A request held at one point, between what it has checked and what it is about to save, until the test lets
// it go on: what a busy machine does by chance.

type Method<Args extends unknown[]> = (...args: Args) => Promise<unknown>

export type Held = {
  /** Resolves when the request has come there. */
  arrived: Promise<void>
  release: () => void
}

/** Holds the next call of a repository's method whose arguments `isMeant`; all others pass. */
export function holdNext<Name extends string, Args extends unknown[]>(
  repository: { [name in Name]: Method<Args> },
  name: Name,
  isMeant: (...args: Args) => boolean,
): Held {
  const method = repository[name]
  const gate = Promise.withResolvers<void>()
  const arrival = Promise.withResolvers<void>()
  repository[name] = async (...args) => {
    if (isMeant(...args)) {
      repository[name] = method
      arrival.resolve()
      await gate.promise
    }
    return method(...args)
  }
  return { arrived: arrival.promise, release: gate.resolve }
}
