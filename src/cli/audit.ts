// `audit`: reads, exports and verifies the audit log, and lets go of what is older than it must be kept. Who
// reads it is recorded in it.

import { Option, type Command } from 'commander'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { parseCip } from '../accounts/cip.js'
import { toExported } from '../audit/export.js'
import { verifyAuditLog, type ExportedHead, type Verification } from '../audit/verification.js'
import { readConfig } from '../config/config.js'
import { createKeyRing, type MasterKey } from '../key-ring.js'
import { AppError } from '../errors.js'
import { boundsOf, sinceOption, untilOption, wholeNumber, type Period } from './options.js'
import { table, toJson, type Answer, type Answering } from './output.js'
import { FORMATS } from './audit-formats.js'
import { addPurgeCommand } from './audit-purge.js'
import { recordRead, withServices, type CommandContext, type Terminal } from './command-context.js'
import { reasonOption } from './operator.js'

type ListOptions = Period & { cip?: string; limit: number }
type ExportOptions = Period & { format: keyof typeof FORMATS }
type VerifyOptions = { head?: string; retiredKeys?: string }

const DEFAULT_LIMIT = 100
const MOST = 10_000
const BATCH = 1_000

const exportedHead = z.object({ sequence: z.int().min(0), hash: z.string() })

export function addAuditCommands(audit: Command, answering: Answering, terminal: Terminal): void {
  audit
    .command('list')
    .description('the latest events, the newest first')
    .option('--cip <cip>', 'about this person')
    .addOption(sinceOption())
    .addOption(untilOption())
    .option('--limit <number>', `at most ${MOST}`, wholeNumber(1, MOST), DEFAULT_LIMIT)
    .addOption(reasonOption())
    .action((options: ListOptions) =>
      answering(() => withServices(terminal, (context) => list(context, options))),
    )

  audit
    .command('export')
    .description('events as a file for other programs, the oldest first')
    .addOption(
      new Option('--format <format>', 'JSON Lines or CSV').choices(Object.keys(FORMATS)).default('jsonl'),
    )
    .addOption(sinceOption())
    .addOption(untilOption())
    .addOption(reasonOption())
    .action((options: ExportOptions) =>
      answering(async () => {
        if (audit.optsWithGlobals()['json'] === true)
          return { ok: false, fault: '--json does not go with an export: --format names its form' }
        return withServices(terminal, (context) => write(context, terminal, options))
      }),
    )

  addPurgeCommand(audit, answering, terminal)

  audit
    .command('head')
    .description('the latest event’s sequence and hash, to keep elsewhere: it shows a tail that was cut off')
    .action(() => answering(() => withServices(terminal, head)))

  audit
    .command('verify')
    .description('read the whole log and name the first event that was altered, removed or inserted')
    .option('--head <file.json>', 'what «audit head» printed earlier')
    .option('--retired-keys <file>', 'entries of MASTER_KEYS that have left the setting')
    .action((options: VerifyOptions) =>
      answering(() => withServices(terminal, (context) => verify(context, options))),
    )
}

async function list(context: CommandContext, { cip, limit, ...options }: ListOptions): Promise<Answer> {
  const { store, config } = context
  const period = boundsOf(options, config.timeZone)
  const canonical = cip === undefined ? undefined : parseCip(cip)
  if (cip !== undefined && canonical === undefined) return { ok: false, fault: `"${cip}" is not a CIP` }
  const found = await store.auditEvents.search({
    ...(canonical && { cip: canonical }),
    ...period,
    limit,
  })
  await recordRead(context, {
    event: 'audit.listed',
    ...(canonical && { cip: canonical }),
    details: { ...period, events: found.length },
  })
  const events = found.map(toExported)
  const rows = events.map(
    ({ sequence, occurredAt, event, outcome, actor, cip: subject, clientAddress, reason, details }) =>
      [sequence, occurredAt, event, outcome, actor, subject, clientAddress, reason, details].map((value) =>
        value === null ? '' : String(value),
      ),
  )
  const headings = ['No', 'Time (UTC)', 'Event', 'Outcome', 'Actor', 'CIP', 'Source', 'Reason', 'Details']
  return { ok: true, json: events, text: events.length === 0 ? 'No event.' : table(headings, rows) }
}

