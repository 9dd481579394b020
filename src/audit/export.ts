// The audit log as files for other programs: JSON Lines, or CSV that no spreadsheet mistakes for a formula.

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

export const csvHeader = (): string => `${COLUMNS.join(',')}\r\n`

export const csvLine = (event: ExportedEvent): string =>
  `${COLUMNS.map((column) => csvField(event[column])).join(',')}\r\n`

/** RFC 4180, with an apostrophe before what a spreadsheet would compute (= + - @ TAB CR). */
export function csvField(value: string | number | null): string {
  const text = value === null ? '' : String(value)
  const inert = typeof value === 'string' && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
