// The audit log as files for other programs: JSON Lines, or CSV that no spreadsheet mistakes for a formula.

import { stringify } from 'csv-stringify/sync'
import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'

const COLUMNS = [
  'sequence',
  'occurredAt',
  'event',
  'outcome',
  'actor',
  'cip',
  'accountId',
  'clientAddress',
  'reason',
  'details',
] as const

export type ExportedEvent = Record<(typeof COLUMNS)[number], string | number | null>

export function toExported(row: StoredAuditEvent): ExportedEvent {
  const { sequence, event, outcome, actor, cip, accountId, clientAddress, reason, details } = row
  return {
    sequence,
    occurredAt: new Date(row.occurredAt).toISOString(),
    event,
    outcome,
    actor,
    cip,
    accountId,
    clientAddress,
    reason,
    details,
  }
}

export const jsonLine = (event: ExportedEvent): string => `${JSON.stringify(event)}\n`

export const csvHeader = (): string => toCsv(COLUMNS)

export const csvLine = (event: ExportedEvent): string => toCsv(COLUMNS.map((column) => event[column]))

/** RFC 4180, with an apostrophe before what a spreadsheet would compute (= + - @ TAB CR). */
const toCsv = (fields: readonly (string | number | null)[]): string =>
  stringify([fields], { escape_formulas: true, record_delimiter: 'windows', quote_record_delimiter: true })
