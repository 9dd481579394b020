// The commands put together: parses the words, runs one command, prints its answer, says how it ended.
// Ends: 0 done · 1 refused, or not possible now · 2 the command was not understood.

import { Command, CommanderError } from 'commander'
import { DatabaseUnavailable, SchemaTooNew } from '../../db/errors.js'
import { AppError } from '../errors.js'
import { addAccountCommands } from './account.js'
import { addApiCommands } from './api.js'
import { addAuditCommands } from './audit.js'
import { addClientCommands } from './client.js'
import { addDoctorCommand } from './doctor.js'
import { addKeysCommands } from './keys.js'
import { addMigrateCommand } from './migrate.js'
import { oneLine, safeLines, toJson, type Answering } from './output.js'
import type { Terminal } from './command-context.js'

/** What cannot go on, in words that an operator can act on; everything else is a bug. */
const EXPLAINED = [AppError, DatabaseUnavailable, SchemaTooNew]

const REFUSED = 1
const NOT_UNDERSTOOD = 2

export async function runCli(argv: readonly string[], terminal: Terminal): Promise<number> {
  const { stdout, stderr } = terminal
  let exitCode = 0
  const fail = (message: string) => stderr.write(`error: ${oneLine(message)}\n`)

  const program = new Command('npm run --silent cli --')
    .description('The operator’s commands of Laissez-passer.')
    .option('--json', 'print exactly one JSON value')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text) => fail(text.replace(/^error: /, '')),
    })
    .showSuggestionAfterError(false)
    .exitOverride()

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
  addMigrateCommand(program, answering, terminal)
  addAccountCommands(program, answering, terminal)
  addClientCommands(program, answering, terminal)
  addApiCommands(program, answering, terminal)
  addKeysCommands(program, answering, terminal)
  addAuditCommands(program, answering, terminal)
  addDoctorCommand(program, answering, terminal)

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
