// « Did you mean …? »: the known word that is fewest strokes away. Pure.

const MOST_STROKES = 3

/** Undefined when none is close: at most three strokes, and fewer than half of the word. */
function closestWord(word: string, known: Iterable<string>): string | undefined {
  const most = Math.min(MOST_STROKES, Math.floor(word.length / 2))
  const near = [...known]
    .filter((other) => Math.abs(other.length - word.length) <= most)
    .map((other) => ({ other, strokes: strokesBetween(word.toLowerCase(), other.toLowerCase()) }))
    .filter(({ strokes }) => strokes <= most)
    .sort((one, two) => one.strokes - two.strokes)
  return near[0]?.other
}

/** Letters to add, drop or replace (Levenshtein's distance). */
function strokesBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** The words that are none of the known, each with what was perhaps meant. */
export function unknownWords(words: readonly string[], known: Iterable<string>) {
  const all = [...known]
  return words
    .filter((word) => !all.includes(word))
    .map((word) => ({ word, meant: closestWord(word.slice(0, 64), all) }))
}
