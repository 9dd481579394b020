// `account import`: people from a CSV file, reported row by row. A row that is refused keeps no other one
// out, and one that was cut off in the middle is run again.

import type { Command } from 'commander'
import { readFileSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ImportLine, ImportOptions, ImportSuccess } from '../accounts/import.js'
import { withServices, type CommandContext, type Terminal } from './command-context.js'
import { reasonOption } from './operator.js'
import { table, type Answer, type Answering } from './output.js'

type Options = { dryRun?: boolean; update?: boolean; reason?: string }

const SUCCESSES: Record<ImportSuccess, string> = {
  'created': 'created',
  'would-create': 'would be created',
  'updated': 'updated',
  'would-update': 'would be updated',
  'unchanged': 'unchanged',
}
const TEXTS: Record<ImportLine['result'], string> = {
  ...SUCCESSES,
  'account-gone': 'refused: the account was erased meanwhile',
  'cip-invalid': 'refused: not a CIP',
  'cip-taken': 'refused: the CIP is taken, and what is known differs (--update corrects it)',
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
  'row-invalid': 'refused: more cells than columns, or a quotation mark out of place',
  'row-too-long': 'refused: the row is too long',
  'zoneinfo-invalid': 'refused: not a time zone such as America/Toronto',
}

const MOST_BYTES = 64 * 2 ** 20
/** Between two batches people sign in: on SQLite whoever waits for the lock looks again ten times a second. */
const PAUSE_MS = 100

export function addImportCommand(account: Command, answering: Answering, terminal: Terminal): void {
  account
    .command('import')
    .description(
      'create accounts from a CSV file: cip,name,email and further columns (docs/cli.md); without a ' +
        'password_hash a temporary password goes by mail',
    )
    .argument('<file.csv>')
    .option('--dry-run', 'check every row and change nothing')
    .option('--update', 'correct people who are there otherwise than the file says; needs --reason')
    .addOption(reasonOption())
    .action((file: string, options: Options, command: Command) =>
      answering(async () => {
        if (options.update && options.reason === undefined)
          return { ok: false, fault: '--update changes what is said about people: add --reason <text>' }
        const bytes = readBytes(file)
        if (typeof bytes === 'string') return { ok: false, fault: bytes }
        const isShown = terminal.isInteractive && command.optsWithGlobals()['json'] !== true
        const progress = createProgress(terminal, isShown, options.dryRun ? 0 : PAUSE_MS)
        return withServices(terminal, (context) =>
          bringIn(context, bytes, options, progress.show).finally(progress.end),
        )
      }),
    )
}

/** Shows how far it is, on one line that is written again and again, and rests. */
function createProgress({ stderr }: Terminal, isShown: boolean, pauseMs: number) {
  let isBegun = false
  return {
    show: async (done: number, total: number): Promise<void> => {
      if (isShown) stderr.write(`\r${number(done)} of ${number(total)} rows`)
      isBegun ||= isShown
      if (done < total) await sleep(pauseMs)
    },
    end: (): void => {
      if (isBegun) stderr.write('\n')
    },
  }
}

async function bringIn(
  context: CommandContext,
  bytes: Uint8Array,
  { dryRun = false, update = false }: Options,
  afterBatch: ImportOptions['afterBatch'] & {},
): Promise<Answer> {
  const [{ importAccounts }, { decodeText }] = await Promise.all([
    import('../accounts/import.js'),
    import('../accounts/import-file.js'),
  ])
  const rows = await importAccounts(
    decodeText(bytes),
    { ...context, cipPattern: context.config.cipPattern },
    context.actor,
    { isDryRun: dryRun, isUpdate: update, afterBatch },
  )
  const refused = rows.filter(({ result }) => !(result in SUCCESSES)).length
  const report = {
    json: { dryRun, accepted: rows.length - refused, refused, rows },
    text: textOf(rows),
  }
  return refused === 0
    ? { ok: true, ...report }
    : { ok: false, fault: `${refused} of ${rows.length} rows are refused`, ...report }
}

/** Of thousands that went well nobody reads a list. */
function textOf(rows: readonly ImportLine[]): string {
  const counts = (Object.keys(SUCCESSES) as ImportSuccess[])
    .map((success) => [success, rows.filter(({ result }) => result === success).length] as const)
    .filter(([, count]) => count > 0)
    .map(([success, count]) => `${SUCCESSES[success]}: ${number(count)}`)
  const others = rows
    .filter(({ result }) => !(result in SUCCESSES))
    .map(({ line, cip, result }) => [String(line), cip || '—', TEXTS[result]])
  return [...(others.length === 0 ? [] : [table(['Line', 'CIP', 'Result'], others)]), ...counts].join('\n')
}

const number = (count: number): string => count.toLocaleString('en-CA')

function readBytes(path: string): Uint8Array | string {
  try {
    if (statSync(path).size > MOST_BYTES) return `"${path}" is larger than 64 MiB: import it in parts`
    return readFileSync(path)
  } catch (error) {
    return `"${path}" cannot be read (${(error as NodeJS.ErrnoException).code})`
  }
}
