// The list of lines that are broken to prove their tests must not fall behind: each line stands where the
// list says, once, and the test that must notice has its title.

import { expect, test } from '@jest/globals'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { MUTANTS } from '../mutation/mutants.js'

const textOf = (path: string): string => readFileSync(join(import.meta.dirname, '..', '..', path), 'utf8')

test('every mutant finds its line exactly once', () => {
  const lost = MUTANTS.filter(({ file, text }) => textOf(file).split(text).length !== 2)
  expect(lost.map(({ id, file, text }) => ({ id, file, text }))).toEqual([])
})

test('every mutant names a test that exists', () => {
  const lost = MUTANTS.filter((mutant) => !textOf(mutant.test).includes(mutant.title))
  expect(lost.map(({ id, test: path, title }) => ({ id, path, title }))).toEqual([])
})
