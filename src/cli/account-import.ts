// `account import`: people from a CSV file, reported row by row. A row that is refused keeps no other one
// out.

import type { Command } from 'commander'
import { readFileSync } from 'node:fs'
import type { ImportLine } from '../accounts/import.js'
import { reasonOption } from './operator.js'
import { table, type Answer, type Answering } from './output.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'

const TEXTS: Record<ImportLine['result'], string> = {
  'created': 'created',
  'would-create': 'would be created',
  'cip-invalid': 'refused: not a CIP',
  'cip-taken': 'refused: the CIP is taken',
  'cip-twice': 'refused: the CIP stands twice in the file',
  'address-invalid': 'refused: a part of the address must be 1 to 200 characters, without control characters',
  'email-invalid': 'refused: not an email address',
  'family-name-invalid': 'refused: the last name must be 1 to 100 characters, without control characters',
  'given-name-invalid': 'refused: the first name must be 1 to 100 characters, without control characters',
  'group-invalid': 'refused: a group must be 1 to 64 characters, without comma or star; at most 100 of them',
  'hash-invalid': 'refused: not a bcrypt hash',
  'locale-invalid': 'refused: the language must be fr-CA, en or empty',
  'name-invalid': 'refused: the name must be 1 to 100 characters, without control characters',
  'phone-number-invalid': 'refused: not a telephone number',
  'zoneinfo-invalid': 'refused: not a time zone such as America/Toronto',
}

export function addImportCommand(account: Command, answering: Answering, terminal: Terminal): void {
  account
    .command('import')
    .description(
      'create accounts from a CSV file: cip,name,email and further columns (docs/cli.md); without a ' +
        'password_hash a temporary password goes by mail',
    )
    .argument('<file.csv>')
    .option('--dry-run', 'check every row and change nothing')
    .addOption(reasonOption())
    .action((file: string, { dryRun = false }: { dryRun?: boolean }) =>
      answering(async () => {
        const csv = readText(file)
        if (csv === undefined) return { ok: false, fault: `"${file}" cannot be read as UTF-8 text` }
        return withServices(terminal, (context) => bringIn(context, csv, terminal.now, dryRun))
      }),
    )
}

async function bringIn(
  context: CommandContext,
  csv: string,
  now: () => number,
  isDryRun: boolean,
): Promise<Answer> {
  const { importAccounts } = await import('../accounts/import.js')
  const rows = await importAccounts(
    csv,
    { ...context, now, cipPattern: context.config.cipPattern },
    context.actor,
    isDryRun,
  )
  const refused = rows.filter(({ result }) => result !== 'created' && result !== 'would-create').length
  const report = {
    json: { dryRun: isDryRun, accepted: rows.length - refused, refused, rows },
    text: table(
      ['Line', 'CIP', 'Result'],
      rows.map(({ line, cip, result }) => [String(line), cip, TEXTS[result]]),
    ),
  }
  return refused === 0
    ? { ok: true, ...report }
    : { ok: false, fault: `${refused} of ${rows.length} rows are refused`, ...report }
}

/** A file in another encoding would give people broken names. */
function readText(path: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch {
    return undefined
  }
}
