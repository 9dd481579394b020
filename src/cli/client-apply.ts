// `client apply`: makes the relying parties what a file says they are. The file is YAML or JSON: a list of
// client records, an object whose `clients` is one, or a single record, as `client show --json` prints it.
// Clients that it does not name are left alone.

import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { entryOf, entryText } from './client-entry.js'
import type { Metadata } from './client-options.js'
import type { Answer, Answering } from './output.js'
import { reasonOption } from './operator.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'

export function addApplyCommand(client: Command, answering: Answering, terminal: Terminal): void {
  client
    .command('apply')
    .description(
      'create and change relying parties as a file says, all or none; new secrets are printed once',
    )
    .argument('<clients.yaml|clients.json>')
    .option('--dry-run', 'show the differences and change nothing')
    .addOption(reasonOption())
    .action((file: string, { dryRun = false }: { dryRun?: boolean }) =>
      answering(async () => {
        const records = await readRecords(file)
        return typeof records === 'string'
          ? { ok: false, fault: records }
          : withServices(terminal, (context) => apply(context, records, dryRun))
      }),
    )
}

async function apply(
  { clients, actor }: CommandContext,
  records: readonly Metadata[],
  isDryRun: boolean,
): Promise<Answer> {
  const outcome = await clients.apply(records, actor, isDryRun)
  if (!outcome.ok) return outcome
  const entries = outcome.applied.map((applied) => entryOf(applied, outcome.secrets[applied.clientId]))
  const text = [...(isDryRun ? ['A dry run: nothing is changed.'] : []), ...entries.map(entryText)].join('\n')
  return { ok: true, json: entries, text: text === '' ? 'The file names no client.' : text }
}

/** The records of the file, or what is wrong with it. */
async function readRecords(path: string): Promise<Metadata[] | string> {
  const { parse, YAMLParseError } = await import('yaml')
  try {
    const value: unknown = parse(readFileSync(path, 'utf8'), { logLevel: 'error' })
    const isOne = isRecord(value) && 'client_id' in value
    const records: unknown = isOne ? [value] : isRecord(value) ? value['clients'] : value
    if (!Array.isArray(records) || !records.every(isRecord))
      return `"${path}" holds no list of client records`
    const ids = records.map((record) => JSON.stringify(record['client_id']))
    const twice = ids.find((id, index) => ids.indexOf(id) !== index)
    return twice === undefined ? records : `client ${twice} stands twice in "${path}"`
  } catch (error) {
    // The first line alone: a piece of the file follows.
    if (error instanceof YAMLParseError)
      return `"${path}" is neither YAML nor JSON: ${String(error.message.split('\n')[0]).replace(/:$/, '')}`
    return `"${path}" cannot be read`
  }
}

const isRecord = (value: unknown): value is Metadata =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
