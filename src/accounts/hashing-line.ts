// Who is hashed next, and who must go when the line is full. Hashing is the dearest thing a stranger can ask
// for: first come, first served would let one of them shut the door to all. Each class of callers has a share
// that no other can take, and within a class networks take turns, the widest first. Pure: no time, no
// waiting.

/** In the order in which they are served when more than one of them is due. */
const SHARES = {
  /** Operators, and people past their first factor who choose a password. */
  'internal': 2,
  /** Browsers that have signed in to the account they ask for. */
  'known-browser': 8,
  /** The organisation's own addresses (SHARED_NETWORKS). */
  'shared-network': 4,
  'stranger': 2,
} as const

type SharingClass = keyof typeof SHARES
/** `background`: nobody waits for it at a page. It is served when no one else is in line, or after fifty others. */
type CallerClass = SharingClass | 'background'

/** `sources`: where it comes from, the widest network first; they take turns level by level. */
export type Caller = { readonly class: CallerClass; readonly sources: readonly string[] }

/** What the code itself asks for, on behalf of somebody who is in already. */
export const INTERNAL: Caller = { class: 'internal', sources: [] }
/** Of mails that can wait. */
export const BACKGROUND: Caller = { class: 'background', sources: [] }

const CLASSES = Object.keys(SHARES) as SharingClass[]
const LEVELS = 4
/** Beyond that, a new place costs the most crowded network one of its own. */
const MOST_PLACES = 500
/** More than there can be networks in line. */
const MOST_REMEMBERED = 20_000

/** What nobody waits for has one turn in so many, where others never leave the line. */
const BACKGROUND_EVERY = 50

export function createHashingLine<Place extends { readonly caller: Caller }>(mostPlaces = MOST_PLACES) {
  const waiting: Record<CallerClass, Place[]> = {
    'internal': [],
    'known-browser': [],
    'shared-network': [],
    'stranger': [],
    'background': [],
  }
  /** What each class has had, in units of its share; those who were away don't save up for it. */
  const had: Record<SharingClass, number> = {
    'internal': 0,
    'known-browser': 0,
    'shared-network': 0,
    'stranger': 0,
  }
  let hadByTheLast = 0
  let turn = 0
  /** When each network had its last turn, and each place came. */
  const lastTurns = new Map<string, number>()
  const joinedAt = new Map<Place, number>()

  const keyOf = ({ caller }: Place, level: number) =>
    `${caller.class} ${caller.sources[Math.min(level, caller.sources.length - 1)] ?? ''}`
  const lastTurnOf = (key: string) => lastTurns.get(key) ?? 0

  function remember(place: Place): void {
    turn += 1
    for (let level = 0; level < LEVELS; level += 1) {
      const key = keyOf(place, level)
      lastTurns.delete(key) // so that the order of the map is that of the turns
      lastTurns.set(key, turn)
    }
    for (const key of lastTurns.keys()) {
      if (lastTurns.size <= MOST_REMEMBERED) break
      lastTurns.delete(key)
    }
  }

  /** Level by level, only the places of one network are left. */
  function narrow(places: Place[], choose: (networks: [string, Place[]][]) => [string, Place[]]): Place[] {
    let rest = places
    for (let level = 0; level < LEVELS && rest.length > 1; level += 1)
      rest = choose([...Map.groupBy(rest, (place) => keyOf(place, level))])[1] // in the order of arrival
    return rest
  }

  /** Who has waited longest for its next turn; a network that is new in line comes after those that are there. */
  const waitsLongest = (networks: [string, Place[]][]): [string, Place[]] =>
    networks.reduce((best, one) => (waitsSince(one) < waitsSince(best) ? one : best))

  function waitsSince([key, [first]]: [string, Place[]]): number {
    return Math.max(lastTurnOf(key), first === undefined ? turn : (joinedAt.get(first) ?? 0))
  }

  /** Who has the most places; among equals who was served last, then who came last. */
  const mostCrowded = (networks: [string, Place[]][]): [string, Place[]] =>
    networks.reduce((most, one) => {
      const more = one[1].length - most[1].length
      return more > 0 || (more === 0 && lastTurnOf(one[0]) >= lastTurnOf(most[0])) ? one : most
    })

  function leave(place: Place): boolean {
    const places = waiting[place.caller.class]
    const index = places.indexOf(place)
    if (index >= 0) places.splice(index, 1)
    joinedAt.delete(place)
    return index >= 0
  }

  let servedSinceBackground = 0
  function lastInLine(): Place | undefined {
    const [place] = waiting.background
    if (place !== undefined) leave(place)
    servedSinceBackground = 0
    return place
  }

  return {
    /** Puts a place in its line. When that is full, answers whose place is lost for it. */
    join(place: Place): Place | undefined {
      const { class: name } = place.caller
      if (name !== 'background' && waiting[name].length === 0) had[name] = Math.max(had[name], hadByTheLast)
      waiting[name].push(place)
      joinedAt.set(place, turn)
      if (waiting[name].length <= mostPlaces) return undefined
      const lost = narrow(waiting[name], mostCrowded).at(-1)
      if (lost !== undefined) leave(lost)
      return lost
    },

    /** False when it was not in line any more. */
    leave,

    /** Takes the next place out of the line; undefined when nobody waits. */
    next(): Place | undefined {
      const due = CLASSES.filter((name) => waiting[name].length > 0)
      const [first] = due
      const isTheirTurn = waiting.background.length > 0 && servedSinceBackground >= BACKGROUND_EVERY
      if (first === undefined || isTheirTurn) return lastInLine()
      servedSinceBackground += 1
      const name = due.reduce((one, other) => (had[other] < had[one] ? other : one), first)
      const place = narrow(waiting[name], waitsLongest)[0]
      if (place === undefined) return undefined
      leave(place)
      hadByTheLast = had[name]
      had[name] += 1 / SHARES[name]
      remember(place)
      return place
    },
  }
}
