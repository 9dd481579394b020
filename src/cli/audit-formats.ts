// The audit log as lines of a file. One event is one line, and what somebody stored steers no terminal
// (LOG-3).

import { csvHeader, csvLine, jsonLine, type ExportedEvent } from '../audit/export.js'
import { escapeUnseen, safeLines } from './output.js'

export type Format = { header: string; line: (event: ExportedEvent) => string }

export const FORMATS = {
  jsonl: { header: '', line: (event) => safeLines(jsonLine(event)) },
  csv: { header: csvHeader(), line: (event) => csvLine(inert(event)) },
} satisfies Record<string, Format>

const inert = (event: ExportedEvent): ExportedEvent =>
  Object.fromEntries(
    Object.entries(event).map(([name, value]) => [
      name,
      typeof value === 'string' ? escapeUnseen(value) : value,
    ]),
  ) as ExportedEvent
