// `account`: the accounts of people, and what an operator does about them. Must never take a password: one is
// made, mailed, and shown only to an operator who asks for it (PW-11).

import type { Command } from 'commander'
import { addActCommands, issuedPassword, PRINT_PASSWORD } from './account-acts.js'
import { addImportCommand } from './account-import.js'
import {
  addUpdateCommand,
  profileFault,
  profileOf,
  withProfileOptions,
  type ProfileOptions,
} from './account-profile.js'
import { listAccounts, showAccount } from './account-view.js'
import { addConsentCommands } from './consents.js'
import { reasonOption } from './operator.js'
import type { Answer, Answering } from './output.js'
import { withAccount, withServices, type CommandContext, type Terminal } from './command-context.js'

type CreateOptions = ProfileOptions & {
  name: string
  email: string
  group?: string[]
  printPassword?: true
}

export function addAccountCommands(account: Command, answering: Answering, terminal: Terminal): void {
  const creation = account
    .command('create')
    .description('create an account; its temporary password goes by mail')
    .argument('<cip>')
    .requiredOption('--name <name>', 'first and last name')
    .requiredOption('--email <address>', 'where mails go')
    .option('--group <name...>', 'groups that the person is in; may be repeated')
    .option(...PRINT_PASSWORD)
    .addOption(reasonOption())
  withProfileOptions(creation).action((cip: string, options: CreateOptions) =>
    answering(() => withServices(terminal, (context) => create(context, cip, options))),
  )

  account
    .command('list')
    .description('all accounts')
    .addOption(reasonOption())
    .action(() => answering(() => withServices(terminal, listAccounts)))

  account
    .command('show')
    .description('one account: its state, its devices, its waits')
    .argument('<cip>')
    .addOption(reasonOption())
    .action((cip: string) => answering(() => withAccount(terminal, cip, showAccount)))

  addUpdateCommand(account, answering, terminal)
  addActCommands(account, answering, terminal)
  addConsentCommands(account, answering, terminal)
  addImportCommand(account, answering, terminal)
}

async function create(context: CommandContext, cip: string, options: CreateOptions): Promise<Answer> {
  const { name, email, group: addGroups } = options
  const person = { ...profileOf(options), cip, name, email, addGroups }
  const created = await context.accounts.create(
    person,
    context.actor,
    options.printPassword ? 'print' : 'mail',
  )
  const cipForm = context.config.cipPattern === undefined ? '' : ', of the form that CIP_PATTERN demands'
  if (!created.ok) return { ok: false, fault: profileFault(created.fault, person, cipForm) }
  return issuedPassword(context, created, `Account ${created.account.cip} created.`, options.printPassword)
}
