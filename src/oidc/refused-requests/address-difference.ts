// In which part an address differs from the registered one that is nearest to it, in words. Pure.

type Part = { name: string; read: (url: URL) => string }

const PARTS: readonly Part[] = [
  { name: 'scheme', read: ({ protocol }) => protocol.replace(':', '') },
  { name: 'host', read: ({ hostname }) => hostname },
  { name: 'port', read: ({ port, protocol }) => port || (protocol === 'http:' ? '80' : '443') },
  { name: 'path', read: ({ pathname }) => pathname },
  { name: 'query', read: ({ search }) => search || 'none' },
]

/** `what`: « redirect URI », as the sentence begins. */
export function addressDifference(what: string, asked: string, registered: readonly string[]): string {
  const [nearest] = registered.toSorted((a, b) => distance(asked, a) - distance(asked, b))
  return nearest === undefined
    ? `${what} ${asked}: the client has none registered`
    : `${what} differs ${whereFrom(asked, nearest)} ${nearest}`
}

function whereFrom(asked: string, registered: string): string {
  if (isLastCharacterAlone(asked, registered)) return `in its last character (${asked}) from`
  if (asked.toLowerCase() === registered.toLowerCase()) return `in capitals (${asked}) from`
  const parts = differingParts(asked, registered)
  if (parts.length === 0) return `(${asked}) from`
  return `in its ${parts.map(({ name, was, is }) => `${name} (${is} instead of ${was})`).join(' and ')} from`
}

const isLastCharacterAlone = (a: string, b: string): boolean =>
  Math.abs(a.length - b.length) <= 1 &&
  (a.length === b.length ? a.slice(0, -1) === b.slice(0, -1) : a.startsWith(b) || b.startsWith(a))

function differingParts(asked: string, registered: string): { name: string; is: string; was: string }[] {
  const [one, other] = [URL.parse(asked), URL.parse(registered)]
  if (one === null || other === null) return []
  return PARTS.map(({ name, read }) => ({ name, is: read(one), was: read(other) })).filter(
    ({ name, is, was }) => is !== was && !(name === 'port' && one.protocol !== other.protocol),
  )
}

/** How many characters must be typed anew: what neither the beginnings nor the ends have in common. */
function distance(a: string, b: string): number {
  const shortest = Math.min(a.length, b.length)
  let start = 0
  while (start < shortest && a[start] === b[start]) start += 1
  let end = 0
  while (end < shortest - start && a.at(-1 - end) === b.at(-1 - end)) end += 1
  return Math.max(a.length, b.length) - start - end
}
