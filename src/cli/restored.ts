// `restored`: what must be done once the database was put back to an earlier moment, before the provider is
// started again. All that lets somebody in ends; what an exported audit log knows of the time between is
// listed, and stays the operator's to do again.

import type { Command } from 'commander'
import type { Ended } from '../account-actions/restoration.js'
import { verifyAuditLog } from '../audit/verification.js'
import { faultText } from './audit.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'
import { reasonOption } from './operator.js'
import { formatAt, list, table, type Answer, type Answering } from './output.js'
import { readGap, type Gap } from './restore-gap.js'

type RestoredOptions = { audit?: string; yes?: true }

export function addRestoredCommand(restored: Command, answering: Answering, terminal: Terminal): void {
  restored
    .option('--audit <file>', 'an export of the audit log, newer than the backup: lists what is forgotten')
    .addOption(reasonOption().makeOptionMandatory())
    .option('--yes', 'needed at a keyboard, not in a script')
    .action((options: RestoredOptions) =>
      answering(() => withServices(terminal, (context) => endAll(context, options))),
    )
}

async function endAll(context: CommandContext, { audit, yes }: RestoredOptions): Promise<Answer> {
  const { store, ring, actor, restoration, isInteractive } = context
  if (isInteractive && !yes)
    return { ok: false, fault: 'everybody will have to sign in again: add --yes to end all sessions' }
  const gap = audit === undefined ? undefined : await readGap(audit, store).catch(unreadable)
  if (typeof gap === 'string') return { ok: false, fault: `--audit: ${audit}: ${gap}` }
  const chain = await verifyAuditLog({ store, ring })
  const { sequence } = await store.auditEvents.readHead()
  const { through = sequence, exportedThrough = null, missing, acts } = gap ?? {}
  const ended = await restoration.endAll(actor, { through, exportedThrough })
  const report = {
    json: { ended, chain, ...(gap && { gap: { through, exportedThrough, missing, acts } }) },
    text: [endedText(ended), ...(gap === undefined ? [NO_EXPORT] : gapLines(gap, context))].join('\n'),
  }
  // A key that has left the setting is no fault of the log.
  return chain.ok || chain.fault === 'key-unknown'
    ? { ok: true, ...report }
    : { ok: false, fault: `all is ended, but of the audit log ${faultText(chain)}`, ...report }
}

const NO_EXPORT =
  'What was done after the backup is not known here: with --audit and an exported audit log it is listed.'

const endedText = ({ accounts, sessions, devices, activationCodes }: Ended): string =>
  list([
    ['Accounts', String(accounts)],
    ['Sessions ended', `${sessions}, with all grants and tokens`],
    ['Activation codes withdrawn', String(activationCodes)],
    ['Devices', `${devices}, whose codes until now are refused`],
  ])

function gapLines({ through, exportedThrough, missing, acts }: Gap, { config }: CommandContext): string[] {
  if (exportedThrough <= through)
    return [`The file ends with event ${exportedThrough}: it knows of none later.`]
  const rows = acts.map(({ sequence, occurredAt, event, cip, redo }) => [
    String(sequence),
    formatAt(Date.parse(occurredAt), config.timeZone),
    event,
    cip ?? '',
    redo,
  ])
  return [
    `Forgotten: the events ${through + 1} to ${exportedThrough}.`,
    ...(missing === 0 ? [] : [`Missing in the file: ${missing} of them.`]),
    rows.length === 0 ? 'Nothing of it has to be done again.' : 'To be looked at, and done again:',
    ...(rows.length === 0 ? [] : [table(['No', 'Time', 'Event', 'CIP', 'Do again'], rows)]),
  ]
}

function unreadable(error: unknown): string {
  if ('syscall' in (error as Error)) return (error as Error).message
  throw error
}
