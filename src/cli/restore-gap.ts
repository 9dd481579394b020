// What a restored database has forgotten: the acts that an exported audit log tells of beyond its own last
// event, each with what must be done again.

import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { StoredAuditEvent } from '../../db/repositories/audit-events.js'
import type { Store } from '../../db/store.js'
import { toExported } from '../audit/export.js'
import { readerOf, type ReadEvent, type Reader } from './audit-reader.js'

export type Act = ReadEvent & { redo: string }

/** The database goes with the file up to the event `through`; of the rest so many are `missing` in it. */
export type Gap = { through: number; exportedThrough: number; missing: number; acts: Act[] }

const BATCH = 1_000

const REDO: Record<string, (cip: string) => string> = {
  'account.created': (cip) => `account create ${cip}`,
  'account.disabled': (cip) => `account disable ${cip}`,
  'account.enabled': (cip) => `account enable ${cip}`,
  'account.erased': (cip) => `account erase ${cip}`,
  'account.updated': (cip) => `account update ${cip}`,
  'client.created': () => 'client create, or client apply',
  'client.changed': () => 'client update; client rotate-secret, if its secret was changed',
  'client.removed': () => 'client remove',
  'consent.revoked': (cip) => `account revoke-consent ${cip}`,
  'keys.retired': () => 'keys retire-master',
  'keys.rotated': () => 'keys rotate-master',
  'password.changed': (cip) => `account reset-password ${cip}: the one before serves again`,
  'password.imported': (cip) => `account create ${cip}, or account import`,
  'password.reset': (cip) => `account reset-password ${cip}: the one before serves again`,
  'resource-server.created': () => 'api create',
  'resource-server.removed': () => 'api remove',
  'second-factor.disabled': (cip) => `account reset-second-factor ${cip}: the device serves again`,
  'second-factor.enrolled': (cip) => `account reset-second-factor ${cip}: the device is not known`,
  'second-factor.reset': (cip) => `account reset-second-factor ${cip}: the devices serve again`,
  'signing-key.created': () => 'keys rotate --urgent, if one was stolen',
}

/** What is wrong with the file, in a line, or what it tells. */
export async function readGap(path: string, store: Pick<Store, 'auditEvents'>): Promise<Gap | string> {
  const { sequence: head } = await store.auditEvents.readHead()
  const ownLine = ownLinesOf(store)
  let isTogether = true
  let through: number | undefined
  let last = 0
  let missing = 0
  const acts: Act[] = []
  for await (const { line, event, reader } of readLines(path)) {
    if (event === undefined) return 'it is not what `audit export` has written'
    const { sequence, cip } = event
    if (last === 0 && sequence > head + 1)
      return `it begins with event ${sequence} and this database ends with ${head}: give one of an earlier --since`
    missing += last === 0 ? 0 : sequence - last - 1
    last = sequence
    if (isTogether && sequence <= head) {
      const own = await ownLine(sequence, reader)
      if (own === undefined) continue // the database has let go of it
      if (own === line) {
        through = sequence
        continue
      }
      if (through === undefined)
        return `its event ${sequence} is not this database’s: give one of an earlier --since, of this database`
    }
    isTogether = false
    const redo = REDO[event.event]
    if (redo !== undefined) acts.push({ ...event, redo: redo(cip ?? '?') })
  }
  if (last === 0) return 'there is no event in it'
  return { through: through ?? head, exportedThrough: last, missing, acts }
}

type Line = { line: string; event: ReadEvent | undefined; reader: Reader }

async function* readLines(path: string): AsyncGenerator<Line> {
  let reader: Reader | undefined
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    reader ??= readerOf(line)
    if (line !== reader.header.trimEnd()) yield { line, event: reader.read(line), reader }
  }
}

/** The line that an export would write for an event of the database; asked in the order of the sequence. */
function ownLinesOf({ auditEvents }: Pick<Store, 'auditEvents'>) {
  let rows = new Map<number, StoredAuditEvent>()
  return async (sequence: number, reader: Reader): Promise<string | undefined> => {
    if (!rows.has(sequence))
      rows = new Map((await auditEvents.listAfter(sequence - 1, BATCH)).map((row) => [row.sequence, row]))
    const row = rows.get(sequence)
    return row && reader.line(toExported(row)).trimEnd()
  }
}
