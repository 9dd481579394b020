// Pages are read in an editor too: tables without padding, so that a changed word changes one line, and prose
// that fits the window. The formatter would pad tables, so it leaves Markdown alone and this test watches it.

import { describe, expect, test } from '@jest/globals'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const COLUMNS = 120
const root = join(import.meta.dirname, '..', '..')
const NOT_OURS = /(^|\/)(node_modules|dist|data|coverage|\.git)$/

const pages = globSync('**/*.md', { cwd: root, exclude: (path) => NOT_OURS.test(path) }).toSorted()
const lines = pages.flatMap(linesOutsideFences)
const isRow = (text: string): boolean => text.trimStart().startsWith('|')

describe('Markdown', () => {
  test('is found at the root and in every folder that has some', () => {
    const folders = new Set(pages.map((page) => dirname(page)))
    expect(['.', 'demo-rp', 'docs', 'docs/decisions'].filter((folder) => !folders.has(folder))).toEqual([])
  })

  test('table cells stand between single spaces, and separators are three dashes', () => {
    const rows = lines.filter(({ text }) => isRow(text))
    expect(rows.length).toBeGreaterThan(100)
    expect(rows.filter(({ text }) => !isPlainRow(text)).map(said)).toEqual([])
  })

  test(`prose has at most ${COLUMNS} columns, unless nothing in the line can be broken`, () => {
    const long = lines.filter(({ text }) => text.length > COLUMNS && !isRow(text))
    expect(long.filter(({ text }) => !/^\s*([-*] |\d+\. )?\S+$/.test(text)).map(said)).toEqual([])
  })

  test('links lead to files that are there', () => {
    const links = lines.flatMap(({ page, number, text }) =>
      [...text.matchAll(/\]\(([^)#]+)/g)].map(([, target = '']) => ({ page, number, text: target })),
    )
    const ours = links.filter(({ text }) => !/^[a-z]+:/.test(text))
    expect(ours.length).toBeGreaterThan(100)
    const dead = ours.filter(({ page, text }) => !existsSync(join(root, dirname(page), text)))
    expect(dead.map(said)).toEqual([])
  })
})

type Line = { page: string; number: number; text: string }

/** What is in a fence is somebody's program or an output, and stands as it is. */
function linesOutsideFences(page: string): Line[] {
  let inFence = false
  return readFileSync(join(root, page), 'utf8')
    .split('\n')
    .flatMap((text, index) => {
      const isFence = text.trimStart().startsWith('```')
      if (isFence) inFence = !inFence
      return isFence || inFence ? [] : [{ page, number: index + 1, text }]
    })
}

function isPlainRow(text: string): boolean {
  const [before, ...cells] = text.split(/(?<!\\)\|/)
  const after = cells.pop()
  const isSeparator = /^[\s|:-]+$/.test(text) && text.includes('-')
  const cell = isSeparator ? /^ :?---:? $/ : /^ (\S+( \S+)* )?$/
  return before?.trim() === '' && after === '' && cells.every((one) => cell.test(one))
}

function said({ page, number, text }: Line): string {
  return `${page}:${number}: ${text.slice(0, 60)}`
}
