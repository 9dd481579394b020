// A file of people as spreadsheets save it: comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252. What is
// wrong with one row is said of that row. No line that may stand inside somebody's cell is ever read as a row:
// whoever fills in their own address would otherwise write accounts. Pure.

import { CsvError, parse } from 'csv-parse/sync'
import { AppError } from '../errors.js'

/** Cells by the name of their column, in lower case; a column that the file lacks is not there. */
export type ImportedRow = { line: number } & (
  | { cells: Readonly<Record<string, string>> }
  | { fault: RowFault }
)

/** `row-invalid`: more cells than columns, or quotation marks out of place. */
export type RowFault = 'row-invalid' | 'row-too-long'

const SEPARATORS = [',', ';', '\t']
const REQUIRED = ['cip', 'name', 'email']
/** Characters. No person has so much to say. */
const LONGEST_ROW = 16_384
/** An address may stand on so many lines. */
const MOST_LINES = 8
/** A line break has no place in one of these. */
const ONE_LINE = new Set([
  ...REQUIRED,
  'given_name',
  'family_name',
  'locale',
  'zoneinfo',
  'phone_number',
  'groups',
  'password_hash',
])

export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** Throws `bad-request` when the text lacks the columns. Rows come with the line that each begins on. */
export function readRows(text: string): ImportedRow[] {
  const lines = text.split(/\r\n|\n|\r/)
  const head = lines.findIndex((line) => line.trim() !== '')
  const separator = separatorOf(lines[head] ?? '')
  const columns = columnsOf(lines[head] ?? '', separator)
  const rows: ImportedRow[] = []
  for (let at = head + 1; at < lines.length;) {
    const read = readRow(lines, at, separator, columns)
    const line = at + 1
    at += read.lines
    const { fault } = read
    if (fault !== undefined) for (let n = 0; n < read.lines; n += 1) rows.push({ line: line + n, fault })
    else if (read.cells.slice(columns.length).some((cell) => cell !== ''))
      rows.push({ line, fault: 'row-invalid' })
    else if (read.cells.some((cell) => cell !== ''))
      // Spreadsheets leave out empty cells at the end of a row.
      rows.push({ line, cells: Object.fromEntries(columns.map((name, n) => [name, read.cells[n] ?? ''])) })
  }
  return rows
}

/** The one that the names of the columns have most of between them. */
const separatorOf = (head: string): string =>
  SEPARATORS.reduce((best, one) => (head.split(one).length > head.split(best).length ? one : best))

function columnsOf(head: string, separator: string): string[] {
  const names = (cellsOf(head, separator) ?? []).map((name) => name.toLowerCase())
  const missing = REQUIRED.filter((column) => !names.includes(column))
  if (missing.length === 0) return names
  throw new AppError('bad-request', 400, `the file lacks the column ${missing.join(', ')}`)
}

type ReadRow = { lines: number } & ({ cells: string[]; fault?: undefined } | { fault: RowFault })

/** A row goes on, over the next lines, until each quotation mark has its other one (RFC 4180 §2). */
function readRow(lines: readonly string[], at: number, separator: string, columns: string[]): ReadRow {
  const count = linesOfRow(lines, at, separator)
  const row = lines.slice(at, at + count).join('\n')
  if (row.length > LONGEST_ROW) return { lines: count, fault: 'row-too-long' }
  const cells = count > MOST_LINES ? undefined : cellsOf(row, separator)
  const isWhole = cells?.every((cell, n) => !cell.includes('\n') || !ONE_LINE.has(columns[n] ?? ''))
  return cells !== undefined && isWhole === true
    ? { lines: count, cells }
    : { lines: count, fault: 'row-invalid' }
}

/** A quotation mark opens a cell at its beginning alone; one that nobody closes opens nothing. */
function linesOfRow(lines: readonly string[], at: number, separator: string): number {
  let isOpen = false
  for (let index = at; index < lines.length; index += 1) {
    let isBlank = true
    const line = lines[index] ?? ''
    for (let n = 0; n < line.length; n += 1) {
      const sign = line[n]
      if (isOpen) {
        if (sign !== '"') continue
        if (line[n + 1] === '"') n += 1
        else isOpen = false
        isBlank = false
      } else if (sign === separator) isBlank = true
      else if (sign === '"' && isBlank) isOpen = true
      else if (sign?.trim() !== '') isBlank = false
    }
    if (!isOpen) return index - at + 1
  }
  return 1
}

/** Undefined where a quotation mark is out of place. */
function cellsOf(row: string, separator: string): string[] | undefined {
  if (!row.includes('"')) return row.split(separator).map((cell) => cell.trim())
  try {
    const options = { delimiter: separator, record_delimiter: '\n', trim: true, relax_column_count: true }
    const records = parse(row, options)
    return records.length > 1 ? undefined : (records[0] ?? [])
  } catch (error) {
    if (error instanceof CsvError) return undefined
    throw error
  }
}
