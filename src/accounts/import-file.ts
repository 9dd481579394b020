// A file of people as spreadsheets save it: comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252. What is
// wrong with one row is said of that row, so a quotation mark that nobody closes swallows no other. Pure.

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
/** An address may stand on several lines; a quotation mark that is still open then was left open. */
const MOST_LINES = 8
/** A line break in one of these comes from a quotation mark that was left open, and closed by a later row. */
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
    if ('fault' in read) rows.push({ line, fault: read.fault })
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

type ReadRow = { lines: number } & ({ cells: string[] } | { fault: RowFault })

/** A row goes on, over the next lines, until each quotation mark has its other one (RFC 4180 §2). */
function readRow(lines: readonly string[], at: number, separator: string, columns: string[]): ReadRow {
  let row = ''
  for (let count = 1; count <= MOST_LINES && at + count <= lines.length; count += 1) {
    row += `${count === 1 ? '' : '\n'}${lines[at + count - 1] ?? ''}`
    if (row.length > LONGEST_ROW) return { lines: 1, fault: count === 1 ? 'row-too-long' : 'row-invalid' }
    const cells = cellsOf(row, separator)
    const isWhole = cells?.every((cell, n) => !cell.includes('\n') || !ONE_LINE.has(columns[n] ?? ''))
    if (cells !== undefined && isWhole) return { lines: count, cells }
  }
  return { lines: 1, fault: 'row-invalid' }
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