/**
 * In batches, however long the log is. Events stand in the order of their sequence; clocks may have been set
 * between two of them.
 */
async function write(
  context: CommandContext,
  { stdout }: Terminal,
  { format, ...options }: ExportOptions,
): Promise<Answer> {
  const { store, config } = context
  const { header, line } = FORMATS[format]
  const period = boundsOf(options, config.timeZone)
  const { since = -Infinity, until = Infinity } = period
  const { sequence: last } = await store.auditEvents.readHead()
  await recordRead(context, { event: 'audit.exported', details: period })
  if (header !== '') stdout.write(header)
  let after: number | undefined = 0
  while (after !== undefined) {
    const rows = await store.auditEvents.listAfter(after, BATCH)
    const lines = rows
      .filter(({ sequence, occurredAt: at }) => sequence <= last && at >= since && at < until)
      .map((row) => line(toExported(row)))
    if (lines.length > 0) stdout.write(lines.join(''))
    after = rows.length < BATCH ? undefined : rows.at(-1)?.sequence
  }
  return { ok: true, isWritten: true }
}

async function head({ store }: CommandContext): Promise<Answer> {
  const { sequence, hash } = await store.auditEvents.readHead()
  const json: ExportedHead = { sequence, hash }
  return { ok: true, json, text: toJson(json) }
}

async function verify({ store, ring, config }: CommandContext, options: VerifyOptions): Promise<Answer> {
  const exported = options.head === undefined ? undefined : readHead(options.head)
  if (options.head !== undefined && exported === undefined)
    return { ok: false, fault: `--head: "${options.head}" is not what «audit head» printed` }
  const retired = options.retiredKeys === undefined ? [] : readKeys(options.retiredKeys)
  if (retired === undefined)
    return {
      ok: false,
      fault: `--retired-keys: "${options.retiredKeys}" does not hold entries of MASTER_KEYS`,
    }
  const whole = retired.length === 0 ? ring : createKeyRing([...config.masterKeys, ...retired])
  const verification = await verifyAuditLog({ store, ring: whole }, exported)
  if (!verification.ok) return { ok: false, fault: faultText(verification), json: verification }
  const { rows, purged, head: last } = verification
  const before = purged === 0 ? '' : ` ${purged} before them were let go.`
  return {
    ok: true,
    json: verification,
    text: `All ${rows} events fit together.${before} Head: ${toJson(last)}`,
  }
}

export function faultText({ sequence, fault }: Extract<Verification, { ok: false }>): string {
  const texts: Record<typeof fault, string> = {
    'altered': `event ${sequence} is altered: it does not fit the hash that was kept of it`,
    'missing': `event ${sequence} is missing`,
    'out-of-order': `event ${sequence} is out of order`,
    'tail-cut': `event ${sequence} is missing, and all after it: the end of the log is cut off`,
    'head-differs': `the head does not fit the log: it names event ${sequence}, which is not the last one or has another hash`,
    'head-purged': `the head kept elsewhere is of event ${sequence}, which has been let go since: keep a newer one`,
    'key-unknown': `event ${sequence} cannot be verified: the master key it was kept under is not in MASTER_KEYS (--retired-keys names a file that holds it)`,
  }
  return texts[fault]
}

function readHead(path: string): ExportedHead | undefined {
  try {
    return exportedHead.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

/** By the reader of the settings, so that both take the same form. */
function readKeys(path: string): readonly MasterKey[] | undefined {
  try {
    return readConfig({ ISSUER_URL: 'http://localhost', MASTER_KEYS: readFileSync(path, 'utf8').trim() })
      .masterKeys
  } catch (error) {
    if (error instanceof AppError || 'syscall' in (error as Error)) return undefined
    throw error
  }
}
