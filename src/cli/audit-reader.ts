// An exported audit log, read back line by line.

import { parse as parseCsv } from 'csv-parse/sync'
import { z } from 'zod'
import { FORMATS, type Format } from './audit-formats.js'

/** What of an event is read back from such a file. */
const readEvent = z.object({
  sequence: z.coerce.number<string | number>().int().min(1),
  occurredAt: z.iso.datetime(),
  event: z.string(),
  cip: z.string().nullable(),
  details: z.string(),
})
export type ReadEvent = z.infer<typeof readEvent>

export type Reader = Format & { read: (line: string) => ReadEvent | undefined }

/** By the first line of a file. */
export const readerOf = (firstLine: string): Reader =>
  firstLine === FORMATS.csv.header.trimEnd()
    ? { ...FORMATS.csv, read: (line) => checked(() => fromCsv(line)) }
    : { ...FORMATS.jsonl, read: (line) => checked(() => JSON.parse(line)) }

/** Undefined for a line that no export has written. */
function checked(parse: () => unknown): ReadEvent | undefined {
  try {
    return readEvent.safeParse(parse()).data
  } catch {
    return undefined
  }
}

function fromCsv(line: string): unknown {
  const [event] = parseCsv<Record<string, string>>(`${FORMATS.csv.header}${line}`, { columns: true })
  const { cip = '', ...rest } = event ?? {}
  // A CIP may begin with a sign that a spreadsheet would compute.
  return { ...rest, cip: cip === '' ? null : cip.replace(/^'/, '') }
}
