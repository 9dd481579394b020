// A file of people, as spreadsheets and hands leave it. Threats: names that come out broken; a quotation
// mark that swallows the rows behind it; a row that is meant to fill the memory.

import { describe, expect, test } from '@jest/globals'
import { decodeText, readRows } from '../../src/accounts/import-file.js'

const NAME = 'Zoë Œuvrard'
const HEAD = 'cip,name,email'

/** What came of each line: the name, or why the row is none. */
const outcomes = (text: string): [line: number, outcome: string | undefined][] =>
  readRows(text).map((row) => [row.line, 'fault' in row ? row.fault : row.cells['name']])

describe('a text', () => {
  const bytesOf = (text: string, encoding: BufferEncoding) => Buffer.from(text, encoding)

  test.each([
    ['UTF-8', bytesOf(NAME, 'utf8')],
    ['UTF-8 with its mark', bytesOf(`\ufeff${NAME}`, 'utf8')],
    ['UTF-16', bytesOf(`\ufeff${NAME}`, 'utf16le')],
    ['Windows-1252', bytesOf('Zo\xeb \x8cuvrard', 'latin1')],
  ])('in %s is read', (_encoding, bytes) => {
    expect(decodeText(bytes)).toBe(NAME)
  })

  test.each([
    ['comma', ','],
    ['semicolon', ';'],
    ['tab', '\t'],
  ])('separated by %s is read, whatever else stands in its cells', (_what, separator) => {
    const row = ['tram1', '"Roy, Sam; dit\tSam"', 'sam@exemple.ca'].join(separator)
    const [read] = readRows(`${HEAD.replaceAll(',', separator)}\n${row}\n`)
    expect(read).toEqual({
      line: 2,
      cells: { cip: 'tram1', name: 'Roy, Sam; dit\tSam', email: 'sam@exemple.ca' },
    })
  })

  test.each(['\n', '\r\n', '\r'])(
    'whose lines end in %j is read; blank lines and cells are no rows',
    (end) => {
      const lines = ['', ' CIP , Name,EMAIL', 'a1,Un,u@x', '', ',,', ' a2 , Deux ,d@x', '']
      expect(outcomes(lines.join(end))).toEqual([
        [3, 'Un'],
        [6, 'Deux'],
      ])
    },
  )

  test.each([
    ['', 'cip, name, email'],
    ['cip;name', 'email'],
    ['"cip,name,email', 'cip, name, email'],
  ])('that begins with %j lacks %s', (head, missing) => {
    expect(() => readRows(`${head}\nx`)).toThrow(`the file lacks the column ${missing}`)
  })
})

describe('a row', () => {
  test('may leave out cells at its end, and have empty ones too many', () => {
    expect(readRows(`${HEAD},groups\na1,Un,u@x\na2,Deux,d@x,soins,,\n`)).toMatchObject([
      { cells: { groups: '' } },
      { cells: { groups: 'soins' } },
    ])
  })

  test('may have an address on several lines', () => {
    const [row, next] = readRows(
      `${HEAD},formatted\na1,Un,u@x,"580 rue Bowen\r\nSherbrooke ""Est"""\na2,Deux,d@x,\n`,
    )
    expect(row).toMatchObject({ line: 2, cells: { formatted: '580 rue Bowen\nSherbrooke "Est"' } })
    expect(next).toMatchObject({ line: 4, cells: { name: 'Deux' } })
  })

  test.each([
    ['a quotation mark that closes nothing', 'b1,Marie",m@x'],
    ['one within a name', 'b1,Marie "Mia" Roy,m@x'],
    ['letters behind one', 'b1,"Marie" Roy,m@x'],
    ['more cells than columns', 'b1,Roy, Marie,m@x'],
  ])('with %s spoils no other', (_what, row) => {
    const rows = Array.from({ length: 20 }, (_, n) => `a${n},"Roy, ${n}",a@x`)
    const expected = rows.map((_, n): [number, string] => [n + 3, `Roy, ${n}`])
    expect(outcomes([HEAD, row, ...rows].join('\n'))).toEqual([[2, 'row-invalid'], ...expected])
    expect(outcomes([HEAD, row].join('\n'))).toEqual([[2, 'row-invalid']])
  })

  test('with a quotation mark that nobody closes spoils no other', () => {
    const rows = Array.from({ length: 20 }, (_, n) => `a${n},Un,a@x`)
    expect(outcomes([HEAD, 'b1,"Marie,m@x', ...rows].join('\n'))).toEqual([
      [2, 'row-invalid'],
      ...rows.map((_, n) => [n + 3, 'Un']),
    ])
  })

  // Threat: whoever fills in their own address writes whole accounts into the file of the human resources.
  test.each([
    [
      'an address of many lines',
      `${HEAD},formatted`,
      ['b1,Marie,m@x,"1 rue', ...'23456789', 'a1,Un,voleur@x,', '10"'],
    ],
    ['a name of two lines', HEAD, ['b1,"Marie', 'a1,Un,voleur@x', '",m@x']],
    ['a column of no interest', `${HEAD},note`, ['b1,Marie,m@x,"x', ...'23456789', 'a1,Un,voleur@x,""', '"']],
    ['a mark left open, and a later one', HEAD, ['b1,"Marie,m@x', 'a1,Un,u@x', 'b2,Luc",l@x']],
  ])('no line that may stand inside a cell is a row: %s', (_what, head, lines) => {
    expect(outcomes([head, ...lines, 'c1,Deux,d@x'].join('\n'))).toEqual([
      ...lines.map((_, n) => [n + 2, 'row-invalid']),
      [lines.length + 2, 'Deux'],
    ])
  })

  test('nor is one inside a cell that is too long', () => {
    const lines = [`b1,Marie,m@x,"${'x'.repeat(17_000)}`, 'a1,Un,voleur@x,', '"', 'c1,Deux,d@x,']
    expect(outcomes([`${HEAD},formatted`, ...lines].join('\n'))).toEqual([
      [2, 'row-too-long'],
      [3, 'row-too-long'],
      [4, 'row-too-long'],
      [5, 'Deux'],
    ])
  })

  test('of a megabyte is one bad row, also where it is many lines within one quotation mark', () => {
    const long = 'x'.repeat(2 ** 20)
    expect(outcomes(`${HEAD}\nb1,${long},m@x\na1,Un,u@x\n`)).toEqual([
      [2, 'row-too-long'],
      [3, 'Un'],
    ])
    const lines = `${'x'.repeat(9_000)}\n`.repeat(3)
    expect(outcomes(`${HEAD}\nb1,"${lines}",m@x\na1,Un,u@x\n`).at(0)).toEqual([2, 'row-too-long'])
    expect(outcomes(`${HEAD}\nb1,"${lines}",m@x\na1,Un,u@x\n`).at(-1)).toEqual([6, 'Un'])
  })

  test('keeps no column that would be more than a name', () => {
    const [row] = readRows(`${HEAD},__proto__\na1,Un,u@x,canary\n`)
    expect(Object.getPrototypeOf(row && 'cells' in row ? row.cells : undefined)).toBe(Object.prototype)
  })
})
