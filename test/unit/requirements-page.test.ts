// An id in a comment, in a test's name or on a page helps only whoever can look it up: each one
// in the repository is explained in docs/requirements.md, once.

import { describe, expect, test } from '@jest/globals'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const PAGE = 'docs/requirements.md'

const TEXTS = ['**/*.{ts,tsx,js,py,css,md}', '.*.json', '.env.example', '.ci/run']
const NOT_OURS = /(^|\/)(node_modules|dist|data|coverage|\.git)$/

/** A family and a number, with a hyphen where the family is a word. */
const ID = /\b(?:[A-Z]{2,}-\d{1,2}|[MR]\d{1,2})\b/g
/** The same form, but other people's: an encoding, a hash, licences. */
const NO_ID = /^(UTF|SHA|BSD|MIT|MPL)-/
/** The lines of a drawing look like ids: « M12 2.8 4 6v5.6 ». */
const DRAWING = /\bd="[^"]*"/g

const used = globSync(TEXTS, { cwd: root, exclude: (path) => NOT_OURS.test(path) }).flatMap((path) => {
  const text = readFileSync(join(root, path), 'utf8').replace(DRAWING, '')
  return [...text.matchAll(ID)].map(([id]) => ({ id, path })).filter(({ id }) => !NO_ID.test(id))
})

const rows = readFileSync(join(root, PAGE), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| (id|---) \|/.test(line))
  .map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
const explained = rows.map(([id = '']) => id)

describe('docs/requirements.md', () => {
  test('explains every id that is used', () => {
    const elsewhere = used.filter(({ path }) => path !== PAGE)
    expect(new Set(elsewhere.map(({ id }) => id)).size).toBeGreaterThan(100)
    const unexplained = used.filter(({ id }) => !explained.includes(id))
    expect(unexplained.map(({ id, path }) => `${id} in ${path}`)).toEqual([])
  })

  test('explains no id twice', () => {
    expect(explained.filter((id, index) => explained.indexOf(id) !== index)).toEqual([])
  })

  test('has well-formed rows: an id, what it means, and where it comes from', () => {
    expect(rows.filter((row) => row.length !== 3 || row.includes(''))).toEqual([])
    expect(explained.filter((id) => !/^([A-Z]{2,}-[1-9]\d?|[MR][1-9]\d?)$/.test(id))).toEqual([])
  })

  test('keeps families together and in order; only facts (M) and promises (R) may leave numbers out', () => {
    const families = Object.groupBy(explained, (id) => id.replace(/-?\d+$/, ''))
    const inOrder = Object.entries(families).flatMap(([family, ids = []]) => {
      if (family.length > 1) return ids.map((_, index) => `${family}-${index + 1}`)
      return ids.toSorted((one, other) => numberOf(one) - numberOf(other))
    })
    expect(explained).toEqual(inOrder)
  })
})

function numberOf(id: string): number {
  return Number(/\d+$/.exec(id)?.[0])
}
