// The commands put together: parses the words, runs one command, prints its answer, says how it ended.
// Ends: 0 done · 1 refused, or not possible now · 2 the command was not understood.

import { Command, CommanderError } from 'commander'
import { DatabaseUnavailable, SchemaTooNew } from '../../db/errors.js'
import { AppError } from '../errors.js'
import { oneLine, safeLines, toJson, type Answering } from './output.js'
import type { OutsideWorld, Terminal } from './command-context.js'

/** What cannot go on, in words that an operator can act on; everything else is a bug. */
const EXPLAINED = [AppError, DatabaseUnavailable, SchemaTooNew]

const REFUSED = 1
const NOT_UNDERSTOOD = 2

type AddCommands = (noun: Command, answering: Answering, terminal: Terminal) => void

const NOUNS: Record<string, { description: string; load: () => Promise<AddCommands> }> = {
  start: {
    description: 'start the provider',
    load: async () => (await import('./start.js')).addStartCommand,
  },
  migrate: {
    description: 'bring the database up to date',
    load: async () => (await import('./migrate.js')).addMigrateCommand,
  },
  account: {
    description: 'the accounts of people',
    load: async () => (await import('./account.js')).addAccountCommands,
  },
  client: {
    description: 'the relying parties',
    load: async () => (await import('./client.js')).addClientCommands,
  },
  api: {
    description: 'the APIs that tokens are issued for',
    load: async () => (await import('./api.js')).addApiCommands,
  },
  outbox: {
    description: 'the mails that wait or never arrived',
    load: async () => (await import('./outbox.js')).addOutboxCommands,
  },
  keys: {
    description: 'master keys and signing keys',
    load: async () => (await import('./keys.js')).addKeysCommands,
  },
  audit: {
    description: 'who did what to whom, from where, with which outcome',
    load: async () => (await import('./audit.js')).addAuditCommands,
  },
  backup: {
    description: 'copy the running database into a file',
    load: async () => (await import('./backup.js')).addBackupCommand,
  },
  restored: {
    description: 'after a restore: end what must not live again',
    load: async () => (await import('./restored.js')).addRestoredCommand,
  },
  doctor: {
    description: 'check settings, database, keys, mail and clock',
    load: async () => (await import('./doctor.js')).addDoctorCommand,
  },
}

export async function runCli(argv: readonly string[], outside: OutsideWorld): Promise<number> {
  const { stdout, stderr } = outside
  let exitCode = 0
  let reason: string | undefined
  const terminal: Terminal = { ...outside, reason: () => reason }
  const fail = (message: string) => stderr.write(`error: ${oneLine(message)}\n`)

  const program = new Command('laissez-passer')
    .description('Laissez-passer: the provider, and the operator’s commands.')
    .option('--json', 'print exactly one JSON value')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text) => fail(text.replace(/^error: /, '')),
    })
    .showSuggestionAfterError(false)
    .exitOverride()
    .hook('preAction', (_program, command) => {
      reason = command.opts<{ reason?: string }>().reason
    })

  const answering: Answering = async (work) => {
    const answer = await work()
    const isJson = program.opts()['json'] === true
    if (isJson && 'json' in answer) stdout.write(`${toJson(answer.json)}\n`)
    if (!isJson && 'text' in answer) stdout.write(`${safeLines(answer.text)}\n`)
    if (!answer.ok) {
      fail(answer.fault)
      exitCode = REFUSED
    }
  }
  for (const [name, { description, load }] of Object.entries(NOUNS)) {
    const noun = program.command(name).description(description)
    // Only what the words name is loaded, so that a command waits for nothing but its own.
    if (argv.includes(name)) (await load())(noun, answering, terminal)
  }

  try {
    await program.parseAsync(orHelp(argv, program), { from: 'user' })
    return exitCode
  } catch (error) {
    // Commander has said why
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : NOT_UNDERSTOOD
    const { message } = error as Error
    if (EXPLAINED.some((kind) => error instanceof kind)) message.split('\n').forEach(fail)
    else fail(`this should not happen: ${message}`)
    return REFUSED
  }
}

/** Nothing, or a noun alone, asks what there is. */
function orHelp(argv: readonly string[], program: Command): string[] {
  const [noun] = argv
  const isNounAlone =
    argv.length === 1 &&
    program.commands.some((command) => command.name() === noun && command.commands.length > 0)
  return argv.length === 0 || isNounAlone ? [...argv, '--help'] : [...argv]
}
