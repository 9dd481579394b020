// A request held at one point, between what it has checked and what it is about to save, until the test lets
// it go on: what a busy machine does by chance.

type ArgumentsOf<Method> = Method extends (...args: infer Args) => Promise<unknown> ? Args : never

export type Held = {
  /** Resolves when the request has come there. */
  arrived: Promise<void>
  release: () => void
}

/** Holds the next call of a repository's method whose arguments `isMeant`; all others pass. */
export function holdNext<Repository extends object, Name extends keyof Repository>(
  repository: Repository,
  name: Name,
  isMeant: (...args: ArgumentsOf<Repository[Name]>) => boolean,
): Held {
  const method = repository[name]
  const call = method as unknown as (...args: ArgumentsOf<Repository[Name]>) => Promise<unknown>
  const gate = Promise.withResolvers<void>()
  const arrival = Promise.withResolvers<void>()
  const holding: typeof call = async (...args) => {
    if (isMeant(...args)) {
      repository[name] = method
      arrival.resolve()
      await gate.promise
    }
    return call(...args)
  }
  repository[name] = holding as unknown as Repository[Name]
  return { arrived: arrival.promise, release: gate.resolve }
}
