// Names that are no setting. A value under a misspelt name counts for nothing, and the default that stands
// in its place may be a weaker one. Pure.

/** What Node, PostgreSQL's driver and this project's own programs read by themselves. */
const OF_OTHERS =
  /^(NODE_|PG|DEMO_|UV_|SSL_CERT_|OPENSSL_|COMPOSE_|DOCKER_)|^(TZ|LANG|LC_ALL|DEBUG|NO_COLOR|FORCE_COLOR|(HTTPS?|NO)_PROXY)$/i
/** A shorter name is near to too many that are none of ours. */
const SHORTEST_MISSPELT = 7
const MOST_SLIPS = 2

/** Of a file of settings: every name that is none. A line each. */
export function strangersInFile(names: readonly string[], known: readonly string[]): string[] {
  return names
    .filter((name) => !isKnown(name, known) && !OF_OTHERS.test(name))
    .map((name) => `${name} in .env is no setting${hint(nearest(name, known))}`)
}

/** Of the environment, which holds much that is not ours: names that only a slip keeps from being one. */
export function misspelt(names: readonly string[], known: readonly string[]): string[] {
  return names
    .filter((name) => name.length >= SHORTEST_MISSPELT && !isKnown(name, known) && !OF_OTHERS.test(name))
    .flatMap((name) => {
      const meant = nearest(name, known)
      return meant === undefined ? [] : [`${name} is no setting${hint(meant)}`]
    })
}

const isKnown = (name: string, known: readonly string[]): boolean =>
  known.includes(name) || known.includes(name.replace(/_FILE$/, ''))

const hint = (meant: string | undefined): string => (meant === undefined ? '' : `; did you mean ${meant}?`)

function nearest(name: string, known: readonly string[]): string | undefined {
  const given = name.toUpperCase().replace(/_FILE$/, '')
  const [best] = known
    .map((candidate) => ({ candidate, slips: slipsBetween(given, candidate.replace(/_FILE$/, '')) }))
    .toSorted((one, other) => one.slips - other.slips)
  return best !== undefined && best.slips <= MOST_SLIPS ? best.candidate : undefined
}

/** Letters missing, too many or other ones (Levenshtein); two that changed places are two. */
function slipsBetween(given: string, meant: string): number {
  let previous = Array.from({ length: meant.length + 1 }, (_, column) => column)
  for (const [row, letter] of [...given].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...meant].entries())
      current.push(
        Math.min(
          (previous[column + 1] ?? 0) + 1,
          (current[column] ?? 0) + 1,
          (previous[column] ?? 0) + (letter === other ? 0 : 1),
        ),
      )
    previous = current
  }
  return previous[meant.length] ?? 0
}
