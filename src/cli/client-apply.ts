// `client apply`: makes the relying parties what a file says they are. The file is YAML or JSON: a list of
// client records, or an object whose `clients` is one. Clients that it does not name are left alone.

import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import { clientMetadata } from '../oidc/client-metadata.js'
import type { Applied } from '../oidc/clients.js'
import type { Answer, Answering } from './output.js'
import { reasonOption } from './operator.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'

type Metadata = Record<string, unknown>
type Change = { before?: unknown; after?: unknown }
type Entry = {
  client_id: string
  result: Applied['result']
  changes: Record<string, Change>
  client_secret?: string
}

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
  const before = new Map(
    (await clients.list()).map((client): [string, Metadata] => [client.client_id, client]),
  )
  const outcome = await clients.apply(records, actor, isDryRun)
  if (!outcome.ok) return outcome
  const entries = outcome.applied.map((applied, index): Entry => {
    const { clientId, result } = applied
    const after: Metadata = clientMetadata.parse(records[index])
    const members = result === 'created' ? Object.keys(after) : result === 'changed' ? applied.changed : []
    const changes = members.map((member): [string, Change] => [
      member,
      { before: before.get(clientId)?.[member], after: after[member] },
    ])
    const secret = outcome.secrets[clientId]
    return {
      client_id: clientId,
      result,
      changes: Object.fromEntries(changes),
      ...(secret !== undefined && { client_secret: secret }),
    }
  })
  const text = [...(isDryRun ? ['A dry run: nothing is changed.'] : []), ...entries.map(entryText)].join('\n')
  return { ok: true, json: entries, text: text === '' ? 'The file names no client.' : text }
}

function entryText({ client_id: clientId, result, changes, client_secret: secret }: Entry): string {
  const side = (sign: string, member: string, value: unknown) =>
    value === undefined ? [] : [`  ${sign} ${member}: ${JSON.stringify(value)}`]
  const lines = Object.entries(changes).flatMap(([member, { before, after }]) => [
    ...side('-', member, before),
    ...side('+', member, after),
  ])
  const shown = secret === undefined ? [] : [`  client_secret  ${secret}`, '  The secret is not shown again.']
  return [`${clientId}: ${result}`, ...lines, ...shown].join('\n')
}

/** The records of the file, or what is wrong with it. */
async function readRecords(path: string): Promise<Metadata[] | string> {
  const { parse, YAMLParseError } = await import('yaml')
  try {
    const value: unknown = parse(readFileSync(path, 'utf8'), { logLevel: 'error' })
    const records: unknown = isRecord(value) ? value['clients'] : value
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
